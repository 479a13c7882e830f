import { setTimeout as delay } from 'node:timers/promises'
import { type Appended, classifyFault, type EventToAppend } from '@commitments/event-store'
import { OutcomeUnknown, Unavailable, Unstorable } from './faults.ts'
import { type Log, NotSent } from './log.ts'

export interface AppendLimits {
  /** How long a batch whose answer was lost is sent again before its callers are told that nobody knows. */
  readonly settleWithinMs: number
  readonly pauseMs: number
}

/** Contract: a lost answer is settled within 10 s, or said to be unknown. */
export const appendLimits: AppendLimits = { settleWithinMs: 10_000, pauseMs: 100 }

/** What came of one event: an outcome of the log, or a fault that is this event's alone. */
export type Settled = Appended | { outcome: 'failed'; fault: unknown }

/**
 * Appends a batch and finds out what became of it.
 *
 * A try whose answer is lost may have committed, so the same events (same ids) are sent again until an answer comes: those that were
 * in are `repeated`. This is sound although the first try may still be waiting for the log's lock when the second gets it: whichever
 * comes later finds versions taken, and appends nothing.
 *
 * A batch that the database refuses for its content is split until the guilty event stands alone (`failed`, Unstorable); the others
 * are appended, but for those that rest on it.
 *
 * @throws Unavailable: certainly nothing of it was recorded
 * @throws OutcomeUnknown: no answer within the limit; some or all may have been recorded
 */
export async function appendUntilSettled(
  log: Log,
  events: readonly EventToAppend[],
  limits: AppendLimits = appendLimits,
): Promise<Settled[]> {
  try {
    return await appendWithResend(log, events, false, limits)
  } catch (fault) {
    if (!(fault instanceof Unstorable)) throw fault
    return events.length === 1 ? [{ outcome: 'failed', fault }] : appendInHalves(log, events, limits)
  }
}

/** All or none of them: a batch that the database refuses for its content is refused whole, as Unstorable. */
export function appendAllOrNone(
  log: Log,
  events: readonly EventToAppend[],
  limits: AppendLimits = appendLimits,
): Promise<Appended[]> {
  return appendWithResend(log, events, true, limits)
}

async function appendInHalves(log: Log, events: readonly EventToAppend[], limits: AppendLimits): Promise<Settled[]> {
  const middle = events.length >> 1
  const first = await appendUntilSettled(log, events.slice(0, middle), limits)
  const second = await appendSecondHalf(log, events.slice(middle), streamsLost(events, first), limits)
  return [...first, ...second]
}

/**
 * Within one batch append_events keeps back what rests on an event that got lost. Between two it cannot: another writer may have taken
 * just the version that was lost, and what comes after it would seem to fit. So that is kept back here, to be decided again.
 */
async function appendSecondHalf(
  log: Log,
  events: readonly EventToAppend[],
  lost: Set<string>,
  limits: AppendLimits,
): Promise<Settled[]> {
  const sound = events.filter((event) => {
    const rests = lost.has(event.proposalId) || event.restsOn.some(({ proposalId }) => lost.has(proposalId))
    if (rests) lost.add(event.proposalId)
    return !rests
  })
  const settled = new Map<EventToAppend, Settled | undefined>()
  const outcomes = await settleEach(log, sound, limits)
  for (const [index, event] of sound.entries()) settled.set(event, outcomes[index])
  return events.map((event) => settled.get(event) ?? { outcome: 'not-appended' })
}

function streamsLost(events: readonly EventToAppend[], settled: readonly Settled[]): Set<string> {
  const isIn = (one: Settled | undefined) => one?.outcome === 'appended' || one?.outcome === 'repeated'
  return new Set(settled.flatMap((one, index) => (isIn(one) ? [] : [events[index]?.proposalId ?? ''])))
}

/** The first half is settled: a fault of the second must not take it down, and is that of the second half's events. */
async function settleEach(log: Log, events: readonly EventToAppend[], limits: AppendLimits): Promise<Settled[]> {
  if (events.length === 0) return []
  try {
    return await appendUntilSettled(log, events, limits)
  } catch (fault) {
    return events.map(() => ({ outcome: 'failed', fault }))
  }
}

async function appendWithResend(
  log: Log,
  events: readonly EventToAppend[],
  allOrNone: boolean,
  limits: AppendLimits,
): Promise<Appended[]> {
  const giveUpAt = performance.now() + limits.settleWithinMs
  let mayBeRecorded = false
  for (;;) {
    try {
      return await log.append(events, { allOrNone, withinMs: giveUpAt - performance.now() })
    } catch (cause) {
      const fault = cause instanceof NotSent ? 'not-recorded' : classifyFault(cause)
      if (fault === 'content') throw new Unstorable('the database refuses this content', { cause })
      mayBeRecorded ||= fault === 'unknown'
      if (!mayBeRecorded) throw new Unavailable('the log cannot be reached', { cause })
      if (performance.now() + limits.pauseMs > giveUpAt) throw new OutcomeUnknown('the log gave no answer', { cause })
      await delay(limits.pauseMs)
    }
  }
}
