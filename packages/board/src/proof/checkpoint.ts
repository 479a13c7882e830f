/** The signed checkpoint: a C2SP signed note whose text is a tlog-checkpoint, and the keys that verify it. */
import { type Bytes, fromBase64, hashIn, hex, sha256, utf8 } from './bytes.ts'
import type { Tree } from './tree.ts'

/** A key of the log, by its own bytes: its name changes with every accepted restore, the key does not. */
export interface LogKey {
  readonly name: string
  readonly vkey: string
  readonly publicKey: Bytes
  /** As auditors write it: `sha256:…`. */
  readonly fingerprint: string
}

export interface Checkpoint extends Tree {
  readonly origin: string
  readonly logId: string
}

/** What a witness added below the checkpoint. This browser has no key of a witness, and checks none. */
interface Cosignature {
  readonly name: string
  readonly at: string
}

/** Why this browser cannot check anything: the page did not come over a secure connection, or it knows no Ed25519. */
type Unable = 'insecure' | 'no-ed25519'

type Checked =
  | {
      readonly outcome: 'verified'
      readonly checkpoint: Checkpoint
      readonly note: string
      /** The keys whose signatures were verified. */
      readonly signers: readonly LogKey[]
      readonly cosignatures: readonly Cosignature[]
    }
  | { readonly outcome: 'mismatch'; readonly why: 'not-a-checkpoint' | 'not-a-key' | 'bad-signature' | 'not-signed' }
  | { readonly outcome: 'unable'; readonly why: Unable }

export type CheckedCheckpoint = Checked
export type VerifiedCheckpoint = Extract<Checked, { readonly outcome: 'verified' }>

/** Whether the note is a checkpoint that is signed with one of the keys. A signature that claims one of them and is wrong refutes it. */
export async function checkCheckpoint(note: string, vkeys: string): Promise<Checked> {
  if (!canHash()) return { outcome: 'unable', why: 'insecure' }
  const parsed = parseNote(note)
  const checkpoint = parsed === null ? null : parseCheckpoint(parsed.text)
  if (parsed === null || checkpoint === null) return { outcome: 'mismatch', why: 'not-a-checkpoint' }
  const keys = await Promise.all(vkeys.trim().split('\n').map(parseKey))
  if (!keys.every((key) => key !== null)) return { outcome: 'mismatch', why: 'not-a-key' }
  const signers: LogKey[] = []
  for (const key of keys) {
    const verify = await verifierOf(key)
    if (verify === null) return { outcome: 'unable', why: 'no-ed25519' }
    const signatures = parsed.signatures.filter(({ name, keyId }) => name === key.name && keyId === key.keyId)
    for (const { signature } of signatures)
      if (!(await verify(signature, utf8(parsed.text)))) return { outcome: 'mismatch', why: 'bad-signature' }
    if (signatures.length > 0) signers.push(key)
  }
  if (signers.length === 0) return { outcome: 'mismatch', why: 'not-signed' }
  return { outcome: 'verified', checkpoint, note, signers, cosignatures: cosignaturesIn(parsed.signatures) }
}

/** Without a secure connection, a browser has no `crypto.subtle`. */
function canHash(): boolean {
  return (globalThis.crypto as Partial<Crypto> | undefined)?.subtle !== undefined
}

async function verifierOf({
  publicKey,
}: LogKey): Promise<((signature: Bytes, text: Bytes) => Promise<boolean>) | null> {
  try {
    const key = await crypto.subtle.importKey('raw', publicKey, { name: 'Ed25519' }, false, ['verify'])
    return (signature, text) => crypto.subtle.verify('Ed25519', key, signature, text)
  } catch {
    return null
  }
}

interface Note {
  /** Everything that is signed. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

interface NoteSignature {
  readonly name: string
  readonly keyId: string
  readonly signature: Bytes
}

/** The last empty line parts the text from its signatures. */
function parseNote(note: string): Note | null {
  const end = note.lastIndexOf('\n\n')
  if (end === -1 || !note.endsWith('\n')) return null
  const lines = note.slice(end + 2, -1).split('\n')
  const signatures = lines.map(parseSignature)
  return signatures.every((one) => one !== null) ? { text: note.slice(0, end + 1), signatures } : null
}

function parseSignature(line: string): NoteSignature | null {
  const [, name, encoded] = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u.exec(line) ?? []
  const bytes = encoded === undefined ? null : fromBase64(encoded)
  if (name === undefined || bytes === null || bytes.length < 5) return null
  return { name, keyId: hex(bytes.slice(0, 4)), signature: bytes.slice(4) }
}

/** The checkpoint in the text of a note; null if it is none. */
function parseCheckpoint(text: string): Checkpoint | null {
  const [origin = '', sizeText = '', rootText, ...rest] = text.split('\n')
  const root = hashIn(rootText)
  const size = /^(?:0|[1-9]\d{0,15})$/.test(sizeText) ? Number(sizeText) : Number.NaN
  if (origin === '' || root === null || !Number.isSafeInteger(size) || rest.at(-1) !== '') return null
  return { origin, size, root, logId: origin.slice(origin.lastIndexOf('/') + 1) }
}

/** What is in a checkpoint that was verified when it was kept. */
export function keptCheckpoint(note: string): Checkpoint | null {
  const parsed = parseNote(note)
  return parsed === null ? null : parseCheckpoint(parsed.text)
}

/** A line of `/log/vkey`: name, key id, and the key; null if the id is not that of the key, or the key is not Ed25519. */
export async function parseKey(vkey: string): Promise<(LogKey & { readonly keyId: string }) | null> {
  const [, name, keyId, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/u.exec(vkey) ?? []
  const bytes = encoded === undefined ? null : fromBase64(encoded)
  if (name === undefined || keyId === undefined || bytes?.length !== 33 || bytes[0] !== 1) return null
  const id = await sha256(utf8(`${name}\n`), bytes)
  if (hex(id.slice(0, 4)) !== keyId) return null
  const publicKey = bytes.slice(1)
  return { name, keyId, vkey, publicKey, fingerprint: `sha256:${hex(await sha256(publicKey))}` }
}

/** A cosignature is as long as a time and an Ed25519 signature together; the log's own signatures have no time. */
function cosignaturesIn(signatures: readonly NoteSignature[]): Cosignature[] {
  return signatures.flatMap(({ name, signature }) => {
    if (signature.length !== 8 + 64) return []
    const seconds = Number(new DataView(signature.buffer).getBigUint64(0))
    const at = new Date(seconds * 1_000)
    return Number.isNaN(at.getTime()) ? [] : [{ name, at: at.toISOString() }]
  })
}
