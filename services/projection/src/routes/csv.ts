/** The list as CSV (RFC 4180): every row, read page by page as the reader takes them. */
import type { Answer } from '@commitments/http-kit'
import { stringify } from 'csv-stringify/sync'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type ListQuestion, type Page, readPage } from '../read-model/list.ts'
import type { ServedStatus } from '../read-model/read-status.ts'
import { inSnapshot } from '../read-model/snapshot.ts'
import type { Standing } from '../read-model/view.ts'
import type { Service } from '../service.ts'
import { streamed } from './downloads.ts'
import { type Asked, rowStatus } from './list-proposals.ts'
import { conditional, reading, tagOf } from './reading.ts'

interface Read extends Standing {
  readonly page: Page
}

/**
 * The first page is read before the answer begins, so that a database that is away is a problem document and not a
 * broken stream. Each page is a snapshot of its own, none older than the `Log-Position`; no transaction waits for a
 * slow reader.
 *
 * The tag is weak, for what is recorded meanwhile may be in one download and not in another that began at the same
 * position.
 */
export async function csvAnswer(
  service: Service,
  raw: FastifyRequest,
  reply: FastifyReply,
  asked: Asked,
): Promise<Answer> {
  const { filters, sort, day, cursor } = asked
  const question = { filters, sort, day, limit: pageSize, after: cursor?.k ?? null, asOfPosition: cursor?.p ?? null }
  const first = await reading(() => readOne(service, question))
  const { logId, position, generation } = first
  const of = JSON.stringify([question, generation, service.rules])
  return conditional(service, raw, {
    logId,
    position,
    etag: `W/${tagOf(logId, String(position), of)}`,
    headers: { 'content-disposition': 'attachment; filename="proposals.csv"' },
    type: 'text/csv; charset=utf-8',
    body: () => streamed(service, reply, csvPages(service, question, first)),
  })
}

/** Rows that are in memory at once. */
const pageSize = 500

/** On a first page the list begins where the read model stands. */
type Question = Omit<ListQuestion, 'asOfPosition'> & { readonly asOfPosition: number | null }

function readOne(service: Service, question: Question): Promise<Read> {
  return inSnapshot(service.db, async (snapshot) => {
    const { logId, generation, position } = snapshot
    const page = await readPage(snapshot, { ...question, asOfPosition: question.asOfPosition ?? position })
    return { logId, generation, position, page }
  })
}

async function* csvPages(service: Service, question: Question, first: Read): AsyncGenerator<string> {
  const asOfPosition = question.asOfPosition ?? first.position
  let { page } = first
  yield csvOf(service, page, question.day, true)
  while (page.next !== null) {
    ;({ page } = await readOne(service, { ...question, asOfPosition, after: page.next }))
    yield csvOf(service, page, question.day, false)
  }
}

function csvOf({ timeZone }: Service, page: Page, day: string, header: boolean): string {
  const records = page.rows.map((row) => record(rowStatus(row, day, timeZone)))
  // Made for spreadsheets. bom: without it they take UTF-8 for their own code page, and Vietnamese and Korean are lost.
  // escape_formulas: a title that begins with = or @ must not run as a formula.
  return stringify(records, { header, columns, bom: header, escape_formulas: true, record_delimiter: 'windows' })
}

const columns = [
  'proposalId',
  'title_en',
  'title_vi',
  'title_ko',
  'titles',
  'kind',
  'stage',
  'ending',
  'suspended',
  'condition',
  'parties',
  'countries',
  'fields',
  'parent',
  'plannedStart',
  'plannedEnd',
  'requested',
  'pledged',
  'committed',
  'disbursed',
  'undisbursed',
  'undisclosedLines',
  'evidenceCount',
  'version',
  'position',
  'lastEventAt',
] as const

type Column = (typeof columns)[number]

/** Lists are separated by `; `, amounts read `USD 12.50; VND 3000`; `titles` has every language, as JSON. */
function record(status: ServedStatus): Record<Column, string> {
  const { money, parties, title } = status
  return {
    proposalId: status.proposalId,
    title_en: title.en ?? '',
    title_vi: title.vi ?? '',
    title_ko: title.ko ?? '',
    titles: JSON.stringify(title),
    kind: status.kind,
    stage: status.stage,
    ending: status.ending ?? '',
    suspended: String(status.suspended),
    condition: status.condition,
    parties: list(parties.map(({ party }) => party)),
    countries: list(new Set(parties.flatMap(({ country }) => country ?? []))),
    fields: list(status.fields),
    parent: status.parent ?? '',
    plannedStart: status.planned.start ?? '',
    plannedEnd: status.planned.end ?? '',
    requested: list(status.requested.flatMap(({ amount }) => (amount ? `${amount.currency} ${amount.value}` : []))),
    pledged: amounts(money.pledged),
    committed: amounts(money.committed),
    disbursed: amounts(money.disbursed),
    undisbursed: amounts(money.undisbursed),
    undisclosedLines: String(money.undisclosed.length),
    evidenceCount: String(status.evidenceCount),
    version: String(status.version),
    position: String(status.position),
    lastEventAt: status.lastEventAt,
  }
}

function list(values: Iterable<string>): string {
  return [...values].join('; ')
}

function amounts(totals: ServedStatus['money']['committed']): string {
  return list(Object.entries(totals).map(([currency, value]) => `${currency} ${value}`))
}
