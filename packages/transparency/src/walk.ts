/**
 * The way that the verifier of a proof goes up the tree (RFC 9162, 2.1.3.2 and 2.1.4.2), without any hash: so programs that hash at once and
 * those that wait for each hash, as browsers do, go the same way. Imports nothing.
 */

/** Two numbers that move up the tree together: the current node, and the last node of its level. Sizes exceed 32 bits: no bit shifts. */
interface Walk {
  node: number
  last: number
}

/**
 * For each hash of the proof that leaf `index` is in the tree of `size`, from the sibling of the leaf upwards: whether it stands to the left
 * of what was found so far. A proof with more or fewer hashes proves nothing. Asks for 0 ≤ index < size.
 */
export function inclusionWalk(index: number, size: number): boolean[] {
  return lefts({ node: index, last: size - 1 })
}

interface ConsistencyWalk {
  /** The old tree is a perfect subtree of the new one: the walk begins at the old root, which the proof leaves out. */
  readonly fromOldRoot: boolean
  /**
   * For each hash after the one at which the walk begins: whether it stands to the left. Those that do belong to both trees, the others only
   * to the new one.
   */
  readonly lefts: readonly boolean[]
}

/** The way of the proof that the tree of `to` begins with the tree of `from`. Asks for 0 < from < to. */
export function consistencyWalk(from: number, to: number): ConsistencyWalk {
  const walk = { node: from - 1, last: to - 1 }
  while (walk.node % 2 === 1) up(walk)
  return { fromOldRoot: walk.node === 0, lefts: lefts(walk) }
}

/** Whether a number can be a size, an index or a position − 1: whole, not negative, and exact. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function lefts(walk: Walk): boolean[] {
  const found: boolean[] = []
  while (walk.last !== 0) {
    // The last node of a level may be moved up unpaired, until its sibling is to its left.
    const isLeft = walk.node % 2 === 1 || walk.node === walk.last
    found.push(isLeft)
    if (isLeft) while (walk.node % 2 === 0 && walk.node !== 0) up(walk)
    up(walk)
  }
  return found
}

function up(walk: Walk): void {
  walk.node = Math.floor(walk.node / 2)
  walk.last = Math.floor(walk.last / 2)
}
