import { fromBase64, fromDecimal, hashesFromBase64 } from './bytes.ts'
import { type Checkpoint, openCheckpoint } from './checkpoint.ts'
import { type Cosignature, openCosignatures } from './cosignature.ts'
import type { Hash } from './hash.ts'
import { headAndNote, type NoteVerifier } from './note.ts'
import { verifyInclusion } from './verify.ts'

/** A proof that can be checked without us: the content of a `.tlog-proof` file (C2SP tlog-proof). */
export interface OfflineProof {
  /** Zero-based index of the entry; position − 1. */
  readonly index: number
  readonly hashes: readonly Hash[]
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string
  /** "Applications MUST NOT implicitly trust the extra data, as it is not authenticated." */
  readonly extra?: Buffer
}

/** The result of checking an offline proof. */
export type OfflineVerdict =
  | { readonly outcome: 'included'; readonly checkpoint: Checkpoint; readonly cosignatures: readonly Cosignature[] }
  | { readonly outcome: 'malformed'; readonly detail: string }
  | { readonly outcome: 'unknown-keys'; readonly names: readonly string[] }
  | { readonly outcome: 'bad-signature'; readonly name: string }
  | { readonly outcome: 'other-origin'; readonly origin: string }
  /** The signed root differs from the root computed from leaf and proof. */
  | { readonly outcome: 'not-included'; readonly checkpoint: Checkpoint }

/** First line of every proof. */
const header = 'c2sp.org/tlog-proof@v1'

/** The text of a proof (C2SP tlog-proof, Format). */
export function formatOfflineProof({ index, hashes, checkpoint, extra }: OfflineProof): string {
  const lines = [
    header,
    ...(extra === undefined ? [] : [`extra ${extra.toString('base64')}`]),
    `index ${index}`,
    ...hashes.map((hash) => hash.toString('base64')),
  ]
  return `${lines.join('\n')}\n\n${checkpoint}`
}

/** A parsed proof, of which nothing is verified; null if it is malformed (C2SP tlog-proof, Format). Never throws. */
export function parseOfflineProof(file: string | Uint8Array): OfflineProof | null {
  const parts = headAndNote(file)
  if (parts === null || parts.head.shift() !== header) return null
  const extra = parts.head[0]?.startsWith('extra ')
    ? fromBase64((parts.head.shift() as string).slice('extra '.length))
    : undefined
  const [indexLine = '', ...lines] = parts.head
  const index = indexLine.startsWith('index ') ? fromDecimal(indexLine.slice('index '.length)) : null
  const hashes = lines.length <= 64 ? hashesFromBase64(lines) : null
  if (index === null || hashes === null || extra === null) return null
  return { index, hashes, checkpoint: parts.note, ...(extra === undefined ? {} : { extra }) }
}

/**
 * Checks a proof against the leaf, the log's keys and origin, and the witnesses that the caller knows (C2SP tlog-proof, Verifying a tlog
 * proof, steps 2 to 4). The caller decides how many cosignatures are enough. Never throws.
 */
export function verifyOfflineProof(
  file: string | Uint8Array,
  trust: { leaf: Hash; origin: string; verifiers: readonly NoteVerifier[]; witnesses?: readonly NoteVerifier[] },
): OfflineVerdict {
  const proof = parseOfflineProof(file)
  if (proof === null) return { outcome: 'malformed', detail: `The file is no proof of the kind ${header}` }
  const opened = openCheckpoint(proof.checkpoint, trust)
  if (opened.outcome !== 'verified') return opened
  const cosigned = openCosignatures(proof.checkpoint, trust.witnesses ?? [])
  if (cosigned.outcome !== 'opened') return cosigned
  const { checkpoint } = opened
  const claim = {
    leaf: trust.leaf,
    index: proof.index,
    size: checkpoint.size,
    proof: proof.hashes,
    root: checkpoint.root,
  }
  if (!verifyInclusion(claim)) return { outcome: 'not-included', checkpoint }
  return { outcome: 'included', checkpoint, cosignatures: cosigned.cosignatures }
}
