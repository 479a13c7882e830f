/** Lists and totals at another moment than now. */
import { type Answer, encodeCursor, inSlices } from '@commitments/http-kit'
import type { FastifyRequest } from 'fastify'
import type { Place } from '../lists/list.ts'
import { type MomentListed, readMomentPage } from '../lists/past-list.ts'
import { readMomentPortfolio } from '../lists/past-portfolio.ts'
import { readRelatedAt } from '../lists/past-related.ts'
import { relatedIn } from '../lists/related.ts'
import { withDense } from '../past/dense.ts'
import type { At } from '../past/point-in-time.ts'
import type { Snapshot } from '../projections/snapshot.ts'
import type { Service } from '../service.ts'
import { statusBody } from '../status/read-status.ts'
import { type CsvPage, csvDownload, type Download, rowsOfCsvPage } from './csv.ts'
import type { Asked } from './list-proposals.ts'
import { pageAnswer, pageBody } from './page-body.ts'
import { conditional, tagOf } from './reading.ts'
import { checkBegun, inMoment, type Resolved, resolve, type Wanted } from './resolve-point.ts'

export interface MomentList {
  readonly asked: Asked
  /** Of a first page; the cursor holds that of the others. */
  readonly moment: Wanted
}

/** A page of a list at a moment. What is recorded meanwhile changes no page of it. */
export async function listMoment(
  service: Service,
  raw: FastifyRequest,
  list: MomentList,
  limit: number,
): Promise<Answer> {
  const { filters, sort } = list.asked
  const { page, snapshot, at, settled } = await inMoment(service, list.moment, async (snapshot) => {
    const { page, ...found } = await readFirst(service, snapshot, list, limit)
    const body = await pageBody(page, (rows) => servedThen(service, snapshot, rows, found.at))
    return { ...found, page: body, snapshot }
  })
  const { logId, position, generation } = snapshot
  const held = { l: logId, g: generation, p: at.known, d: at.day, f: filters, m: true, s: sort }
  const asOf = at.asOf === null ? {} : { a: at.asOf }
  const next = page.next === null ? null : encodeCursor({ ...held, ...asOf, k: page.next })
  return pageAnswer(service, raw, page, { next, limit, logId, position, headers: storing(settled) })
}

async function servedThen(service: Service, snapshot: Snapshot, rows: readonly MomentListed[], at: At) {
  const ids = rows.map(({ proposalId }) => proposalId)
  const related = await readRelatedAt(snapshot, ids, at)
  return (row: MomentListed) => {
    const status = statusThen(row, at, service)
    return { ...status, related: relatedIn(related, row.proposalId) }
  }
}

/** All of such a list. Each page is read by itself; none of them can change meanwhile. */
export async function csvMoment(service: Service, download: Download, list: MomentList): Promise<Answer> {
  const { filters, sort, cursor } = list.asked
  const { page, snapshot, at, settled } = await inMoment(service, list.moment, async (snapshot) => ({
    ...(await readFirst(service, snapshot, list, rowsOfCsvPage)),
    snapshot,
  }))
  const pageOf = async ({ rows, next }: typeof page): Promise<CsvPage> => ({
    statuses: await inSlices(rows, (row) => statusThen(row, at, service)),
    next,
  })
  const { logId, position, generation } = snapshot
  const { folded: _rows, ...moment } = at
  const of = JSON.stringify([filters, sort, moment, cursor?.k ?? null, generation, service.rules])
  return csvDownload(service, download, {
    logId,
    position,
    etag: tagOf(logId, of),
    headers: storing(settled),
    first: await pageOf(page),
    after: async (place) => {
      const question = { filters, sort, at, limit: rowsOfCsvPage, after: place }
      return pageOf(await inMoment(service, {}, (later) => readMomentPage(later, question, service.timeZone)))
    },
  })
}

async function readFirst(service: Service, snapshot: Snapshot, { asked, moment }: MomentList, limit: number) {
  const { filters, sort, cursor } = asked
  const { at, settled } = cursor ? await resumed(service, snapshot, asked) : await resolve(service, snapshot, moment)
  const after: Place | null = cursor?.k ?? null
  const page = await readMomentPage(snapshot, { filters, sort, limit, at, after }, service.timeZone)
  if (page.rows.length === 0 && cursor === null) await checkBegun(service, snapshot, at)
  return { page, at, settled }
}

/** The portfolio at a moment. */
export async function portfolioMoment(service: Service, raw: FastifyRequest, moment: Wanted): Promise<Answer> {
  const { portfolio, snapshot, settled } = await inMoment(service, moment, async (snapshot) => {
    const { at, settled } = await resolve(service, snapshot, moment)
    const portfolio = await readMomentPortfolio(snapshot, at)
    if (portfolio.total === 0) await checkBegun(service, snapshot, at)
    return { portfolio, snapshot, settled }
  })
  const { logId, position } = snapshot
  const body = JSON.stringify(portfolio)
  return conditional(service, raw, { body, etag: tagOf(logId, body), logId, position, headers: storing(settled) })
}

function storing(settled: boolean): Record<string, string> {
  return settled ? {} : { 'cache-control': 'no-store' }
}

/** A first page that was not settled may be followed by others all the same: they are of the position that it was of. */
async function resumed(service: Service, snapshot: Snapshot, { cursor, day }: Asked): Promise<Resolved> {
  const asked = { asOf: cursor?.a ?? null, known: cursor?.p ?? 0, day }
  return { at: await withDense(asked, snapshot, service.timeZone, service.folds), settled: true }
}

function statusThen({ proposal, parked }: MomentListed, { day }: At, { timeZone }: Service) {
  return statusBody(proposal, parked, day, timeZone)
}
