/** Which moment of the read model a question is about. */
import { instantOf } from '@commitments/domain'
import { invalid, outOfTurn, problem } from '@commitments/http-kit'
import { sql } from 'kysely'
import { isAnythingAt } from '../past/begun.ts'
import { withDense } from '../past/dense.ts'
import { firstRecordedAfter } from '../past/known-position.ts'
import type { At } from '../past/point-in-time.ts'
import { inSnapshot, type Snapshot } from '../projections/snapshot.ts'
import type { Service } from '../service.ts'
import { reached } from '../status/status-cache.ts'
import type { Moment } from './get-past-proposal.ts'
import { beyondHead, headOf, notYetApplied, reading, waitFor } from './reading.ts'

export interface Resolved {
  readonly at: At
  /** Nothing that is recorded from now on can belong to it. */
  readonly settled: boolean
}

/** A moment, and the position that the answer must at least have seen. */
export type Wanted = Moment & { readonly atLeast?: number | undefined }

/**
 * Runs reads of the tables of moments. They are waited for: up to the position that the answer must have seen, and where what was
 * known at an instant or a position is asked for, up to what the statuses show already.
 * @throws the problem `not-yet-applied` where the moments do not get as far as `atLeast` within the time that a read waits.
 */
export async function inMoment<T>(
  service: Service,
  wanted: Wanted,
  read: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  const { view, moments, patience } = service
  const { knownAt, knownAtPosition, atLeast = 0 } = wanted
  await waitFor(service, atLeast, moments)
  const position = knownAtPosition ?? (knownAt === undefined ? 0 : view.position)
  if (position <= view.position && position > moments.position)
    await outOfTurn(() => reached(moments, position, patience))
  return reading(() => inSnapshot(service.db, read, 'proposal-moments'))
}

/**
 * @throws the problems `invalid` for an instant that is still to come, `beyond-head` for a position that is, and
 * `not-yet-applied` where the read model is not as far as the moment.
 */
export async function resolve(service: Service, snapshot: Snapshot, moment: Moment): Promise<Resolved> {
  const { asOf, knownAt, knownAtPosition } = moment
  const { head, now } = await readEnd(snapshot)
  const instant = knownAt === undefined ? null : instantOf(knownAt)
  checkNotLater(instant, now)
  if (knownAtPosition !== undefined && knownAtPosition > head)
    throw beyondHead(service, knownAtPosition, snapshot, head)
  const then = instant === null ? null : (await firstRecordedAfter(snapshot, instant, head)) - 1
  const known = Math.min(knownAtPosition ?? head, then ?? head)
  if (known > snapshot.position && (instant !== null || knownAtPosition !== undefined))
    throw notYetApplied(known, snapshot.position)
  const asked = { asOf: asOf ?? null, known: Math.min(known, snapshot.position), day: asOf ?? service.today() }
  const at = await withDense(asked, snapshot, service.timeZone, service.folds)
  return { at, settled: then === null || then < head }
}

/** @throws the problem `invalid` for a `knownAt` that is still to come. */
export function checkNotLater(instant: string | null, now: string): void {
  if (instant === null || instant <= now) return
  throw invalid([{ path: 'query.knownAt', message: `must not be later than now, which is ${now}` }])
}

/** @throws the problem `before-beginning` where the ledger was empty at the moment. */
export async function checkBegun(service: Service, snapshot: Snapshot, at: At): Promise<void> {
  if (await isAnythingAt(snapshot, at)) return
  const detail =
    'No event of this ledger was known, or counted, at that time. Ask for a later day, instant or position.'
  throw problem('before-beginning', detail, { headers: headOf(service, snapshot) })
}

async function readEnd({ db }: Snapshot): Promise<{ head: number; now: string }> {
  const { rows } = await sql<{ head: number; now: string }>`
    SELECT coalesce((SELECT max(position) FROM events), 0) AS head,
           to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS now`.execute(db)
  return rows[0] ?? { head: 0, now: '' }
}
