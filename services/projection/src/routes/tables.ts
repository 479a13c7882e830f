/** The ledger as tidy tables, for spreadsheets and for programs. */
import type { WordLanguage } from '@commitments/domain'
import { type Answer, breathe, defineRoute, linkHeader, problem, type RouteDefinition } from '@commitments/http-kit'
import { z } from 'zod'
import { countAll } from '../lists/list.ts'
import { readMoneyBeside } from '../lists/portfolio.ts'
import type { Source } from '../lists/source.ts'
import type { Service } from '../service.ts'
import { allTables, tableDialectWords } from '../tables/all-tables.ts'
import { byteOrderMark, csvText, type Dialect, inDialect } from '../tables/csv-text.ts'
import { metadataName, metadataType, tablesMetadata } from '../tables/csvw.ts'
import { linksTo } from '../tables/page-links.ts'
import { readTablePage, rowsOf, type TablePage, type TableReading } from '../tables/read-rows.ts'
import type { Table } from '../tables/table.ts'
import { workbook, workbookType } from '../tables/workbook.ts'
import { type PointQuery, pastProblems, storing } from './as-of.ts'
import { inSnapshotOf } from './at-least.ts'
import { streamed } from './downloads.ts'
import { type ListQuery, parseListQuery, Query } from './list-query.ts'
import { conditional, longestLink, notModified, readHeaders, tagOf, waitProblems } from './reading.ts'
import { type Download, downloadOf, proposalsAtOnce, tagOfWhole, type WholeList, wholeList } from './whole-list.ts'

const folder = '/v1/tables'
const csvType = 'text/csv; charset=utf-8; header=present'

const { limit: _limit, cursor: _cursor, ...listQuery } = Query.shape

const WholeQuery = z.strictObject(listQuery)
type WholeQuery = z.output<typeof WholeQuery>

const dialects = Object.keys(tableDialectWords) as [Dialect, ...Dialect[]]

const TableQuery = WholeQuery.extend({
  dialect: z.enum(dialects).optional().meta({
    description:
      '`spreadsheet` (the default): UTF-8 with a byte order mark, and an apostrophe before each cell that a spreadsheet would run as a formula; numbers have none. `plain`: RFC 4180, without both, for programs.',
  }),
})

const answerHeaders = [...readHeaders, 'Content-Disposition'] as const
const problems = ['too-many-downloads', 'before-beginning', ...pastProblems, ...waitProblems] as const

export function tableRoutes(service: Service): RouteDefinition[] {
  return [...allTables.map((table) => tableRoute(service, table)), metadataRoute(service), workbookRoute(service)]
}

function tableRoute(service: Service, table: Table): RouteDefinition {
  const { name, words, columns, key, scope } = table
  return defineRoute({
    method: 'GET',
    url: `${folder}/${name}`,
    operationId: `read${name.replace(/^./, (first) => first.toUpperCase())}Table`,
    tag: 'Tables',
    summary: `Table: ${words.en.label.toLowerCase()}`,
    description:
      `${words.en.description} A whole table as CSV with the filters of the list: now, or at any moment. A row is named by ${key.join(', ')}. Columns: ${columns.map((column) => column.name).join(', ')}. ` +
      `\`Link\` leads to their description (CSV on the Web); it is omitted if it would be longer than ${longestLink.toLocaleString('en')} characters. In a table of now, each page of ${proposalsAtOnce} proposals is a separate snapshot, none older than \`Log-Position\`; with \`knownAtPosition\`, all of it is of one moment.`,
    access: { scope },
    query: TableQuery,
    responses: {
      200: { description: 'The table.', contentTypes: ['text/csv'], headers: [...answerHeaders, 'Link'] },
      304: notModified,
    },
    problems,
    handler: (request) => tableAnswer(service, downloadOf(request), table, request.query),
  })
}

async function tableAnswer(
  service: Service,
  download: Download,
  table: Table,
  query: z.output<typeof TableQuery>,
): Promise<Answer> {
  const { dialect = 'spreadsheet', lang: language = 'en' } = query
  const list = parseListQuery(service, query)
  const { whole, beside } = await readTable(service, download, table, list, query)
  const { source, settled } = whole
  const rows = rowsOfWhole(service, download, table, { whole, beside, language })
  const { logId, position } = source.snapshot
  return conditional(service, download.raw, {
    logId,
    position,
    etag: tagOfWhole(service, list, whole, [language, dialect, metadataDigest, table.name]),
    headers: {
      ...storing(settled),
      ...describedBy(download),
      'content-disposition': `attachment; filename="${table.name}.csv"`,
    },
    type: csvType,
    body: () => streamed(service, download.reply, csvOf(table, rows(), dialect)),
  })
}

interface ReadTable {
  readonly whole: WholeList<TablePage>
  readonly beside: TableReading['beside']
}

/** The first page, and which money of the view is in no total: both from one snapshot. */
async function readTable(
  service: Service,
  download: Download,
  table: Table,
  list: ListQuery,
  wanted: PointQuery,
): Promise<ReadTable> {
  let beside: ReadTable['beside'] | undefined
  const whole = await wholeList(service, download, list, wanted, async (page, source) => {
    if (table.name === 'money') beside ??= await readMoneyBeside(source, list.filters)
    return readTablePage(table, page, source)
  })
  return { whole, beside: beside ?? new Map() }
}

function rowsOfWhole(
  service: Service,
  { turn }: Download,
  table: Table,
  { whole, beside, language }: ReadTable & { readonly language: WordLanguage },
) {
  const { timeZone, cloudEvents } = service
  const { at } = whole.source
  const linkTo = linksTo(cloudEvents.publicUrl, at)
  const projection = at === null ? 'proposal-status' : 'proposal-moments'
  const readFrom: TableReading['readFrom'] = (position, work) =>
    turn(() => inSnapshotOf(service, position, work, projection))
  return async function* (): AsyncGenerator<readonly (readonly string[])[]> {
    for await (const page of whole.parts()) yield* rowsOf(table, page, { timeZone, language, linkTo, beside, readFrom })
  }
}

/** Rows that are written in one go. */
const rowsAtOnce = 200

async function* csvOf(
  { columns }: Table,
  rows: AsyncIterable<readonly (readonly string[])[]>,
  dialect: Dialect,
): AsyncGenerator<string> {
  const types = columns.map(({ datatype }) => datatype)
  const header = csvText([columns.map(({ name }) => name)])
  yield dialect === 'plain' ? header : byteOrderMark + header
  for await (const some of rows) {
    for (let start = 0; start < some.length; start += rowsAtOnce) {
      yield csvText(some.slice(start, start + rowsAtOnce).map((row) => inDialect(row, types, dialect)))
      await breathe()
    }
  }
}

/** The description of exactly this table: with its query. */
function describedBy({ raw }: Pick<Download, 'raw'>): Record<string, string> {
  const link = linkHeader([
    { target: `${folder}/${metadataName}${queryOf(raw.url)}`, rel: 'describedby', type: metadataType },
  ])
  return link.length > longestLink ? {} : { link }
}

/** The query as it was sent, with its question mark. */
function queryOf(url: string): string {
  const start = url.indexOf('?')
  return start < 0 ? '' : url.slice(start)
}

/** It changes with the columns. */
const metadataDigest = tagOf('', JSON.stringify(tablesMetadata({ query: '' })))

const MetadataSchema = z
  .looseObject({
    tables: z
      .array(
        z.looseObject({
          url: z.string().max(8_200).meta({ description: 'The address of the CSV, relative to this document.' }),
        }),
      )
      .max(20)
      .meta({ description: 'Each table, with its columns and keys.' }),
  })
  .meta({
    id: 'TablesMetadata',
    description: 'CSV on the Web: a table group (W3C Recommendation csvw, tabular-metadata).',
  })

function metadataRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'GET',
    url: `${folder}/${metadataName}`,
    operationId: 'readTablesMetadata',
    tag: 'Tables',
    summary: 'What the columns of the tables mean',
    description:
      'The tables, their columns, types, keys and the licence, as CSV on the Web describes them; titles and descriptions in English, Vietnamese and Korean. With the query of a table, it describes the tables with that query: a table leads to its own by `Link`.',
    access: { scope: 'read' },
    query: TableQuery,
    responses: {
      200: {
        description: 'The metadata.',
        schema: MetadataSchema,
        contentTypes: [metadataType, 'application/json'],
        headers: ['ETag', 'Cache-Control'],
      },
      304: { ...notModified, headers: ['ETag', 'Cache-Control'] },
    },
    problems: [],
    work: 'memory',
    handler: ({ raw, accepted }) => {
      const body = JSON.stringify(tablesMetadata({ query: queryOf(raw.url), licence: service.dataLicence }))
      return conditional(service, raw, { body, etag: tagOf('tables', body), type: accepted })
    },
  })
}

/** The most proposals of a workbook: more rows than people look at, and as many as spreadsheets open. */
export const proposalsOfWorkbook = 20_000

function workbookRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'GET',
    url: `${folder}/workbook.xlsx`,
    operationId: 'readWorkbook',
    tag: 'Tables',
    summary: 'All tables as one workbook (XLSX)',
    description: `All tables with the filters of the list, each as a sheet, with titles in \`lang\`, and a first sheet that says where they come from. The whole workbook is of one moment, also without \`knownAtPosition\`. Ids, dates, and numbers of more than 15 digits are text, so that no spreadsheet changes them. At most ${proposalsOfWorkbook.toLocaleString('en')} proposals.`,
    access: { scope: 'audit' },
    query: WholeQuery,
    responses: {
      200: { description: 'The workbook.', contentTypes: [workbookType], headers: answerHeaders },
      304: notModified,
    },
    problems: ['too-many-proposals', ...problems],
    handler: (request) => workbookAnswer(service, downloadOf(request), request.query),
  })
}

/** At a point in time even if none is asked for: sheets are read one after the other, and belong together. */
async function workbookAnswer(service: Service, download: Download, query: WholeQuery): Promise<Answer> {
  const { lang: language = 'en' } = query
  const { raw, reply } = download
  const list = { ...parseListQuery(service, query), past: true }
  const [first, ...others] = allTables
  if (first === undefined) throw new Error('A workbook has at least one table.')
  let beside: ReadTable['beside'] | undefined
  const whole = await wholeList(service, download, list, query, async (page, source) => {
    if (beside === undefined) await refuseLarge(source, list)
    beside ??= await readMoneyBeside(source, list.filters)
    return readTablePage(first, page, source)
  })
  const { source, settled } = whole
  const { at, snapshot } = source
  const { logId } = snapshot
  const position = at?.known ?? snapshot.position
  const partsOf = async function* (table: Table) {
    const own = table === first ? whole : await sheetOf(service, download, table, { ...list, at })
    yield* rowsOfWhole(service, download, table, { whole: own, beside: beside ?? new Map(), language })()
  }
  const address = `${service.cloudEvents.publicUrl.replace(/\/$/, '')}${addressAt(raw.url, position)}`
  const provenance = { logId, position, day: source.day, asOf: at?.asOf ?? null, address }
  return conditional(service, raw, {
    logId,
    position: snapshot.position,
    etag: tagOfWhole(service, list, whole, [language, metadataDigest, others.length, address]),
    headers: { ...storing(settled), 'content-disposition': 'attachment; filename="commitments.xlsx"' },
    type: workbookType,
    body: () => streamed(service, reply, workbook(language, provenance, partsOf)),
  })
}

function sheetOf(service: Service, download: Download, table: Table, list: ListQuery): Promise<WholeList<TablePage>> {
  return download.turn(() =>
    wholeList(service, download, list, {}, (page, source) => readTablePage(table, page, source)),
  )
}

/** The same request, with the position that it was answered at. */
function addressAt(url: string, position: number): string {
  const query = new URLSearchParams(queryOf(url))
  query.delete('knownAt')
  query.set('knownAtPosition', String(position))
  return `${folder}/workbook.xlsx?${query.toString()}`
}

/** @throws the problem `too-many-proposals` */
async function refuseLarge(source: Source, { filters }: ListQuery): Promise<void> {
  const total = await countAll(source, filters)
  if (total <= proposalsOfWorkbook) return
  const most = proposalsOfWorkbook.toLocaleString('en')
  const detail = `The view has ${total} proposals, and a workbook at most ${most}. Use CSV (${folder}/proposals …), or narrow the view by filters.`
  throw problem('too-many-proposals', detail, { total, most: proposalsOfWorkbook })
}
