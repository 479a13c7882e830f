/** Whether a stored tile belongs to the stored tree. */
import {
  append,
  decodeFrontier,
  emptyFrontier,
  type Frontier,
  hashBytes,
  rootOfFrontier,
  widthOfTile,
} from '@commitments/transparency'

export interface TileInTree {
  readonly level: number
  readonly index: number
  readonly hashes: Buffer
  /** Its hash in the tile above: empty or null if that one does not have it. */
  readonly above: Buffer | null
  /** Of the tree. */
  readonly size: number
  readonly frontier: Buffer
}

/**
 * It has as many hashes as the tree of this size needs, and they make what the rest of the tree holds for them: a full tile the hash in the
 * tile above it, another one its part of the frontier.
 */
export function fitsTree({ level, index, hashes, above, size, frontier }: TileInTree): boolean {
  const width = widthOfTile(level, index, size)
  if (hashes.length !== width * hashBytes) return false
  const own = emptyFrontier()
  for (let at = 0; at < hashes.length; at += hashBytes) append(own, hashes.subarray(at, at + hashBytes))
  if (width === 256) return above !== null && rootOfFrontier(own).equals(above)
  const whole = decodeFrontier(size, frontier)
  return whole !== null && partOf(whole, level, own.hashes.length).every((hash, at) => own.hashes[at]?.equals(hash))
}

/** The subtrees of the frontier that are in the last tile of a level; those of lower levels come after them. */
function partOf({ size, hashes }: Frontier, level: number, count: number): readonly Buffer[] {
  const below = hashes.length - bitsOf(size % 256 ** level)
  return hashes.slice(below - count, below)
}

function bitsOf(size: number): number {
  return size.toString(2).replaceAll('0', '').length
}
