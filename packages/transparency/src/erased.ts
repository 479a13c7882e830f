/**
 * The leaf of a line. A line whose texts were erased keeps the leaf of what was recorded, and begins with it:
 * `{"position":17,"erased":{"by":"…"},"leafHash":"…",`. A line that was recorded never begins so: its second member is `recordedAt`.
 *
 * That a line says so proves nothing by itself. Whoever verifies a log also checks that an event `erased` of the log names the line and its
 * hash ({@link leafHash} of the bytes as they are now); docs/decisions/0048-erasure.md.
 */
import { type Hash, leafHash } from './hash.ts'

const beginning =
  /^\{"position":[1-9]\d{0,15},"erased":\{"by":"([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})"\},"leafHash":"([A-Za-z0-9+/]{43}=)",/

/** No such beginning is longer. */
const longest = 160

/** The first byte of `"erased"` and of `"recordedAt"` differ; of most lines, no more is looked at. */
const colon = 0x3a
const comma = 0x2c
const letterE = 0x65

interface ErasedLine {
  /** The id of the event `erased` that it names. */
  readonly by: string
  /** Its leaf in the tree. */
  readonly leaf: Hash
}

/** What an erased line says of itself; null for every other line. */
export function erasedLine(line: Uint8Array): ErasedLine | null {
  let at = line.indexOf(colon) + 1
  while (at < 32 && line[at] !== comma) at += 1
  if (line[at + 2] !== letterE) return null
  const [, by, hash] = beginning.exec(Buffer.from(line.subarray(0, longest)).toString('latin1')) ?? []
  return by === undefined || hash === undefined ? null : { by, leaf: Buffer.from(hash, 'base64') }
}

/** The leaf of a line in the tree: its own hash, or the one that it keeps if it was erased. */
export function leafOfLine(line: Uint8Array): Hash {
  return erasedLine(line)?.leaf ?? leafHash(line)
}
