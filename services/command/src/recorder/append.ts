import { setTimeout as delay } from 'node:timers/promises'
import {
  type Appended,
  classifyFault,
  type EventToAppend,
  haltedState,
  lostState,
  movedState,
  sqlState,
} from '@commitments/event-store'
import { type Log, NotSent } from './log.ts'
import { Halted, OutcomeUnknown, Unavailable, Unstorable } from './requests.ts'

export interface AppendLimits {
  /** How long a batch whose answer was lost is sent again before its callers are told that the outcome is unknown. */
  readonly resendForMs: number
  readonly pauseMs: number
}

/** Contract: the outcome of a batch whose answer was lost is known within 10 s, or reported as unknown. */
export const appendLimits: AppendLimits = { resendForMs: 10_000, pauseMs: 100 }

/** The outcome of one event: an outcome of the log, or a fault of this event alone. */
export type AppendOutcome = Appended | { outcome: 'failed'; fault: unknown }

/** It is in the log, and got its place there from this append or from an earlier attempt of it. */
export type InLog = Extract<AppendOutcome, { outcome: 'appended' | 'repeated' }>

export function isInLog(outcome: AppendOutcome | undefined): outcome is InLog {
  return outcome?.outcome === 'appended' || outcome?.outcome === 'repeated'
}

/**
 * Appends a batch and determines its outcome.
 *
 * An attempt whose answer is lost may have committed. So the same events (same ids) are sent again until an answer comes; those that were
 * already in the log are `repeated`. This is safe even if the first attempt still waits for the log's lock when the second gets it: the
 * later of the two finds its versions taken, and appends nothing.
 *
 * A batch that the database refuses because of its content is split until the offending event stands alone (`failed`, Unstorable). The
 * others are appended, except those that depend on it.
 *
 * Where the database is another server by now, or was promoted, the log is looked at again before the events are sent there.
 *
 * @throws Unavailable, Halted: certainly nothing of it was recorded
 * @throws OutcomeUnknown: no answer within the limit; some or all may have been recorded
 */
export async function appendEach(
  log: Log,
  events: readonly EventToAppend[],
  limits: AppendLimits = appendLimits,
): Promise<AppendOutcome[]> {
  try {
    return await appendUntilKnown(log, events, false, limits)
  } catch (fault) {
    if (!(fault instanceof Unstorable)) throw fault
    return events.length === 1 ? [{ outcome: 'failed', fault }] : appendInHalves(log, events, limits)
  }
}

/** All or none of them: if the database refuses the content, the whole batch is refused as Unstorable. */
export function appendAllOrNone(
  log: Log,
  events: readonly EventToAppend[],
  limits: AppendLimits = appendLimits,
): Promise<AppendOutcome[]> {
  return appendUntilKnown(log, events, true, limits)
}

async function appendInHalves(
  log: Log,
  events: readonly EventToAppend[],
  limits: AppendLimits,
): Promise<AppendOutcome[]> {
  const middle = events.length >> 1
  const first = await appendEach(log, events.slice(0, middle), limits)
  const second = await appendSecondHalf(log, events.slice(middle), streamsLost(events, first), limits)
  return [...first, ...second]
}

/**
 * Within one batch, append_events holds back events that depend on a lost event. Between two batches it cannot: another writer may have
 * taken the lost version, and the next event would seem to fit. So such events are held back here, to be decided again.
 */
async function appendSecondHalf(
  log: Log,
  events: readonly EventToAppend[],
  lost: Set<string>,
  limits: AppendLimits,
): Promise<AppendOutcome[]> {
  const sound = events.filter((event) => {
    const rests = lost.has(event.proposalId) || event.restsOn.some(({ proposalId }) => lost.has(proposalId))
    if (rests) lost.add(event.proposalId)
    return !rests
  })
  const outcomes = await appendOrFail(log, sound, limits)
  const outcomeOf = new Map(sound.map((event, index) => [event, outcomes[index]]))
  return events.map((event) => outcomeOf.get(event) ?? { outcome: 'not-appended' })
}

function streamsLost(events: readonly EventToAppend[], outcomes: readonly AppendOutcome[]): Set<string> {
  return new Set(outcomes.flatMap((outcome, index) => (isInLog(outcome) ? [] : [events[index]?.proposalId ?? ''])))
}

/** The outcome of the first half is known. A fault of the second half must not change it, and belongs to the events of the second half. */
async function appendOrFail(
  log: Log,
  events: readonly EventToAppend[],
  limits: AppendLimits,
): Promise<AppendOutcome[]> {
  if (events.length === 0) return []
  try {
    return await appendEach(log, events, limits)
  } catch (fault) {
    return events.map(() => ({ outcome: 'failed', fault }))
  }
}

async function appendUntilKnown(
  log: Log,
  events: readonly EventToAppend[],
  allOrNone: boolean,
  limits: AppendLimits,
): Promise<Appended[]> {
  const giveUpAt = performance.now() + limits.resendForMs
  let mayBeRecorded = false
  for (;;) {
    try {
      return await log.append(events, { allOrNone, withinMs: giveUpAt - performance.now() })
    } catch (cause) {
      const fault = cause instanceof NotSent ? 'not-recorded' : classifyFault(cause)
      if (fault === 'content') throw new Unstorable('the database refuses this content', { cause })
      mayBeRecorded ||= fault === 'unknown'
      const state = sqlState(cause)
      if (state === movedState && (await mayGoOn(log, mayBeRecorded))) continue
      if (!mayBeRecorded && state === lostState) throw await lossOf(log, cause)
      if (!mayBeRecorded && state === haltedState) throw new Halted((cause as Error).message, { cause })
      if (!mayBeRecorded) throw new Unavailable('the log cannot be reached', { cause })
      if (performance.now() + limits.pauseMs > giveUpAt) throw new OutcomeUnknown('the log gave no answer', { cause })
      await delay(limits.pauseMs)
    }
  }
}

/**
 * Looks at the log again; false if nothing may be recorded for now, although an earlier attempt may have been.
 *
 * @throws Halted, Unavailable if there was no earlier attempt
 */
async function mayGoOn(log: Log, mayBeRecorded: boolean): Promise<boolean> {
  try {
    await log.look()
    await log.assertOpen()
    return true
  } catch (fault) {
    if (!mayBeRecorded) throw fault
    return false
  }
}

/**
 * The whole sentence for the operator, if a look confirms what the append has found. If an accepted restore has meanwhile taken the place of the
 * log that was known, nothing is lost for anybody to decide on: whoever sends the event again is answered by what the log says now.
 */
async function lossOf(log: Log, cause: unknown): Promise<Error> {
  const before = log.known.logId
  await log.look().catch(() => {})
  const { logId, lost } = log.known
  if (logId !== before && lost === null)
    return new Unavailable('another log has taken the place of this one', { cause })
  return new Halted(lost ?? (cause as Error).message, { cause })
}
