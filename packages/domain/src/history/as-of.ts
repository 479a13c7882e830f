import type { Day } from '../dates.ts'
import type { RecordedEvent } from '../event-types.ts'
import type { Proposal } from '../proposal.ts'
import { drained, eventsASlice, type Sliced } from '../slices.ts'
import { orderOf } from './dating.ts'
import { effectiveHistory } from './effective.ts'
import { asRecorded, foldStream, inOrder, stepByStep } from './fold.ts'
import { instantOf, knownAt } from './known-at.ts'
import { rereadingOf } from './rereading.ts'

/**
 * The proposal as it was in force on a day, according to the given events; null before its first event counts. It is the fold of a prefix
 * of the order in which events count: of those that count by that day. Corrections and retractions apply on every day. `version`,
 * `position` and `recordedAt` are those of the last given event, whether or not it counts: they say how far the record was read.
 *
 * @param timeZone of the ledger: decides on which day something was recorded.
 */
export function foldAsOf(events: readonly RecordedEvent[], day: Day, timeZone: string): Proposal | null {
  return drained(foldingAsOf(events, day, timeZone))
}

/** Like `foldAsOf`, in slices. */
export function* foldingAsOf(events: readonly RecordedEvent[], day: Day, timeZone: string): Sliced<Proposal | null> {
  // Usually the day lies after all events, and these were recorded in the order in which they count.
  const now = yield* stepByStep(events, timeZone)
  if (now && now.countsFrom <= day) return now
  let proposal: Proposal | null = null
  let count = 0
  for (const { from, after } of inOrder(orderOf(effectiveHistory(events), timeZone))) {
    if (from > day) break
    proposal = after
    if (++count % eventsASlice === 0) yield
  }
  return proposal && asRecorded(proposal, events)
}

/** A state, and the day from which it is in force, until the next step. */
interface AsOfStep {
  readonly from: Day
  readonly proposal: Proposal
}

/**
 * The proposal as a function of the day, according to the given events: `foldAsOf` for every day, in one fold. Steps are in ascending
 * order. Before the day of the first step there is nothing; there are never more steps than events.
 */
export function asOfSteps(events: readonly RecordedEvent[], timeZone: string): readonly AsOfStep[] {
  return drained(foldingAsOfSteps(events, timeZone))
}

/** Like `asOfSteps`, in slices. */
export function* foldingAsOfSteps(events: readonly RecordedEvent[], timeZone: string): Sliced<readonly AsOfStep[]> {
  const rereading = rereadingOf(events)
  const states = new Map<Day, Proposal>()
  let count = 0
  for (const { from, after } of inOrder(orderOf(effectiveHistory(events), timeZone))) {
    states.set(from, after)
    if (++count % eventsASlice === 0) yield
  }
  return [...states].map(([from, proposal]) => ({ from, proposal: asRecorded(proposal, events, rereading) }))
}

/** A moment of the record and of the world. An absent member means now. */
export interface Moment {
  /** As it was in force on that day. */
  readonly asOf?: Day | undefined
  /** As we knew it at that instant (RFC 3339). */
  readonly knownAt?: string | undefined
  /** As we knew it at that position of the log. */
  readonly knownAtPosition?: number | undefined
}

/**
 * The proposal at a moment; null if nothing about it was known, or in force, by then. Without `asOf`, everything known by then counts,
 * including future plans: it is the state that was stored then.
 *
 * @throws RangeError for a `knownAt` that is not an instant.
 */
export function proposalAt(events: readonly RecordedEvent[], moment: Moment, timeZone: string): Proposal | null {
  const known = knownAtMoment(events, moment)
  return moment.asOf === undefined ? foldStream(known, timeZone) : foldAsOf(known, moment.asOf, timeZone)
}

function knownAtMoment(events: readonly RecordedEvent[], moment: Moment): readonly RecordedEvent[] {
  let known = events
  if (moment.knownAtPosition !== undefined) known = knownAt(known, { position: moment.knownAtPosition })
  if (moment.knownAt === undefined) return known
  const instant = instantOf(moment.knownAt)
  if (instant === null) throw new RangeError(`Not an instant: ${moment.knownAt}`)
  return knownAt(known, { instant })
}
