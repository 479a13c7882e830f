/** The list as CSV (RFC 4180): every row, read page by page as the reader takes them. */
import { type WordLanguage, withNamesInForce } from '@commitments/domain'
import { type Answer, breathe, inSlices } from '@commitments/http-kit'
import { stringify } from 'csv-stringify/sync'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { statusBody } from '../answers/read-status.ts'
import type { Listed } from '../lists/list.ts'
import type { PageKey } from '../lists/question.ts'
import { readRenamings } from '../lists/renamings.ts'
import type { Source } from '../lists/source.ts'
import type { Service } from '../service.ts'
import { type PointQuery, storing } from './as-of.ts'
import { type CsvRow, columns, csvRow, linksTo } from './csv-row.ts'
import { streamed } from './downloads.ts'
import type { ListQuery } from './list-query.ts'
import { readListPage } from './read-list.ts'
import { conditional, type Seen, tagOf } from './reading.ts'

/** The most rows in memory at once; fewer if they are large. */
const rowsOfCsvPage = 500

/** The caller that downloads, and the turn in which each page is read. */
interface Download {
  readonly raw: FastifyRequest
  readonly reply: FastifyReply
  readonly turn: <T>(work: () => Promise<T>) => Promise<T>
}

interface CsvPage {
  readonly rows: readonly CsvRow[]
  /** Null if the list ends here. */
  readonly next: PageKey | null
}

type CsvQuery = PointQuery & { readonly lang?: WordLanguage | undefined }

interface CsvList extends Seen {
  readonly etag: string
  readonly headers?: Record<string, string>
  /** Read before the answer begins, so that an unavailable database is a problem document and not a broken stream. */
  readonly first: CsvPage
  readonly after: (after: PageKey) => Promise<CsvPage>
}

/** The pages one after the other, as the reader takes them; no transaction waits for a slow reader. */
function csvDownload(
  service: Service,
  { raw, reply, turn }: Download,
  { first, after, headers, ...seen }: CsvList,
): Answer {
  return conditional(service, raw, {
    ...seen,
    headers: { ...headers, 'content-disposition': 'attachment; filename="proposals.csv"' },
    type: 'text/csv; charset=utf-8',
    body: () =>
      streamed(
        service,
        reply,
        csvPages(first, (key) => turn(() => after(key))),
      ),
  })
}

async function* csvPages(first: CsvPage, after: CsvList['after']): AsyncGenerator<string> {
  yield* csvParts(first, true)
  for (let { next } = first; next !== null; ) {
    const page = await after(next)
    yield* csvParts(page, false)
    next = page.next
  }
}

/** Rows that are written in one go. */
const rowsAtOnce = 50

async function* csvParts({ rows }: CsvPage, header: boolean): AsyncGenerator<string> {
  if (rows.length === 0) yield csvOf([], header)
  for (let start = 0; start < rows.length; start += rowsAtOnce) {
    yield csvOf(rows.slice(start, start + rowsAtOnce), header && start === 0)
    await breathe()
  }
}

/**
 * The whole list. Each page is a separate snapshot, none older than the `Log-Position`.
 *
 * The ETag of a list of now is weak, because events recorded meanwhile may be in one download and not in another that began at the same
 * position. At a point in time nothing can change meanwhile.
 */
export async function csvAnswer(
  service: Service,
  download: Download,
  list: ListQuery,
  wanted: CsvQuery,
): Promise<Answer> {
  const { source, settled, found } = await readCsvPage(service, list, wanted)
  const { logId, position } = source.snapshot
  const rest = { ...list, at: source.at, began: list.began ?? position }
  return csvDownload(service, download, {
    logId,
    position,
    etag: csvTag(service, list, source, wanted.lang),
    headers: storing(settled),
    first: found,
    after: async (after) => (await readCsvPage(service, { ...rest, after }, { lang: wanted.lang })).found,
  })
}

function csvTag(
  { rules }: Service,
  { filters, order, began, after }: ListQuery,
  { at, day, snapshot }: Source,
  lang: WordLanguage | undefined,
): string {
  const { logId, position, generation } = snapshot
  const of = JSON.stringify([
    filters,
    order,
    lang,
    day,
    at?.asOf,
    at?.known,
    began,
    after,
    rowsOfCsvPage,
    generation,
    rules,
  ])
  return at === null ? `W/${tagOf(logId, String(position), of)}` : tagOf(logId, of)
}

function readCsvPage(service: Service, list: ListQuery, wanted: CsvQuery) {
  const { lang: language = 'en' } = wanted
  return readListPage(service, list, wanted, rowsOfCsvPage, async ({ rows, next }, source): Promise<CsvPage> => {
    const { day, at } = source
    const renamings = await readRenamings(source)
    const words = { language, linkTo: linksTo(service.cloudEvents.publicUrl, at) }
    const write = ({ proposal, parked }: Listed) =>
      csvRow(withNamesInForce(statusBody(proposal, parked, day, service.timeZone), renamings), words)
    return { rows: await inSlices(rows, write), next }
  })
}

/**
 * For spreadsheets. bom: without it they read UTF-8 in their own code page, and Vietnamese and Korean are lost. quoted_match: with CR LF as
 * the end of a row the library quotes neither CR nor LF alone, and readers end rows at both.
 */
function csvOf(rows: readonly CsvRow[], header: boolean): string {
  return stringify([...rows], {
    header,
    columns,
    bom: header,
    record_delimiter: 'windows',
    quoted_match: /[\r\n]/,
    cast: { string: withoutFormula },
  })
}

/** What spreadsheets run or trim: the first character of a formula, also in full width, after any blanks; and a leading TAB, CR or LF. */
const formula = /^(?:[\t\r\n]|[\s\p{C}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/u

/** A leading apostrophe makes a spreadsheet take a cell for text, whatever it contains. */
function withoutFormula(cell: string): string {
  return formula.test(cell) ? `'${cell}` : cell
}
