import { isCount } from './bytes.ts'
import { emptyRoot, type Hash, isHash, nodeHash } from './hash.ts'
import { consistencyWalk, inclusionWalk } from './walk.ts'

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

/**
 * Whether the leaf is at `index` of the tree with that size and root (RFC 9162, 2.1.3.2). True means that the root recomputed from the leaf
 * equals the given root, and that every hash of the proof was used. Never throws, for any input.
 */
export function verifyInclusion({ leaf, index, size, proof, root }: Inclusion): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false
  if (!isHash(leaf) || !isHash(root) || !areHashes(proof)) return false
  const lefts = inclusionWalk(index, size)
  if (lefts.length !== proof.length) return false
  return same(
    proof.reduce((found, hash, at) => (lefts[at] ? nodeHash(hash, found) : nodeHash(found, hash)), leaf),
    root,
  )
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
  return joins({ from, fromRoot, to, toRoot, proof })
}

/** Steps 2 to 7 of RFC 9162, 2.1.4.2; 0 < from < to. */
function joins({ from, fromRoot, to, toRoot, proof }: Consistency): boolean {
  const { fromOldRoot, lefts } = consistencyWalk(from, to)
  const [first, ...others] = fromOldRoot ? [fromRoot, ...proof] : proof
  if (first === undefined || others.length !== lefts.length) return false
  let [old, young] = [first, first]
  for (const [at, hash] of others.entries()) {
    if (lefts[at]) old = nodeHash(hash, old)
    young = lefts[at] ? nodeHash(hash, young) : nodeHash(young, hash)
  }
  return same(old, fromRoot) && same(young, toRoot)
}

function areHashes(proof: unknown): boolean {
  return Array.isArray(proof) && proof.length <= 64 && proof.every(isHash)
}

function same(one: Hash, other: Hash): boolean {
  return Buffer.compare(one, other) === 0
}
