import { leafOfLine, parseOfflineProof, verifyInclusion } from '@commitments/transparency'
import { type CallersGiven, findCallers } from '../callers/offline.ts'
import { idOfOrigin, originOfNote } from '../log/identity.ts'
import { fingerprintOf, givenKeys, keyMaterial, type LogKeys, vkeyLines } from '../log/keys.ts'
import { rootOfLeaves } from '../log/leaves.ts'
import { findMemory, keptLeaves, type Memory, openMemory, unreadChecks } from '../log/memory.ts'
import { givenWitnesses } from '../log/witnesses.ts'
import { lineSplitter, splitLines } from '../source/lines.ts'
import { eventsOf } from '../status/fold.ts'
import {
  CannotCheck,
  type Check,
  type Finding,
  held,
  leftOut,
  notChecked,
  type Verdict,
  verdictOf,
} from '../verdict.ts'
import { type Anchor, checkWitnesses, openAnchor } from '../verify/anchors.ts'
import { type Envelope, envelopeOf, formFault } from '../verify/check-line.ts'
import { checkErasure, erasureCheck, erasureFinding } from '../verify/erasures.ts'
import { checkPolicy, givenPolicy, keysOfPolicy } from '../verify/policy.ts'
import { givenBy, keptKeys, keyFinding } from '../verify/trust.ts'
import type { About } from './content.ts'
import { derivedFiles } from './derived-files.ts'
import { checkSums, type PackFiles, readPack } from './read.ts'

/** An event of a pack: its bytes, and its envelope. */
interface Packed {
  readonly line: Buffer
  readonly envelope: Envelope
}

const packedCheckpoint = 'the checkpoint of the pack'

interface PackGiven extends CallersGiven {
  readonly keys?: readonly string[]
  readonly witnesses?: readonly string[]
  /** File with a policy (C2SP tlog-policy). */
  readonly policy?: string | undefined
  /** The memory of the log from earlier checks: its folder, or the folder of all memories. */
  readonly memory?: string | undefined
  readonly memories?: string | undefined
}

/**
 * Checks a pack without network: the files, the form and order of the events, the signature, a proof for each event, and that everything
 * else in the pack agrees with the events. The key comes from outside the pack, or from an earlier check of the log: anybody can make a
 * pack with their own key. @throws CannotCheck if the folder is not a pack
 */
export async function verifyPack(folder: string, given: PackGiven = {}): Promise<Verdict> {
  const { files, foreign } = await readPack(folder)
  const about = aboutIn(files)
  const memory = await memoryOf(files, given)
  const policy = await givenPolicy(given.policy)
  const keys = await keysOf(files, folder, [...(given.keys ?? []), ...keysOfPolicy(policy)], memory)
  const signed = openAnchor((files.get('checkpoint') as Buffer).toString('utf8'), keys?.vkeys ?? [], packedCheckpoint)
  const witnesses = await givenWitnesses(given.witnesses ?? [])
  const stream = readStream(files, about)
  const events = Array.isArray(stream) ? stream : []
  const within = { since: events[0]?.envelope.recordedAt, now: new Date() }
  const checks: Check[] = [
    { name: 'files', finding: checkSums(files, foreign) },
    { name: 'stream', finding: Array.isArray(stream) ? streamSentence(stream, about) : stream },
    { name: 'signature', finding: signed.finding },
    { name: 'key', finding: packKeyFinding(keys) },
    ...keptFindings(signed.anchor, memory, 'pack'),
    {
      name: 'witnesses',
      finding: checkWitnesses(
        signed.anchor,
        witnesses.map(({ verifier }) => verifier),
        within,
      ),
    },
    ...checkPolicy(policy, signed.anchor, within),
    ...unreadChecks(memory),
    { name: 'proofs', finding: checkProofs(files, events, signed.anchor) },
    { name: 'callers', finding: await findCallers(events, signed.anchor?.origin, given) },
    ...erasedIn(events),
    { name: 'files', finding: checkDerived(files, about, events, signed.anchor) },
  ]
  const subject = {
    source: folder,
    proposalId: about.proposalId,
    events: events.length,
    ...signedSubject(signed.anchor),
  }
  return verdictOf(checks, { valid: validSentence(about, events, signed.anchor), subject })
}

/** The event that records an erasure is one of its proposal, and so in the same pack. */
function erasedIn(events: readonly Packed[]): Check[] {
  const check = erasureCheck()
  for (const { envelope, line } of events) checkErasure(check, envelope, line)
  const finding = erasureFinding(check)
  return finding ? [{ name: 'erased', finding }] : []
}

function signedSubject(anchor: Anchor | null) {
  return anchor ? { origin: anchor.origin, size: anchor.size } : {}
}

function validSentence({ proposalId }: About, events: readonly Packed[], anchor: Anchor | null): string {
  return (
    `each of the ${events.length} events of ${proposalId} stood at its position in the log that ${anchor?.origin} signed at size ${anchor?.size}, ` +
    `exactly as it is here. That there was no later one among them only the whole log can show.`
  )
}

function aboutIn(files: PackFiles): About {
  try {
    const about = JSON.parse((files.get('about.json') as Buffer).toString('utf8')) as About
    if (about.form === 2 && typeof about.proposalId === 'string' && Array.isArray(about.checked)) return about
  } catch {
    // Reported below.
  }
  throw new CannotCheck('about.json of the pack cannot be read, or the pack was made by another version of the program')
}

async function memoryOf(files: PackFiles, { memory, memories }: PackGiven): Promise<Memory | null> {
  if (memory !== undefined) return openMemory(memory)
  if (memories === undefined) return null
  const id = idOfOrigin(originOfNote((files.get('checkpoint') as Buffer).toString('utf8')))
  const keys = ownKeys(files).flatMap((vkey) => keyMaterial(vkey) ?? [])
  return findMemory(memories, { id, keys, firstLeaf: null, address: null })
}

function ownKeys(files: PackFiles): string[] {
  return vkeyLines(files.get('vkey')?.toString('utf8') ?? '')
}

async function keysOf(
  files: PackFiles,
  folder: string,
  given: readonly string[],
  memory: Memory | null,
): Promise<LogKeys | null> {
  const own = ownKeys(files)
  if (given.length > 0) return givenBy(await givenKeys(given, own), own)
  if (memory?.kept) return keptKeys(memory.kept, own)
  return own.length > 0 ? { vkeys: own, origin: { from: 'first-use', where: `${folder}/vkey` }, others: [] } : null
}

/** A key from the pack itself only shows that the pack is consistent. */
function packKeyFinding(keys: LogKeys | null): Finding {
  if (keys?.origin.from !== 'first-use') return keyFinding(keys)
  return notChecked(
    'the key came with the pack, and anybody can make a pack with a key of their own: give the key of the log, or its fingerprint, with --key. ' +
      `The pack names ${keys.vkeys.map(fingerprintOf).join(' and ')}; compare that with what the operator of the log has published, and not with what came with the pack`,
  )
}

/** Whether what was signed then, a pack or a proof, belongs to the history that the log had when it was checked. */
export function keptFindings(anchor: Anchor | null, memory: Memory | null, what: 'pack' | 'proof'): Check[] {
  const leaves = anchor && memory ? keptLeaves(memory) : null
  if (!anchor || !leaves) return []
  try {
    if (leaves.size < anchor.size) return []
    const checkedAt = memory?.kept?.checkedAt
    const finding: Finding = rootOfLeaves(leaves, anchor.size).equals(anchor.root)
      ? held(`The ${what} is of the log that was checked here at ${checkedAt}.`)
      : {
          outcome: 'broken',
          because: `the log forked: ${anchor.what} (size ${anchor.size}) is signed, and is not what was there when the log was checked here at ${checkedAt}`,
        }
    return [{ name: 'earlier', finding }]
  } finally {
    leaves.dispose()
  }
}

/** The events in their order, or the first one that is out of place. */
function readStream(files: PackFiles, { proposalId }: About): Packed[] | Finding {
  const packed: Packed[] = []
  const splitter = lineSplitter()
  let fault: Finding | null = null
  splitLines(splitter, files.get('events.ndjson') as Buffer, (line) => {
    const envelope = envelopeOf(line)
    fault = faultOf(packed.at(-1)?.envelope, envelope, line, proposalId)
    if (typeof envelope !== 'string') packed.push({ line: Buffer.from(line), envelope })
    return fault === null
  })
  if (fault === null && splitter.rest.length > 0)
    return { outcome: 'broken', because: 'events.ndjson ends in the middle of a line' }
  return fault ?? packed
}

function faultOf(
  before: Envelope | undefined,
  envelope: Envelope | string,
  line: Buffer,
  proposalId: string,
): Finding | null {
  if (typeof envelope === 'string') return { outcome: 'broken', because: `of an event of the pack ${envelope}` }
  const because = orderFault(before, envelope, proposalId) ?? formFault(line)
  return because === null ? null : { outcome: 'broken', position: envelope.position, because }
}

function orderFault(
  before: Envelope | undefined,
  { proposalId, version, position, recordedAt }: Envelope,
  wanted: string,
): string | null {
  if (proposalId !== wanted) return `it is an event of ${proposalId}, in a pack about ${wanted}`
  if (version !== (before?.version ?? 0) + 1)
    return `it is version ${version}, and the event before it is version ${before?.version ?? 0}`
  if (position <= (before?.position ?? 0)) return 'its position is not after that of the event before it'
  return recordedAt < (before?.recordedAt ?? '') ? 'it was recorded before the event in front of it' : null
}

function streamSentence(packed: readonly Packed[], { proposalId }: About): Finding {
  return held(`${packed.length} events of ${proposalId}, versions 1 to ${packed.length} without a gap, in order.`)
}

function checkProofs(files: PackFiles, events: readonly Packed[], anchor: Anchor | null): Finding {
  // The check of the signature says why there is none.
  if (!anchor) return leftOut('Without a checkpoint whose signature holds, no proof can be checked.')
  if (events.length === 0) return notChecked('there are no events to prove')
  for (const { line, envelope } of events) {
    const because = proofFault(files, line, envelope, anchor)
    if (because !== null) return { outcome: 'broken', position: envelope.position, because }
  }
  return held(`For each of ${events.length} events a proof leads from its line to the root that was signed.`)
}

function proofFault(
  files: PackFiles,
  line: Buffer,
  { position }: Envelope,
  { note, size, root }: Anchor,
): string | null {
  const file = files.get(`proofs/${position}.tlog-proof`)
  if (!file) return 'the pack has no proof for it'
  const proof = parseOfflineProof(file)
  if (!proof) return 'its proof cannot be read'
  if (proof.checkpoint !== note) return 'its proof is about another checkpoint than the one in the pack'
  if (proof.index !== position - 1) return `its proof is about position ${proof.index + 1}`
  const claim = { leaf: leafOfLine(line), index: proof.index, size, proof: proof.hashes, root }
  return verifyInclusion(claim) ? null : 'its line is not the one that was signed: its proof leads to another root'
}

/** Evidence, status and page must agree with the events. */
function checkDerived(files: PackFiles, about: About, packed: readonly Packed[], anchor: Anchor | null): Finding {
  if (!anchor || packed.length === 0)
    return leftOut('Evidence, status and page were not compared with what could not be checked.')
  const events = eventsOf(packed.map(({ line }) => line))
  const checkpoint = { origin: anchor.origin, size: anchor.size, root: anchor.root.toString('base64') }
  const vkeys = vkeyLines(files.get('vkey')?.toString('utf8') ?? '')
  const derived = derivedFiles({ about, events, checkpoint, vkeys })
  const other = [...derived].find(([path, bytes]) => !files.get(path)?.equals(bytes))
  if (other) return { outcome: 'broken', because: `${other[0]} differs from the result of the events in the pack` }
  return held('The list of evidence, the status and the page say what the events say.')
}
