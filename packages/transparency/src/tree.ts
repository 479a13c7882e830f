import { isCount } from './bytes.ts'
import { emptyRoot, type Hash, nodeHash } from './hash.ts'

/** A perfect subtree: the one over leaves `index × 2^level` up to, not including, `(index + 1) × 2^level`. Level 0 is a leaf. */
export interface Place {
  readonly level: number
  readonly index: number
}

/**
 * Returns the root of a perfect subtree. It is asked only for those that the matching `neededFor…` names, so that a caller can fetch them
 * first; it throws for any other.
 */
export type HashReader = (level: number, index: number) => Hash

/** Leaves `start` up to, not including, `end`. */
interface Range {
  readonly start: number
  readonly end: number
}

/** The root of the tree over the first `size` leaves: `MTH(D[size])` (RFC 6962, 2.1; RFC 9162, 2.1.1). */
export function rootOf(size: number, read: HashReader): Hash {
  return size === 0 ? emptyRoot : rangeRoot({ start: 0, end: known(size) }, read)
}

/**
 * The hashes that lead from leaf `index` to the root of the tree of `size`, from the leaf's sibling upwards: `PATH(index, D[size])` (RFC
 * 6962, 2.1.1; RFC 9162, 2.1.3.1). RangeError if the tree has no such leaf.
 */
export function inclusionProof(index: number, size: number, read: HashReader): Hash[] {
  return inclusionRanges(index, size).map((range) => rangeRoot(range, read))
}

/**
 * The hashes that prove that the tree of `to` begins with the tree of `from`: `PROOF(from, D[to])` (RFC 6962, 2.1.2; RFC 9162, 2.1.4.1).
 * Empty for equal sizes, and from 0, because every tree is consistent with the empty one (C2SP tlog-witness, add-checkpoint). RangeError if
 * `from` is beyond `to`.
 */
export function consistencyProof(from: number, to: number, read: HashReader): Hash[] {
  return consistencyRanges(from, to).map((range) => rangeRoot(range, read))
}

/** The hashes that {@link rootOf} will ask its reader for; also the hashes of a frontier, largest subtree first. */
export function neededForRoot(size: number): Place[] {
  return placesOf({ start: 0, end: known(size) })
}

/** The hashes that {@link inclusionProof} will ask its reader for. */
export function neededForInclusion(index: number, size: number): Place[] {
  return inclusionRanges(index, size).flatMap(placesOf)
}

/** The hashes that {@link consistencyProof} will ask its reader for. */
export function neededForConsistency(from: number, to: number): Place[] {
  return consistencyRanges(from, to).flatMap(placesOf)
}

function inclusionRanges(index: number, size: number): Range[] {
  if (known(index) >= known(size)) throw new RangeError(`A tree of ${size} leaves has no leaf ${index}`)
  const siblings: Range[] = []
  let { start, end } = { start: 0, end: size }
  // From the root downwards, and reversed at the end, because proofs begin at the leaf.
  while (end - start > 1) {
    const middle = start + split(end - start)
    siblings.push(index < middle ? { start: middle, end } : { start, end: middle })
    if (index < middle) end = middle
    else start = middle
  }
  return siblings.reverse()
}

function consistencyRanges(from: number, to: number): Range[] {
  if (known(from) > known(to)) throw new RangeError(`A tree of ${to} leaves does not begin with one of ${from}`)
  return from === 0 || from === to ? [] : subproof(from, { start: 0, end: to }, true)
}

/**
 * `SUBPROOF(m, D[n], b)` of RFC 6962, 2.1.2, over the leaves of a range. `whole` is its b: whether the result would be the old tree's root,
 * which the verifier already has.
 */
function subproof(old: number, { start, end }: Range, whole: boolean): Range[] {
  if (old === end - start) return whole ? [] : [{ start, end }]
  const middle = start + split(end - start)
  if (old <= middle - start) return [...subproof(old, { start, end: middle }, whole), { start: middle, end }]
  return [...subproof(old - (middle - start), { start: middle, end }, false), { start, end: middle }]
}

/** The largest power of two smaller than n, n > 1 (the k of RFC 6962, 2.1). Sizes exceed 32 bits, so there are no bit shifts here. */
function split(n: number): number {
  let power = 1
  while (power * 2 < n) power *= 2
  return power
}

/** The root over a range: its perfect subtrees, joined from the right, which equals the recursion of RFC 6962, 2.1. */
function rangeRoot(range: Range, read: HashReader): Hash {
  return placesOf(range)
    .map(({ level, index }) => read(level, index))
    .reduceRight((right, left) => nodeHash(left, right))
}

/** The perfect subtrees of a range, largest first. Every range of a proof begins where a subtree of its size does. */
function placesOf({ start, end }: Range): Place[] {
  const places: Place[] = []
  for (let at = start; at < end; ) {
    let level = 0
    while (2 ** (level + 1) <= end - at) level += 1
    places.push({ level, index: at / 2 ** level })
    at += 2 ** level
  }
  return places
}

function known(count: number): number {
  if (!isCount(count)) throw new RangeError(`Not a number of leaves: ${count}`)
  return count
}
