/** Proofs of the Merkle tree of the log, recomputed here (RFC 9162, 2.1). Nothing throws: a proof that cannot be read proves nothing. */
import { consistencyWalk, inclusionWalk, isCount } from '@commitments/transparency/walk'
import { type Bytes, hashIn, same, sha256 } from './bytes.ts'

const leafPrefix = Uint8Array.of(0)
const nodePrefix = Uint8Array.of(1)

/** The leaf of a line, without its line feed. */
export function leafOf(line: Bytes): Promise<Bytes> {
  return sha256(leafPrefix, line)
}

function nodeOf(left: Bytes, right: Bytes): Promise<Bytes> {
  return sha256(nodePrefix, left, right)
}

interface Place {
  readonly leaf: Bytes
  readonly index: number
  readonly size: number
  /** In base 64, from the sibling of the leaf upwards. */
  readonly hashes: readonly string[]
}

/** The root of the tree of `size` to which the proof leads from the leaf; null if it leads nowhere (2.1.3.2). */
export async function rootFrom({ leaf, index, size, hashes }: Place): Promise<Bytes | null> {
  const path = hashesIn(hashes)
  if (path === null || !isCount(index) || !isCount(size) || index >= size) return null
  const lefts = inclusionWalk(index, size)
  if (lefts.length !== path.length) return null
  let root = leaf
  for (const [at, hash] of path.entries()) root = lefts[at] ? await nodeOf(hash, root) : await nodeOf(root, hash)
  return root
}

export interface Tree {
  readonly size: number
  readonly root: Bytes
}

/** Whether the later tree begins with everything that is in the earlier one, in its order (2.1.4.2). */
export async function continues(earlier: Tree, later: Tree, hashes: readonly string[]): Promise<boolean> {
  const proof = hashesIn(hashes)
  if (proof === null || !isCount(earlier.size) || !isCount(later.size) || earlier.size > later.size) return false
  if (earlier.size === later.size) return same(earlier.root, later.root)
  // Everything continues the empty tree.
  if (earlier.size === 0) return same(earlier.root, await sha256())
  const { fromOldRoot, lefts } = consistencyWalk(earlier.size, later.size)
  const [first, ...others] = fromOldRoot ? [earlier.root, ...proof] : proof
  if (first === undefined || others.length !== lefts.length) return false
  let [old, young] = [first, first]
  for (const [at, hash] of others.entries()) {
    if (lefts[at]) old = await nodeOf(hash, old)
    young = lefts[at] ? await nodeOf(hash, young) : await nodeOf(young, hash)
  }
  return same(old, earlier.root) && same(young, later.root)
}

function hashesIn(texts: unknown): Bytes[] | null {
  if (!Array.isArray(texts) || texts.length > 64) return null
  const hashes = texts.map((text: unknown) => (typeof text === 'string' ? hashIn(text) : null))
  return hashes.every((hash) => hash !== null) ? hashes : null
}
