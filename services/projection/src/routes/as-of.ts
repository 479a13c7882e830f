/**
 * The point in time of a read: in the world (`asOf`), and in our knowledge (`knownAt`, `knownAtPosition`). The answer must have seen a
 * position (`atLeast`).
 *
 * Caching of such answers: positions are given in the order of `recordedAt`, which never falls. So what was known at an instant is settled
 * once the log has an event later than that instant. Until then, something may still be recorded at or before it, and the answer is
 * `no-store`. What was known at a position of the log is always settled. A settled answer is cached like all reads, with `no-cache`: its
 * tag is that of its bytes, because another release may read the same events differently, and without `asOf` the condition continues to
 * change with the day.
 */

import { Day, instantOf } from '@commitments/domain'
import { invalid, outOfTurn, problem } from '@commitments/http-kit'
import { sql } from 'kysely'
import { z } from 'zod'
import { isEmpty, type Source } from '../lists/source.ts'
import { withDense } from '../past/dense.ts'
import { Instant } from '../past/instant.ts'
import { firstRecordedAfter, type PointInTime } from '../past/point-in-time.ts'
import { inSnapshot, type Snapshot } from '../projections/snapshot.ts'
import { reached } from '../projections/view.ts'
import type { Service } from '../service.ts'
import { inSnapshotOf, waitFor } from './at-least.ts'
import {
  beyondHead,
  checkSound,
  headOf,
  notYetApplied,
  Position,
  reading,
  type Seen,
  unknownAtThatTime,
  unknownProposal,
} from './reading.ts'

/** Parameters of every read that can be requested for another point in time. */
export const pastQuery = {
  asOf: Day.optional().meta({
    description:
      'The state in force on that day: an event counts from the first day on which it had certainly happened. The condition is that of the same day.',
    examples: ['2024-01-01'],
  }),
  knownAt: Instant.optional().meta({
    description:
      'The state known at that instant (RFC 3339). It must not lie in the future; second 60 is the next second, and digits beyond microseconds are ignored. Until something later is recorded, the answer must not be stored (`Cache-Control: no-store`).',
    examples: ['2026-03-01T00:00:00Z'],
  }),
  knownAtPosition: Position.optional().meta({
    description: 'The state known at that position of the log. With `knownAt`: at the earlier of the two.',
    examples: [17],
  }),
}

const PastQuery = z.object(pastQuery)
export type PastQuery = z.output<typeof PastQuery>

/** Problems of a read that can be requested for another point in time. */
export const pastProblems = ['beyond-head'] as const

/** That a proposal is not there, at the point in time that is requested. */
export function unknownAt(service: Service, query: PastQuery, proposalId: string, seen: Seen): Error {
  return (asksForPast(query) ? unknownAtThatTime : unknownProposal)(service, proposalId, seen)
}

/** Whether another point in time than now is requested. */
export function asksForPast({ asOf, knownAt, knownAtPosition }: PastQuery): boolean {
  return asOf !== undefined || knownAt !== undefined || knownAtPosition !== undefined
}

/** A point in time, and the position that the answer must at least have seen. */
export type PointQuery = PastQuery & { readonly atLeast?: number | undefined }

/**
 * Runs reads of the tables of the past. First waits for those: up to the position that the answer must have seen, and, if an instant or a
 * position of knowledge is requested, up to what the statuses already show (in an instance that only reads: up to that position).
 * @throws the problem `not-yet-applied` if the past does not reach `atLeast` within the time that a read waits
 */
export async function readPast<T>(
  service: Service,
  wanted: PointQuery,
  read: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  await waitForPast(service, wanted)
  return inSnapshotOf(service, wanted.atLeast ?? 0, read, 'proposal-moments')
}

/**
 * Waits as {@link readPast} does.
 * @throws the problem `not-yet-applied` as there
 */
export async function waitForPast(service: Service, wanted: PointQuery): Promise<void> {
  const { view, moments, patience } = service
  const { knownAt, knownAtPosition, atLeast = 0 } = wanted
  await waitFor(service, atLeast, moments)
  const position = knownAtPosition ?? (knownAt === undefined ? 0 : view.position)
  if ((service.onlyReads || position <= view.position) && position > moments.position)
    await outOfTurn(() => reached(moments, position, patience))
}

interface Resolved {
  readonly at: PointInTime
  /** Nothing that is recorded from now on can change the answer. */
  readonly settled: boolean
}

/**
 * The requested point in time, for the tables of the past.
 * @throws the problems of {@link knownBy}, and `not-yet-applied` if the read model has not reached the point
 */
export async function resolve(service: Service, snapshot: Snapshot, query: PastQuery): Promise<Resolved> {
  const { at, settled } = await pointOf(service, snapshot, query)
  return { at: await completed(service, snapshot, at), settled }
}

/**
 * The same from the tables alone, without folded dense proposals.
 * @param called the parameter that held the instant
 */
export async function pointOf(
  service: Service,
  snapshot: Snapshot,
  query: PastQuery,
  called = 'knownAt',
): Promise<Resolved> {
  const { asOf, knownAt, knownAtPosition } = query
  const { head, now } = await readEnd(snapshot)
  const { known, settled } = await knownBy(service, query, { head, now, seen: snapshot, log: snapshot }, called)
  if (known > snapshot.position && (knownAt !== undefined || knownAtPosition !== undefined))
    throw notYetApplied(service, known, snapshot.position)
  return {
    at: { asOf: asOf ?? null, known: Math.min(known, snapshot.position), day: asOf ?? service.today() },
    settled,
  }
}

/** The point with the folded rows of dense proposals. */
export function completed(service: Service, snapshot: Snapshot, at: PointInTime): Promise<PointInTime> {
  return withDense(at, snapshot, service.timeZone, service.folds)
}

/** The end of the log when it was read, and the time of the clock that gives `recordedAt`. */
interface End {
  readonly head: number
  readonly now: string
  readonly seen: Seen
  readonly log: Parameters<typeof firstRecordedAfter>[0]
}

/**
 * The last known position of the request.
 * @throws the problem `invalid` for an instant in the future, and `beyond-head` for a position after the end of the log, or after the part of it
 * that is certain
 */
export async function knownBy(
  service: Service,
  { knownAt, knownAtPosition }: PastQuery,
  { head, now, seen, log }: End,
  called = 'knownAt',
): Promise<{ readonly known: number; readonly settled: boolean }> {
  const instant = knownAt === undefined ? null : instantOf(knownAt)
  if (instant !== null && instant > now)
    throw invalid([{ path: `query.${called}`, message: `must not be later than now, which is ${now}` }])
  if (knownAtPosition !== undefined) {
    if (knownAtPosition > head) throw beyondHead(service, knownAtPosition, seen, head)
    await checkSound(service, knownAtPosition, seen, ({ text }) => sql.raw<{ signed: number }>(text).execute(log.db))
  }
  const then = instant === null ? null : (await firstRecordedAfter(log, instant, head)) - 1
  return { known: Math.min(knownAtPosition ?? head, then ?? head), settled: then === null || then < head }
}

/**
 * The last position recorded at or before an instant, however far the read models are.
 * @param called the parameter that held the instant
 * @throws the problem `invalid` if it lies in the future
 */
export function knownAtInstant(service: Service, instant: string, called: string): Promise<number> {
  return reading(() =>
    inSnapshot(service.db, async (snapshot) => {
      const end = { ...(await readEnd(snapshot)), seen: snapshot, log: snapshot }
      return (await knownBy(service, { knownAt: instant }, end, called)).known
    }),
  )
}

/** @throws the problem `before-beginning` if the ledger was empty at the point in time */
export async function checkBegun(service: Service, source: Source): Promise<void> {
  if (!(await isEmpty(source))) return
  const detail =
    'No event of this ledger was known, or counted, at that time. Ask for a later day, instant or position.'
  throw problem('before-beginning', detail, { headers: headOf(service, source.snapshot) })
}

/** The headers that say how the answer may be cached. */
export function storing(settled: boolean): Record<string, string> {
  return settled ? {} : { 'cache-control': 'no-store' }
}

async function readEnd({ db }: Snapshot): Promise<{ head: number; now: string }> {
  const { rows } = await sql<{ head: number; now: string }>`
    SELECT coalesce((SELECT max(position) FROM events), 0) AS head,
           to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS now`.execute(db)
  return rows[0] ?? { head: 0, now: '' }
}
