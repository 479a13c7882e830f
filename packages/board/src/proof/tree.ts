/** Proofs of the Merkle tree of the log, recomputed here (RFC 9162, 2.1). Nothing throws: a proof that cannot be read proves nothing. */
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
  const walk = { node: index, last: size - 1 }
  let root = leaf
  for (const hash of path) {
    if (walk.last === 0) return null
    const isRight = standsRight(walk)
    root = isRight ? await nodeOf(hash, root) : await nodeOf(root, hash)
    climb(walk, isRight)
  }
  return walk.last === 0 ? root : null
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
  const walk = { node: earlier.size - 1, last: later.size - 1 }
  while (walk.node % 2 === 1) up(walk)
  const path = walk.node === 0 ? [earlier.root, ...proof] : proof
  const [first, ...others] = path
  if (first === undefined || proof.length === 0) return false
  let [old, young] = [first, first]
  for (const hash of others) {
    if (walk.last === 0) return false
    const isRight = standsRight(walk)
    if (isRight) old = await nodeOf(hash, old)
    young = isRight ? await nodeOf(hash, young) : await nodeOf(young, hash)
    climb(walk, isRight)
  }
  return walk.last === 0 && same(old, earlier.root) && same(young, later.root)
}

/** The current node and the last one of its level, which move up the tree together. Sizes exceed 32 bits: no bit shifts. */
interface Walk {
  node: number
  last: number
}

function standsRight({ node, last }: Walk): boolean {
  return node % 2 === 1 || node === last
}

function climb(walk: Walk, isRight: boolean): void {
  if (isRight) while (walk.node % 2 === 0 && walk.node !== 0) up(walk)
  up(walk)
}

function up(walk: Walk): void {
  walk.node = Math.floor(walk.node / 2)
  walk.last = Math.floor(walk.last / 2)
}

function hashesIn(texts: unknown): Bytes[] | null {
  if (!Array.isArray(texts) || texts.length > 64) return null
  const hashes = texts.map((text: unknown) => (typeof text === 'string' ? hashIn(text) : null))
  return hashes.every((hash) => hash !== null) ? hashes : null
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
