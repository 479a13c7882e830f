import { Day, type Proposal, ProposalId } from '@commitments/domain'
import {
  type Answer,
  decodeCursor,
  defineRoute,
  encodeCursor,
  invalid,
  queryInteger,
  queryList,
  type RouteDefinition,
} from '@commitments/http-kit'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Filters, filterShape, tooMuch, valuesOfFilter } from '../lists/filters.ts'
import { EarlierPlacesUnknown, type ListedRow, type ListQuestion, type Page, readPage, sorts } from '../lists/list.ts'
import { readRelated, relatedIn } from '../lists/related.ts'
import { inSnapshot, type Snapshot } from '../projections/snapshot.ts'
import type { Service } from '../service.ts'
import { statusBody } from '../status/read-status.ts'
import { csvAnswer } from './csv.ts'
import { isMoment, momentProblems, momentQuery } from './get-past-proposal.ts'
import { ProposalStatus } from './get-proposal.ts'
import { csvMoment, listMoment } from './list-past.ts'
import { pageAnswer, pageBody } from './page-body.ts'
import { atLeast, notModified, readHeaders, reading, waitFor, waitProblems } from './reading.ts'

const csv = 'text/csv'

const filterDescriptions = {
  stage: 'The highest act reached. Repeatable, here and in every list below; matches any of the values.',
  ending:
    'How it ended; `none` for what has not ended. What was recorded by mistake (`void`) is left out ' +
    'unless it is asked for here.',
  kind: 'The kind of commitment.',
  condition: 'How it stands today, or on the day of `asOf`.',
  party: 'This party takes part; with `role`: in that role.',
  role: 'Some party has this role.',
  field: 'It is about this field.',
  country: 'Some party is of this country (ISO 3166-1); with `role`: in that role.',
  parent: 'It is a direct part of this programme.',
  suspended: 'Whether it is suspended.',
  formerParty: 'This party took part and left.',
  q: 'Its id, a title or a party contains this text, in upper or lower case.',
  updatedSince:
    'Something about it was recorded at or after this time (RFC 3339). Digits beyond microseconds are cut off.',
}

/** Every filter as it comes in a URL. */
const filterQuery = {
  stage: listed(filterShape.stage, filterDescriptions.stage),
  ending: listed(filterShape.ending, filterDescriptions.ending),
  kind: listed(filterShape.kind, filterDescriptions.kind),
  condition: listed(filterShape.condition, filterDescriptions.condition),
  party: listed(filterShape.party, filterDescriptions.party),
  role: listed(filterShape.role, filterDescriptions.role),
  field: listed(filterShape.field, filterDescriptions.field),
  country: listed(filterShape.country, filterDescriptions.country),
  parent: filterShape.parent.meta({ description: filterDescriptions.parent }),
  suspended: filterShape.suspended.meta({ description: filterDescriptions.suspended }),
  formerParty: listed(filterShape.formerParty, filterDescriptions.formerParty),
  q: filterShape.q.meta({ description: filterDescriptions.q }),
  updatedSince: filterShape.updatedSince.meta({ description: filterDescriptions.updatedSince }),
}

/** A filter that takes several values. */
function listed<Item extends z.ZodType>(filter: z.ZodOptional<z.ZodArray<Item>>, description: string) {
  return queryList(filter.unwrap().element, valuesOfFilter).optional().meta({ description })
}

const usualLimit = 50
/** Characters of a cursor: of all filters that are accepted, and of the longest key. */
const cursorLength = 8_000

const Query = z.strictObject({
  ...filterQuery,
  sort: z
    .enum(sorts)
    .optional()
    .meta({
      description:
        'The order: by id (the default), by title (without diacritics), by planned end (unknown last) or by last ' +
        'update. A `-` in front reverses it.',
    }),
  limit: queryInteger(1, 500)
    .optional()
    .meta({
      description: `The most proposals on a page of JSON; the default is ${usualLimit}. A page has fewer where they make some megabytes. CSV has no pages.`,
    }),
  cursor: z.string().min(1).max(cursorLength).optional().meta({
    description: 'The `next` of an earlier page. It holds the filters and the order, which need not be given again.',
  }),
  ...momentQuery,
  ...atLeast,
})
type Query = z.output<typeof Query>

/**
 * Where a page ended, and what was asked: `l` log, `g` generation, `p` position and `d` day of the first page, `k` the
 * last row. Of a list of another moment `p` is what was known then.
 */
const Cursor = z.strictObject({
  l: z.string().max(40),
  g: z.int().min(1),
  p: z.int().min(0),
  d: Day,
  f: Filters,
  /** The day of `asOf`; absent where none was asked for. Then `p` is what was known. */
  a: Day.optional(),
  /** Whether it is a list of another moment than now. */
  m: z.literal(true).optional(),
  s: z.enum(sorts),
  k: z.tuple([z.string().max(400), ProposalId]),
})
export type Cursor = z.output<typeof Cursor>

const ProposalList = z
  .object({
    proposals: z.array(ProposalStatus).max(500),
    next: z
      .string()
      .max(cursorLength)
      .nullable()
      .meta({ description: 'The `cursor` of the next page; null on the last page.' }),
  })
  .meta({ id: 'ProposalList', description: 'A page of proposals.' })

export function listProposalsRoute(service: Service): RouteDefinition {
  return defineRoute({
    method: 'GET',
    url: '/v1/proposals',
    operationId: 'listProposals',
    tag: 'Status',
    summary: 'Proposals, filtered and sorted',
    description:
      'The answer is a page as JSON, or the whole list as `text/csv` for spreadsheets: UTF-8 with a byte order mark, CR LF, and ' +
      'an apostrophe before a cell that a spreadsheet would run as a formula. A client that follows `next` to the end meets each ' +
      'proposal that matches the filters once, in every order, also while events are recorded: a proposal that is renamed, ' +
      'postponed or updated meanwhile keeps the place that it had when the first page was read. Proposals that are new since then ' +
      'are only in a list by id. All filters together may have 4,000 bytes, and 400 pairs of a party or country with a role. The ' +
      'header `Link` is absent where it would be longer than 2,000 characters; `next` always says the same.',
    access: { scope: 'read' },
    query: Query,
    responses: {
      200: {
        description: 'A page, or the whole list as CSV.',
        schema: ProposalList,
        contentTypes: ['application/json', csv],
        headers: [...readHeaders, 'Link'],
      },
      304: notModified,
    },
    problems: ['too-many-downloads', 'before-beginning', ...momentProblems, ...waitProblems],
    handler: async (request) => {
      const { query, accepted, raw, reply } = request
      const download = {
        raw,
        reply,
        turn: <T>(work: () => Promise<T>) => request.inTurn('page', work, { patient: true }),
      }
      if (accepted === csv && query.limit !== undefined) throw limitedCsv()
      const asked = understand(service, query)
      if (isMoment(query) || asked.cursor?.m) {
        const list = { asked, moment: query }
        if (accepted === csv) return csvMoment(service, download, list)
        return listMoment(service, raw, list, query.limit ?? usualLimit)
      }
      await waitFor(service, query.atLeast ?? 0)
      if (accepted === csv) return csvAnswer(service, download, asked)
      return listPage(service, raw, asked, query.limit ?? usualLimit)
    },
  })
}

function limitedCsv(): Error {
  return invalid([{ path: 'query.limit', message: 'must be omitted for text/csv, which has every row' }])
}

/** What is asked for: by the parameters, or by the cursor of an earlier page. */
export interface Asked {
  readonly filters: Filters
  readonly sort: ListQuestion['sort']
  readonly day: string
  /** Absent on a first page. */
  readonly cursor: Cursor | null
}

function understand(service: Service, query: Query): Asked {
  const { cursor, sort, limit: _limit, atLeast: _atLeast, asOf, knownAt, knownAtPosition, ...filters } = query
  const message = tooMuch(filters)
  if (message !== null) throw invalid([{ path: 'query', message }])
  if (cursor === undefined) return { filters, sort: sort ?? 'proposalId', day: service.today(), cursor: null }
  if (isMoment({ asOf, knownAt, knownAtPosition }))
    throw invalidCursor('holds its moment; omit `asOf`, `knownAt` and `knownAtPosition`')
  const decoded = decodeCursor(Cursor, cursor)
  checkCursor(service, decoded)
  const again = Object.entries({ ...filters, sort }).filter(([, value]) => value !== undefined)
  const meant: Record<string, unknown> = { ...decoded.f, sort: decoded.s }
  const other = again.find(([name, value]) => JSON.stringify(value) !== JSON.stringify(meant[name]))
  if (other)
    throw invalidCursor(`is of a list with another \`${other[0]}\`; omit the filters, or begin again without a cursor`)
  return { filters: decoded.f, sort: decoded.s, day: decoded.d, cursor: decoded }
}

/** What a row's sort key can look like, so that the database is never asked to compare with something else. */
const isKey: Readonly<Record<string, (key: string) => boolean>> = {
  proposalId: (key) => ProposalId.safeParse(key).success,
  title: (key) => !key.includes('\0'),
  plannedEnd: (key) => key === 'infinity' || Day.safeParse(key).success,
  updated: (key) => /^\d{1,15}$/.test(key),
}

function checkCursor({ view, moments }: Service, { l, g, m, s, k: [key] }: Cursor): void {
  const by = s.replace('-', '')
  if (l !== view.logId) throw invalidCursor('is of another log; begin again without one')
  if (!isKey[by]?.(key)) throw invalidCursor('must be a cursor of an earlier answer; begin again without one')
  // Ids and positions are what they are; keys that the rules derive may come out otherwise in another generation.
  const derived = by === 'title' || by === 'plannedEnd'
  if (derived && g !== (m ? moments : view).generation)
    throw invalidCursor('is of an earlier generation of the list; begin again without one')
}

function invalidCursor(message: string): Error {
  return invalid([{ path: 'query.cursor', message }])
}

function questionOf({ filters, sort, day, cursor }: Asked, snapshot: Snapshot, limit: number): ListQuestion {
  return { filters, sort, day, limit, after: cursor?.k ?? null, asOfPosition: cursor?.p ?? snapshot.position }
}

/**
 * Reads of a list that began at the position, or begins here. The past, which knows the places that rows had there, may be
 * behind: then it is waited for.
 */
export async function readList<T>(
  service: Service,
  began: number | undefined,
  read: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  const once = () => reading(() => inSnapshot(service.db, read))
  try {
    return await once()
  } catch (error) {
    if (!(error instanceof EarlierPlacesUnknown)) throw error
    await waitFor(service, began ?? 0, service.moments)
    return once()
  }
}

async function listPage(service: Service, raw: FastifyRequest, asked: Asked, limit: number): Promise<Answer> {
  const { page, snapshot } = await readList(service, asked.cursor?.p, async (snapshot) => {
    const found = await readPage(snapshot, questionOf(asked, snapshot, limit), service)
    return { page: await pageBody(found, (rows) => servedOf(service, snapshot, rows, asked.day)), snapshot }
  })
  const { logId, position } = snapshot
  const next = page.next === null ? null : cursorOf(asked, snapshot, page.next)
  return pageAnswer(service, raw, page, { next, limit, logId, position })
}

function cursorOf(
  { filters, sort, day, cursor }: Asked,
  { logId, generation, position }: Snapshot,
  place: Page['next'],
): string {
  return encodeCursor({ l: logId, g: generation, p: cursor?.p ?? position, d: day, f: filters, s: sort, k: place })
}

async function servedOf({ timeZone }: Service, snapshot: Snapshot, rows: readonly ListedRow[], day: string) {
  const ids = rows.map(({ proposalId }) => proposalId)
  const related = await readRelated(snapshot, ids)
  return (row: ListedRow) => {
    const status = rowStatus(row, day, timeZone)
    return { ...status, related: relatedIn(related, row.proposalId) }
  }
}

export function rowStatus({ state, parked }: ListedRow, day: string, timeZone: string) {
  return statusBody(JSON.parse(state) as Proposal, parked, day, timeZone)
}
