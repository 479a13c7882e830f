/** Lists and totals at another moment than now. */
import { instantOf, statusOf } from '@commitments/domain'
import { type Answer, encodeCursor, invalid, linkHeader, problem } from '@commitments/http-kit'
import type { FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import type { At } from '../moments/at.ts'
import { firstRecordedAfter } from '../moments/known.ts'
import { type MomentListed, readMomentPage } from '../moments/list.ts'
import { readMomentPortfolio } from '../moments/portfolio.ts'
import { inSnapshot, type Snapshot } from '../read-model/snapshot.ts'
import { reached } from '../read-model/view.ts'
import type { Service } from '../service.ts'
import type { Asked } from './list-proposals.ts'
import type { Moment } from './moment.ts'
import { conditional, headOf, reading, tagOf, waitFor } from './reading.ts'

interface Resolved {
  readonly at: At
  /** Nothing that is recorded from now on can belong to it. */
  readonly settled: boolean
}

/** A moment, and the position that the answer must at least have seen. */
type Wanted = Moment & { readonly atLeast?: number | undefined }

export interface MomentList {
  readonly asked: Asked
  /** Of a first page; the cursor holds that of the others. */
  readonly moment: Wanted
  readonly limit: number
}

/** A page of a list at a moment. What is recorded meanwhile changes no page of it. */
export async function listMoment(
  service: Service,
  raw: FastifyRequest,
  { asked, moment, limit }: MomentList,
): Promise<Answer> {
  const { filters, sort, cursor } = asked
  const { page, snapshot, at, settled } = await inMoment(service, moment, async (snapshot) => {
    const { at, settled } = cursor ? resumed(asked) : await resolve(service, snapshot, moment)
    const question = { filters, sort, limit, at, after: cursor?.k ?? null }
    return { page: await readMomentPage(snapshot, question, service.timeZone), snapshot, at, settled }
  })
  const { logId, position, generation } = snapshot
  const held = { l: logId, g: generation, p: at.known, d: at.day, f: filters, m: true, s: sort }
  const asOf = at.asOf === null ? {} : { a: at.asOf }
  const next = page.next === null ? null : encodeCursor({ ...held, ...asOf, k: page.next })
  const body = JSON.stringify({ proposals: page.rows.map((row) => statusThen(row, at, service)), next })
  const link = linkHeader([{ target: `/v1/proposals?cursor=${next}&limit=${limit}`, rel: 'next' }])
  const headers = { ...(next === null ? {} : { link }), ...storing(settled) }
  return conditional(service, raw, { body, etag: tagOf(logId, body), logId, position, headers })
}

/** The portfolio at a moment. */
export async function portfolioMoment(service: Service, raw: FastifyRequest, moment: Wanted): Promise<Answer> {
  const { portfolio, snapshot, settled } = await inMoment(service, moment, async (snapshot) => {
    const { at, settled } = await resolve(service, snapshot, moment)
    return { portfolio: await readMomentPortfolio(snapshot, at), snapshot, settled }
  })
  const { logId, position } = snapshot
  const body = JSON.stringify(portfolio)
  return conditional(service, raw, { body, etag: tagOf(logId, body), logId, position, headers: storing(settled) })
}

/** What was known at an instant, or at a position that the statuses have seen, the moments are waited for as well. */
async function inMoment<T>(service: Service, wanted: Wanted, read: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  const { view, moments, patience } = service
  const { knownAt, knownAtPosition, atLeast = 0 } = wanted
  await waitFor(service, atLeast, moments)
  const position = knownAtPosition ?? (knownAt === undefined ? 0 : view.position)
  if (position <= view.position) await reached(moments, position, patience)
  return reading(() => inSnapshot(service.db, read, 'proposal-moments'))
}

function storing(settled: boolean): Record<string, string> {
  return settled ? {} : { 'cache-control': 'no-store' }
}

/** A first page that was not settled may be followed by others all the same: they are of the position that it was of. */
function resumed({ cursor, day }: Asked): Resolved {
  return { at: { asOf: cursor?.a ?? null, known: cursor?.p ?? 0, day }, settled: true }
}

function statusThen({ proposal, parked }: MomentListed, { day }: At, { timeZone }: Service) {
  const status = statusOf(proposal, day, timeZone)
  return parked === null ? status : { ...status, parked }
}

/**
 * @throws the problems `invalid` for an instant that is still to come, `beyond-head` for a position that is, and
 * `not-yet-applied` where the read model is not as far as the moment.
 */
async function resolve(service: Service, snapshot: Snapshot, moment: Moment): Promise<Resolved> {
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

async function readEnd({ db }: Snapshot): Promise<{ head: number; now: string }> {
  const { rows } = await sql<{ head: number; now: string }>`
    SELECT coalesce((SELECT max(position) FROM events), 0) AS head,
           to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS now`.execute(db)
  return rows[0] ?? { head: 0, now: '' }
}

function beyondHead(service: Service, snapshot: Snapshot, position: number, head: number): Error {
  const detail = `The log ends at position ${head}; ${position} lies beyond.`
  return problem('beyond-head', detail, { head, headers: headOf(service, snapshot) })
}

function notYet({ position }: Snapshot, known: number): Error {
  const detail = `Position ${known} is not applied yet; this service has applied the log up to ${position}.`
  return problem('not-yet-applied', detail, { applied: position, headers: { 'retry-after': '1' } })
}
