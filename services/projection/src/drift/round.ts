/** Pure: going round all proposals in the order of their ids, some at a time, from wherever one began. */

export interface Round {
  /** The id after which it began; empty for the first of all. */
  readonly from: string
  /** The last id that was looked at. */
  after: string
  /** Whether it has gone on from the first of all after the last of all. */
  wrapped: boolean
  checked: number
  /** Proposals when it began, for the share. */
  readonly total: number
  /**
   * The end of the log when it began: proposals that came later are left to the next round, or one where they come
   * quickly would never end.
   */
  readonly upTo: number
}

/** Where a round begins: after which id, and what there is then. */
export type Start = Pick<Round, 'from' | 'total' | 'upTo'>

export function beginRound(start: Start): Round {
  return { ...start, after: start.from, wrapped: start.from === '', checked: 0 }
}

/**
 * Notes that these were looked at: what follows on `after`, and fewer than `limit` where there are no more. True where
 * the round is complete.
 */
export function advanceRound(round: Round, looked: readonly string[], limit: number): boolean {
  const last = looked.at(-1)
  round.checked += looked.length
  if (last !== undefined) round.after = last
  const atEnd = looked.length < limit
  if (round.wrapped) return atEnd || (round.after >= round.from && round.from !== '')
  if (atEnd) Object.assign(round, { wrapped: true, after: '' })
  return false
}

/** Of all proposals, how many have been looked at in this round; at most 1, since proposals are made meanwhile. */
export function shareOf({ checked, total }: Round): number {
  return total === 0 ? 1 : Math.min(1, checked / total)
}
