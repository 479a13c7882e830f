import { isCount } from './bytes.ts'
import { emptyRoot, type Hash, isHash, nodeHash } from './hash.ts'

/** The claim about one leaf. */
export interface Inclusion {
  /** The hash of the leaf, computed by the verifier from the entry itself (`leafHash`). */
  readonly leaf: Hash
  readonly index: number
  readonly size: number
  readonly proof: readonly Hash[]
  /** The root of the tree of `size`, from a checkpoint whose signature was verified. */
  readonly root: Hash
}

/** The claim about two trees. */
export interface Consistency {
  readonly from: number
  readonly fromRoot: Hash
  readonly to: number
  readonly toRoot: Hash
  readonly proof: readonly Hash[]
}

/** Two numbers that move up the tree together: the current node, and the last node of its level. */
interface Walk {
  node: number
  last: number
}

/**
 * Whether the leaf is at `index` of the tree with that size and root (RFC 9162, 2.1.3.2). True means that the root recomputed from the leaf
 * equals the given root, and that every hash of the proof was used. Never throws, for any input.
 */
export function verifyInclusion({ leaf, index, size, proof, root }: Inclusion): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false
  if (!isHash(leaf) || !isHash(root) || !areHashes(proof)) return false
  const walk = { node: index, last: size - 1 }
  let found = leaf
  for (const sibling of proof) {
    if (walk.last === 0) return false
    const isRight = standsRight(walk)
    found = isRight ? nodeHash(sibling, found) : nodeHash(found, sibling)
    climb(walk, isRight)
  }
  return walk.last === 0 && same(found, root)
}

/**
 * Whether the tree of `to` begins with everything in the tree of `from`, in its order (RFC 9162, 2.1.4.2). Both roots are recomputed from
 * the same hashes, and both must match. Equal sizes: equal roots and no proof. From 0: every tree is consistent with the empty one, and no
 * proof is needed (C2SP tlog-witness, add-checkpoint). Never throws, for any input.
 */
export function verifyConsistency({ from, fromRoot, to, toRoot, proof }: Consistency): boolean {
  if (!isCount(from) || !isCount(to) || from > to) return false
  if (!isHash(fromRoot) || !isHash(toRoot) || !areHashes(proof)) return false
  if (from === to) return proof.length === 0 && same(fromRoot, toRoot) && (from > 0 || same(fromRoot, emptyRoot))
  if (from === 0) return proof.length === 0 && same(fromRoot, emptyRoot)
  return proof.length > 0 && joins({ from, fromRoot, to, toRoot, proof })
}

/** Steps 2 to 7 of RFC 9162, 2.1.4.2; 0 < from < to. */
function joins({ from, fromRoot, to, toRoot, proof }: Consistency): boolean {
  const walk = { node: from - 1, last: to - 1 }
  while (walk.node % 2 === 1) up(walk)
  // If the old tree is a perfect subtree (from is a power of two), the verifier already has its root, and the proof omits it.
  const path = walk.node === 0 ? [fromRoot, ...proof] : proof
  let old = path[0] as Hash
  let young = old
  for (const hash of path.slice(1)) {
    if (walk.last === 0) return false
    const isRight = standsRight(walk)
    if (isRight) old = nodeHash(hash, old)
    young = isRight ? nodeHash(hash, young) : nodeHash(young, hash)
    climb(walk, isRight)
  }
  return walk.last === 0 && same(old, fromRoot) && same(young, toRoot)
}

/** Whether the node's sibling is to its left. The last node of a level may be moved up unpaired until one is. */
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

function areHashes(proof: unknown): boolean {
  return Array.isArray(proof) && proof.length <= 64 && proof.every(isHash)
}

function same(one: Hash, other: Hash): boolean {
  return Buffer.compare(one, other) === 0
}
