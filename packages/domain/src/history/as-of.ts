import type { Day } from '../dates.ts'
import type { RecordedEvent } from '../event-types.ts'
import type { Proposal } from '../proposal.ts'
import { allCountOn, type Counting, countsFrom } from './counts-from.ts'
import { effectiveHistory } from './effective.ts'
import { asRecorded, foldStream, readInOrder } from './fold.ts'
import { instantOf, knownAt } from './known-at.ts'

/**
 * The proposal as it was in force on a day, by all that the given events tell; null before its first event counts. Events that do not count
 * yet are left out ({@link countsFrom}); corrections and retractions hold at every day. `version`, `position` and `recordedAt` are those of
 * the last of the given events, whether it counts or not: they say up to where the record was read.
 *
 * @param timeZone of the ledger: decides on which day something was recorded.
 */
export function foldAsOf(events: readonly RecordedEvent[], day: Day, timeZone: string): Proposal | null {
  const effective = effectiveHistory(events)
  // Mostly the day lies after all that was known, and dating each event would cost as much as the fold.
  if (allCountOn(effective, day, timeZone)) return stateAfter(events, effective)
  return stateOn(events, countsFrom(events, timeZone), day)
}

/** A state and the day from which it is in force, until that of the next step. */
export interface AsOfStep {
  readonly from: Day
  readonly proposal: Proposal
}

/**
 * The proposal as a function of the day, by all that the given events tell: `foldAsOf` for every day at once. Steps are in ascending order,
 * the first is the day before which there is nothing; never more than there are events.
 */
export function asOfSteps(events: readonly RecordedEvent[], timeZone: string): readonly AsOfStep[] {
  const counting = countsFrom(events, timeZone)
  const days = [...new Set(counting.map(({ from }) => from))].toSorted()
  return days.flatMap((from) => {
    const proposal = stateOn(events, counting, from)
    return proposal ? [{ from, proposal }] : []
  })
}

/** A moment of the record and of the world. What is left out is now. */
export interface Moment {
  /** As it was in force on that day. */
  readonly asOf?: Day | undefined
  /** As we knew it at that instant (RFC 3339). */
  readonly knownAt?: string | undefined
  /** As we knew it at that position of the log. */
  readonly knownAtPosition?: number | undefined
}

/**
 * The proposal at a moment; null where nothing of it was known, or in force, by then. Without `asOf` all that was known by then counts, also
 * what lies ahead of the last day that anybody asked for: it is the state that was stored then.
 *
 * @throws RangeError for a `knownAt` that is no instant.
 */
export function proposalAt(events: readonly RecordedEvent[], moment: Moment, timeZone: string): Proposal | null {
  const known = knownAtMoment(events, moment)
  return moment.asOf === undefined ? foldStream(known) : foldAsOf(known, moment.asOf, timeZone)
}

function knownAtMoment(events: readonly RecordedEvent[], moment: Moment): readonly RecordedEvent[] {
  let known = events
  if (moment.knownAtPosition !== undefined) known = knownAt(known, { position: moment.knownAtPosition })
  if (moment.knownAt === undefined) return known
  const instant = instantOf(moment.knownAt)
  if (instant === null) throw new RangeError(`Not an instant: ${moment.knownAt}`)
  return knownAt(known, { instant })
}

function stateOn(events: readonly RecordedEvent[], counting: readonly Counting[], day: Day): Proposal | null {
  const counted = counting.filter(({ from }) => from <= day).map(({ event }) => event)
  return stateAfter(events, counted)
}

function stateAfter(events: readonly RecordedEvent[], counted: readonly RecordedEvent[]): Proposal | null {
  // Whatever waits for something that does not count yet, does not count either.
  const { proposal } = readInOrder(counted)
  return proposal && asRecorded(proposal, events)
}
