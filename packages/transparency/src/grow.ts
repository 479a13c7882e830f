import { isCount } from './bytes.ts'
import { emptyRoot, type Hash, hashBytes, nodeHash } from './hash.ts'
import { type HashReader, neededForRoot } from './tree.ts'

/**
 * What must be kept of a tree in order to continue it: the roots of its perfect subtrees, largest first, one for each bit of its size.
 * `append` changes it in place.
 */
export interface Frontier {
  size: number
  readonly hashes: Hash[]
}

/** Called for each perfect subtree that an appended leaf completes, first for the leaf itself (level 0). */
export type Completed = (level: number, index: number, hash: Hash) => void

/** The tree without leaves. */
export function emptyFrontier(): Frontier {
  return { size: 0, hashes: [] }
}

/**
 * Appends one leaf. Two neighbouring subtrees of one size become a subtree of the next size, until there is none to pair with: the
 * recursion of RFC 6962, 2.1, from below. On average two hashes for each leaf, including its own.
 */
export function append(frontier: Frontier, leaf: Hash, completed?: Completed): void {
  let hash = leaf
  let index = frontier.size
  let level = 0
  completed?.(level, index, hash)
  while (index % 2 === 1) {
    hash = nodeHash(frontier.hashes.pop() as Hash, hash)
    index = (index - 1) / 2
    level += 1
    completed?.(level, index, hash)
  }
  frontier.hashes.push(hash)
  frontier.size += 1
}

/** The root of the tree so far (RFC 6962, 2.1). */
export function rootOfFrontier({ hashes }: Frontier): Hash {
  return hashes.length === 0 ? emptyRoot : hashes.reduceRight((right, left) => nodeHash(left, right))
}

/** A copy that does not change when the original grows. */
export function copyFrontier({ size, hashes }: Frontier): Frontier {
  return { size, hashes: [...hashes] }
}

/** What is appended to a tile. */
export interface TileGrowth {
  readonly level: number
  readonly index: number
  readonly hashes: Hash[]
}

/**
 * The tree with more leaves, and what its tiles gain. Every eighth level of subtrees is in the tiles (C2SP tlog-tiles, Merkle Tree); a hash
 * is in a tile once the subtree below it is complete, so a partial tile is never hashed into the level above.
 */
export function grow(
  before: Frontier,
  leaves: readonly Hash[],
): { frontier: Frontier; root: Hash; tiles: TileGrowth[] } {
  const frontier = copyFrontier(before)
  const tiles = new Map<string, TileGrowth>()
  for (const leaf of leaves) {
    append(frontier, leaf, (level, index, hash) => {
      if (level % 8 === 0) addHash(tiles, level / 8, Math.floor(index / 256), hash)
    })
  }
  return { frontier, root: rootOfFrontier(frontier), tiles: [...tiles.values()] }
}

function addHash(tiles: Map<string, TileGrowth>, level: number, index: number, hash: Hash): void {
  const key = `${level}/${index}`
  const growth = tiles.get(key) ?? { level, index, hashes: [] }
  growth.hashes.push(hash)
  tiles.set(key, growth)
}

/** The frontier of the first `size` leaves of a tree whose hashes are available; the reader is asked for `neededForRoot(size)`. */
export function frontierOf(size: number, read: HashReader): Frontier {
  return { size, hashes: neededForRoot(size).map(({ level, index }) => read(level, index)) }
}

/** The frontier's hashes, one after the other, to be stored with its size. */
export function encodeFrontier({ hashes }: Frontier): Buffer {
  return Buffer.concat(hashes)
}

/** The frontier that was given to `encodeFrontier`, or null if so many bytes cannot belong to a tree of this size. */
export function decodeFrontier(size: number, bytes: Uint8Array): Frontier | null {
  if (!isCount(size) || bytes.length !== hashBytes * neededForRoot(size).length) return null
  const hashes = Array.from({ length: bytes.length / hashBytes }, (_, at) =>
    Buffer.from(bytes.subarray(at * hashBytes, (at + 1) * hashBytes)),
  )
  return { size, hashes }
}
