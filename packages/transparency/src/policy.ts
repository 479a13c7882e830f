/** Policies (C2SP tlog-policy): which logs are accepted, and which of their witnesses must have cosigned. */
import { fromUtf8 } from './bytes.ts'
import { parseWitnessKey } from './cosignature.ts'
import { parseVerifierKey, signatureTypes, vkeyParts } from './keys.ts'
import type { NoteVerifier } from './note.ts'

/** A log or a witness of a policy. */
export interface PolicyKey {
  readonly vkey: string
  /** The name in the verifier key: of a log its origin, of a witness its name in cosignatures. */
  readonly keyName: string
  /** Null for a key whose signatures cannot be verified here (ML-DSA-44); nothing of it counts. */
  readonly verifier: NoteVerifier | null
  /** Where it is reached; the meaning depends on who uses the policy. */
  readonly url: string | null
}

export interface PolicyWitness extends PolicyKey {
  /** What the file calls it. */
  readonly title: string
}

/** A group witnesses a checkpoint if `threshold` of its members do. */
interface PolicyGroup {
  readonly title: string
  readonly threshold: number
  readonly members: readonly Member[]
}

type Member = PolicyWitness | PolicyGroup

export interface Policy {
  readonly logs: readonly PolicyKey[]
  readonly witnesses: readonly PolicyWitness[]
  /** Null: `quorum none`, so no cosignature is required. */
  readonly quorum: Member | null
}

export type ParsedPolicy =
  | { readonly outcome: 'policy'; readonly policy: Policy }
  /** Whole sentence, with the line where there is one. */
  | { readonly outcome: 'malformed'; readonly detail: string }

/** Far above the 32 logs, 32 witnesses and 32 groups that are to be supported. */
const maxBytes = 1_000_000

/** Parses the octets of a policy file, or says what is wrong with it, and in which line. Never throws. */
export function parsePolicy(file: Uint8Array): ParsedPolicy {
  if (file.length > maxBytes) return { outcome: 'malformed', detail: `A policy has at most ${maxBytes} bytes.` }
  // "Names must be handled as opaque octet strings": one character for each octet.
  const text = Buffer.from(file).toString('latin1')
  if (text !== '' && !text.endsWith('\n'))
    return { outcome: 'malformed', detail: 'The last line does not end in a newline: is the file complete?' }
  const draft: Draft = {
    logs: [],
    witnesses: [],
    names: new Map(),
    members: new Set(),
    keys: new Set(),
    quorum: undefined,
  }
  for (const [index, line] of text.split('\n').slice(0, -1).entries()) {
    const fault = takeLine(draft, line)
    if (fault !== null) return { outcome: 'malformed', detail: `Line ${index + 1}: ${fault}.` }
  }
  const { logs, witnesses, quorum } = draft
  if (quorum === undefined) return { outcome: 'malformed', detail: 'There is no line `quorum <name>`.' }
  return { outcome: 'policy', policy: { logs, witnesses, quorum } }
}

/** Whether these witnesses together are enough. */
export function reachesQuorum({ quorum }: Policy, cosigned: ReadonlySet<PolicyWitness>): boolean {
  return quorum === null || isWitnessedBy(quorum, cosigned)
}

function isWitnessedBy(member: Member, cosigned: ReadonlySet<PolicyWitness>): boolean {
  if ('vkey' in member) return cosigned.has(member)
  return member.members.filter((one) => isWitnessedBy(one, cosigned)).length >= member.threshold
}

/** The quorum in words, such as "2 of (X1, X2, X3)". */
export function quorumText({ quorum }: Policy): string {
  return quorum === null ? 'no cosignature' : memberText(quorum)
}

function memberText(member: Member): string {
  if ('vkey' in member) return member.title
  return `${member.threshold} of (${member.members.map(memberText).join(', ')})`
}

interface Draft {
  readonly logs: PolicyKey[]
  readonly witnesses: PolicyWitness[]
  /** Witnesses and groups: they "share a single namespace". */
  readonly names: Map<string, Member>
  /** Names that are members of a group. */
  readonly members: Set<string>
  /** Public keys, of logs and of witnesses. */
  readonly keys: Set<string>
  quorum: Member | null | undefined
}

/** What is wrong with the line, as the end of a sentence; null if nothing is. */
function takeLine(draft: Draft, line: string): string | null {
  if (/[^\t\x20-\x7e\x80-\xff]/.test(line)) return 'it has a control character, such as a carriage return'
  const [keyword = '', ...items] = line.split(/[ \t]+/).filter((item) => item !== '')
  if (keyword === '' || keyword.startsWith('#')) return null
  const take = takers.get(keyword)
  return take ? take(draft, items) : `\`${shown(keyword)}\` is none of \`log\`, \`witness\`, \`group\`, \`quorum\``
}

type Take = (draft: Draft, items: readonly string[]) => string | null

const takers: ReadonlyMap<string, Take> = new Map<string, Take>([
  ['log', takeLog],
  ['witness', takeWitness],
  ['group', takeGroup],
  ['quorum', takeQuorum],
])

function takeLog(draft: Draft, [vkey, url, ...more]: readonly string[]): string | null {
  if (vkey === undefined || more.length > 0) return 'a log is `log <vkey> [<url>]`'
  const key = readKey(vkey, url, parseVerifierKey)
  if (key === null) return `\`${shown(vkey)}\` is no verifier key of a log (signature type 0x01 or 0x06)`
  if (isRepeated(draft, 'log', key)) return 'the key of this log is in an earlier line'
  draft.logs.push(key)
  return null
}

function takeWitness(draft: Draft, [name, vkey, url, ...more]: readonly string[]): string | null {
  if (name === undefined || vkey === undefined || more.length > 0) return 'a witness is `witness <name> <vkey> [<url>]`'
  const key = readKey(vkey, url, parseWitnessKey)
  if (key === null) return `\`${shown(vkey)}\` is no verifier key of a witness (signature type 0x04 or 0x06)`
  if (isRepeated(draft, 'witness', key)) return 'the key of this witness is in an earlier line'
  const witness = { ...key, title: decoded(name) }
  draft.witnesses.push(witness)
  return define(draft, name, witness)
}

function takeGroup(draft: Draft, [name, rule, ...names]: readonly string[]): string | null {
  if (name === undefined || rule === undefined || names.length === 0)
    return 'a group is `group <name> all|any|<k> <name>…`, with one member at least'
  const threshold = rule === 'all' ? names.length : rule === 'any' ? 1 : /^[1-9]\d{0,8}$/.test(rule) ? Number(rule) : 0
  if (threshold < 1 || threshold > names.length)
    return `\`${shown(rule)}\` is neither \`all\`, \`any\` nor a number from 1 to ${names.length}, the members of the group`
  const members: Member[] = []
  for (const member of names) {
    const known = draft.names.get(member)
    if (known === undefined) return `\`${shown(member)}\` is no witness or group of an earlier line`
    if (draft.members.has(member)) return `\`${shown(member)}\` is a member already: each name may be one only once`
    draft.members.add(member)
    members.push(known)
  }
  return define(draft, name, { title: decoded(name), threshold, members })
}

function takeQuorum(draft: Draft, [name, ...more]: readonly string[]): string | null {
  if (name === undefined || more.length > 0) return 'a quorum is `quorum <name>`'
  if (draft.quorum !== undefined) return 'an earlier line has the quorum'
  const found = name === none ? null : draft.names.get(name)
  if (found === undefined) return `\`${shown(name)}\` is no witness or group of an earlier line`
  draft.quorum = found
  return null
}

/** "The special name `none` is predefined." */
const none = 'none'

function define({ names }: Draft, name: string, member: Member): string | null {
  if (name === none || names.has(name)) return `the name \`${shown(name)}\` is taken`
  names.set(name, member)
  return null
}

/** "Two vkeys are considered duplicate if they wrap the same underlying public key." */
function isRepeated({ keys }: Draft, kind: string, { vkey }: PolicyKey): boolean {
  const material = `${kind} ${vkeyParts(vkey)?.publicKey.toString('base64')}`
  if (keys.has(material)) return true
  keys.add(material)
  return false
}

function readKey(
  octets: string,
  url: string | undefined,
  read: (vkey: string) => NoteVerifier | null,
): PolicyKey | null {
  const vkey = fromUtf8(Buffer.from(octets, 'latin1'))
  const parts = vkey === null ? null : vkeyParts(vkey)
  if (vkey === null || parts === null) return null
  const verifier = read(vkey)
  if (verifier === null && parts.type !== signatureTypes.mlDsa44) return null
  return { vkey, keyName: parts.name, verifier, url: url === undefined ? null : decoded(url) }
}

/** Octets as people read them, "using UTF-8 … is strongly recommended". */
function decoded(octets: string): string {
  return Buffer.from(octets, 'latin1').toString('utf8')
}

/** The same, for a sentence. */
function shown(octets: string): string {
  return decoded(octets).slice(0, 300)
}
