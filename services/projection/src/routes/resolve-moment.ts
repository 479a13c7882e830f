/** Which moment of the read model a question is about. */
import { instantOf } from '@commitments/domain'
import { invalid, problem } from '@commitments/http-kit'
import { sql } from 'kysely'
import type { At } from '../moments/at.ts'
import { areMomentsComplete, isAnythingAt } from '../moments/complete.ts'
import { firstRecordedAfter } from '../moments/known.ts'
import { inSnapshot, type Snapshot } from '../read-model/snapshot.ts'
import type { Service } from '../service.ts'
import type { Moment } from './moment.ts'
import { headOf, reading } from './reading.ts'

export interface Resolved {
  readonly at: At
  /** Nothing that is recorded from now on can belong to it. */
  readonly settled: boolean
}

/**
 * Runs reads of the tables of moments.
 * @throws the problem `moments-missing` where they do not go back to the beginning of the log.
 */
export function inMoment<T>(service: Service, read: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  return reading(() =>
    inSnapshot(service.db, async (snapshot) => {
      if (!(await areMomentsComplete(snapshot))) throw momentsMissing(service, snapshot)
      return read(snapshot)
    }),
  )
}

/**
 * @throws the problems `invalid` for an instant that is still to come, `beyond-head` for a position that is, and
 * `not-yet-applied` where the read model is not as far as the moment.
 */
export async function resolve(service: Service, snapshot: Snapshot, moment: Moment): Promise<Resolved> {
  const { asOf, knownAt, knownAtPosition } = moment
  const { head, now } = await readEnd(snapshot)
  const instant = knownAt === undefined ? null : instantOf(knownAt)
  if (instant !== null && instant > now) {
    throw invalid([{ path: 'query.knownAt', message: `must not lie in the future; it is ${now}` }])
  }
  if (knownAtPosition !== undefined && knownAtPosition > head)
    throw beyondHead(service, snapshot, knownAtPosition, head)
  const then = instant === null ? null : (await firstRecordedAfter(snapshot, instant, head)) - 1
  const known = Math.min(knownAtPosition ?? head, then ?? head)
  if (known > snapshot.position && (instant !== null || knownAtPosition !== undefined)) throw notYet(snapshot, known)
  const at = { asOf: asOf ?? null, known: Math.min(known, snapshot.position), day: asOf ?? service.today() }
  return { at, settled: then === null || then < head }
}

/** @throws the problem `before-beginning` where the ledger was empty at the moment. */
export async function checkBegun(service: Service, snapshot: Snapshot, at: At): Promise<void> {
  if (await isAnythingAt(snapshot, at)) return
  const detail = 'Nothing at all was known, or in force, at that moment.'
  throw problem('before-beginning', detail, { headers: headOf(service, snapshot) })
}

async function readEnd({ db }: Snapshot): Promise<{ head: number; now: string }> {
  const { rows } = await sql<{ head: number; now: string }>`
    SELECT coalesce((SELECT max(position) FROM events), 0) AS head,
           to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS now`.execute(db)
  return rows[0] ?? { head: 0, now: '' }
}

function momentsMissing(service: Service, snapshot: Snapshot): Error {
  const detail = 'This read model was made before it could be asked for other moments than now: it has to be rebuilt.'
  return problem('moments-missing', detail, { headers: headOf(service, snapshot) })
}

function beyondHead(service: Service, snapshot: Snapshot, position: number, head: number): Error {
  const detail = `The log ends at position ${head}; ${position} lies beyond.`
  return problem('beyond-head', detail, { head, headers: headOf(service, snapshot) })
}

function notYet({ position }: Snapshot, known: number): Error {
  const detail = `Position ${known} is not applied yet; this service has applied the log up to ${position}.`
  return problem('not-yet-applied', detail, { applied: position, headers: { 'retry-after': '1' } })
}
