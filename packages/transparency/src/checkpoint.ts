import { fromDecimal, hashFromBase64, isCount } from './bytes.ts'
import { type Hash, isHash } from './hash.ts'
import { type NoteSignature, type NoteVerifier, openNote } from './note.ts'

/** What a log states when it signs (C2SP tlog-checkpoint, Note text). */
export interface Checkpoint {
  /** "A unique identifier for the log identity which issued the checkpoint." */
  readonly origin: string
  /** Number of leaves. */
  readonly size: number
  readonly root: Hash
  /** Opaque further lines. Ours has none, because nobody can audit them. */
  readonly extensions: readonly string[]
}

/** The result of opening a signed checkpoint. */
export type OpenedCheckpoint =
  | {
      readonly outcome: 'verified'
      readonly checkpoint: Checkpoint
      /** The note's text, which is what is signed. */
      readonly text: string
      readonly verified: readonly NoteSignature[]
      readonly unknown: readonly NoteSignature[]
    }
  | { readonly outcome: 'malformed'; readonly detail: string }
  | { readonly outcome: 'unknown-keys'; readonly names: readonly string[] }
  | { readonly outcome: 'bad-signature'; readonly name: string }
  /** Correctly signed, but for another log. */
  | { readonly outcome: 'other-origin'; readonly origin: string }

/** The text of a checkpoint, to be signed (C2SP tlog-checkpoint, Note text). RangeError if it would not be a checkpoint. */
export function formatCheckpoint(checkpoint: Omit<Checkpoint, 'extensions'> & Partial<Checkpoint>): string {
  const { origin, size, root, extensions = [] } = checkpoint
  if (!isCount(size) || !isHash(root)) throw new RangeError('A checkpoint has a size and a root of 32 bytes')
  const lines = [origin, String(size), Buffer.from(root).toString('base64'), ...extensions]
  if (lines.some((line) => line === '' || line.includes('\n')))
    throw new RangeError('Every line of a checkpoint has content')
  return `${lines.join('\n')}\n`
}

/** The checkpoint in the text of a note, or null (C2SP tlog-checkpoint, Note text). Never throws. */
export function parseCheckpoint(text: string): Checkpoint | null {
  if (!text.endsWith('\n')) return null
  const [origin, sizeLine, rootLine, ...extensions] = text.slice(0, -1).split('\n')
  const size = fromDecimal(sizeLine ?? '')
  const root = hashFromBase64(rootLine ?? '')
  if (!origin || size === null || root === null || extensions.includes('')) return null
  return { origin, size, root, extensions }
}

/**
 * Opens a signed checkpoint with the log's keys and, if the origin is given, only for that log: the same key may sign for several (C2SP
 * tlog-proof, Verifying, step 2). Cosignatures of witnesses are opened separately (`openCosignatures`). Never throws.
 */
export function openCheckpoint(
  note: string | Uint8Array,
  { origin, verifiers }: { readonly origin?: string; readonly verifiers: readonly NoteVerifier[] },
): OpenedCheckpoint {
  const opened = openNote(note, verifiers)
  if (opened.outcome !== 'verified') return opened
  const checkpoint = parseCheckpoint(opened.text)
  if (checkpoint === null)
    return { outcome: 'malformed', detail: 'The text of the note is no checkpoint: origin, size, root' }
  if (origin !== undefined && checkpoint.origin !== origin)
    return { outcome: 'other-origin', origin: checkpoint.origin }
  return { ...opened, checkpoint }
}
