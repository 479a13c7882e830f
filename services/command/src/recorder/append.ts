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

/** What came of one event: an outcome of the log, or that the log cannot hold it. */
export type Settled = Appended | { outcome: 'unstorable'; cause: unknown }

/**
 * Appends a batch and finds out what became of it.
 *
 * A try whose answer is lost may have committed, so the same events (same ids) are sent again until an answer comes: those that were
 * in are `repeated`. This is sound although the first try may still be waiting for the log's lock when the second gets it: whichever
 * comes later finds versions taken, and appends nothing.
 *
 * A batch that the database refuses for its content is split until the guilty event stands alone; the others are appended. (A run that
 * is split keeps its order: the halves go one after the other, and versions decide.)
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
    if (events.length === 1) return [{ outcome: 'unstorable', cause: fault.cause }]
    const middle = events.length >> 1
    const first = await appendUntilSettled(log, events.slice(0, middle), limits)
    // The first half is settled; should the second fail for another reason, its callers must not take the first half down with them.
    return [...first, ...(await settleRest(log, events.slice(middle), limits))]
  }
}

/** All or none of them: a batch that the database refuses for its content is refused whole, as Unstorable. */
export function appendAllOrNone(log: Log, events: readonly EventToAppend[], limits: AppendLimits = appendLimits) {
  return appendWithResend(log, events, true, limits)
}

async function settleRest(log: Log, events: readonly EventToAppend[], limits: AppendLimits): Promise<Settled[]> {
  try {
    return await appendUntilSettled(log, events, limits)
  } catch (cause) {
    return events.map(() => ({ outcome: 'unstorable', cause }))
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
      return await log.append(events, { allOrNone })
    } catch (cause) {
      const fault = cause instanceof NotSent ? 'not-recorded' : classifyFault(cause)
      if (fault === 'content') throw new Unstorable('the database refuses this content', { cause })
      mayBeRecorded ||= fault === 'unknown'
      if (!mayBeRecorded) throw new Unavailable('the log cannot be reached', { cause })
      if (performance.now() > giveUpAt) throw new OutcomeUnknown('the log gave no answer', { cause })
      await delay(limits.pauseMs)
    }
  }
}
