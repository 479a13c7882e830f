import { fromDecimal, hashesFromBase64, isCount } from './bytes.ts'
import { type OpenedCosignatures, openCosignatures } from './cosignature.ts'
import type { Hash } from './hash.ts'
import {
  headAndNote,
  type NoteSignature,
  type NoteVerifier,
  parseNote,
  parseSignatureLines,
  signatureLine,
} from './note.ts'

/** A request for a witness's cosignature (C2SP tlog-witness, add-checkpoint). */
export interface AddCheckpoint {
  /** Size of the last checkpoint that this witness cosigned for the origin; 0 for the first. */
  readonly oldSize: number
  /** From `oldSize` to the size of the checkpoint. */
  readonly proof: readonly Hash[]
  /** The signed checkpoint: a whole note. */
  readonly checkpoint: string
}

/** "The client MUST NOT send more than 63 consistency proof lines." */
export const maxProofLines = 63

/** Media type of the body of a 409: the size that the witness knows, and a newline. */
export const sizeMediaType = 'text/x.tlog.size'

/** The body of `POST <submission prefix>/add-checkpoint`. RangeError if it would not be a valid one. */
export function formatAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): string {
  if (!isCount(oldSize) || proof.length > maxProofLines)
    throw new RangeError('A request has an old size and at most 63 hashes')
  const lines = proof.map((hash) => `${hash.toString('base64')}\n`)
  return `old ${oldSize}\n${lines.join('')}\n${checkpoint}`
}

/** The request in a body, or null if it is malformed. Of the checkpoint, this checks only that it is a note. Never throws. */
export function parseAddCheckpoint(body: string | Uint8Array): AddCheckpoint | null {
  const parts = headAndNote(body)
  if (parts === null) return null
  const [first = '', ...lines] = parts.head
  const oldSize = first.startsWith('old ') ? fromDecimal(first.slice('old '.length)) : null
  const proof = lines.length <= maxProofLines ? hashesFromBase64(lines) : null
  return oldSize === null || proof === null ? null : { oldSize, proof, checkpoint: parts.note }
}

/** The body of a 409: "the tree size of the latest cosigned checkpoint in decimal, followed by a newline". */
export function formatKnownSize(size: number): string {
  return `${size}\n`
}

/** The size in the body of a 409, or null. Never throws. */
export function parseKnownSize(body: string): number | null {
  return body.endsWith('\n') ? fromDecimal(body.slice(0, -1)) : null
}

/**
 * The verified cosignatures in a witness's answer to a checkpoint ("the client MAY concatenate it to the checkpoint"); signatures by other
 * keys than the witness's are ignored. Never throws.
 */
export function openWitnessAnswer(
  body: string,
  checkpoint: string,
  witnesses: readonly NoteVerifier[],
): OpenedCosignatures {
  const parsed = parseNote(checkpoint)
  const signatures = parseSignatureLines(body)
  if (typeof parsed === 'string' || signatures === null) {
    return { outcome: 'malformed', detail: 'A witness answers with signature lines' }
  }
  // Only the answer's own lines: other signatures on the checkpoint were not made by this witness now.
  return openCosignatures(`${parsed.text}\n${signatures.map(signatureLine).join('')}`, witnesses)
}

/** The checkpoint with cosignatures, in place of earlier ones of the same keys; the signed text is unchanged. */
export function withCosignatures(checkpoint: string, cosignatures: readonly NoteSignature[]): string {
  const parsed = parseNote(checkpoint)
  if (typeof parsed === 'string') throw new RangeError(parsed)
  const kept = parsed.signatures.filter(
    (old) => !cosignatures.some(({ name, keyId }) => old.name === name && old.keyId === keyId),
  )
  return `${parsed.text}\n${[...kept, ...cosignatures].map(signatureLine).join('')}`
}
