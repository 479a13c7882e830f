import { Day, type Proposal, ProposalId } from '@commitments/domain'
import {
  type Answer,
  decodeCursor,
  defineRoute,
  encodeCursor,
  invalid,
  linkHeader,
  queryInteger,
  queryList,
  type RouteDefinition,
} from '@commitments/http-kit'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Filters } from '../read-model/filters.ts'
import { type ListedRow, type ListQuestion, type Page, readPage, sorts } from '../read-model/list.ts'
import { statusBody } from '../read-model/read-status.ts'
import { type RelatedRow, readRelated, relatedOf, unrelated } from '../read-model/related.ts'
import { inSnapshot, type Snapshot } from '../read-model/snapshot.ts'
import type { Service } from '../service.ts'
import { csvAnswer } from './csv.ts'
import { ProposalStatus } from './get-proposal.ts'
import { isMoment, momentProblems, momentQuery } from './moment.ts'
import { atLeast, conditional, notModified, readHeaders, reading, tagOf, waitFor, waitProblems } from './reading.ts'
import { csvMoment, listMoment } from './whole-moment.ts'

const csv = 'text/csv'
const { shape } = Filters

const filterDescriptions = {
  stage: 'The highest act reached. Several: any of them; so for every list here.',
  ending:
    'How it ended; `none` for what has not ended. What was recorded by mistake (`void`) is left out ' +
    'unless asked for here.',
  kind: 'What kind of commitment it is.',
  condition: 'How it stands today.',
  party: 'Takes part. Together with `role`: takes part in that role.',
  role: 'Some party has this role.',
  field: 'Is about this field.',
  country: 'Some party is of this country (ISO 3166-1).',
  parent: 'Is a part of this programme, directly.',
  suspended: 'Is suspended, or is not.',
  formerParty: 'This party took part and left.',
  q: 'Its id, a title or a party contains this text, in whatever case.',
  updatedSince: 'Something about it was recorded at or after this time (RFC 3339).',
}

/** Every filter, once as it comes in a URL. */
const filterQuery = {
  stage: queryList(shape.stage.unwrap().element).optional().meta({ description: filterDescriptions.stage }),
  ending: queryList(shape.ending.unwrap().element).optional().meta({ description: filterDescriptions.ending }),
  kind: queryList(shape.kind.unwrap().element).optional().meta({ description: filterDescriptions.kind }),
  condition: queryList(shape.condition.unwrap().element).optional().meta({ description: filterDescriptions.condition }),
  party: queryList(shape.party.unwrap().element).optional().meta({ description: filterDescriptions.party }),
  role: queryList(shape.role.unwrap().element).optional().meta({ description: filterDescriptions.role }),
  field: queryList(shape.field.unwrap().element).optional().meta({ description: filterDescriptions.field }),
  country: queryList(shape.country.unwrap().element).optional().meta({ description: filterDescriptions.country }),
  parent: ProposalId.optional().meta({ description: filterDescriptions.parent }),
  suspended: shape.suspended.meta({ description: filterDescriptions.suspended }),
  formerParty: queryList(shape.formerParty.unwrap().element)
    .optional()
    .meta({ description: filterDescriptions.formerParty }),
  q: shape.q.meta({ description: filterDescriptions.q }),
  updatedSince: shape.updatedSince.meta({ description: filterDescriptions.updatedSince }),
}

const usualLimit = 50

const Query = z.strictObject({
  ...filterQuery,
  sort: z
    .enum(sorts)
    .optional()
    .meta({
      description:
        'Order: by id (the default), by title (without diacritics), by planned end (unknown last), by last ' +
        'update; with `-` the other way round.',
    }),
  limit: queryInteger(1, 500)
    .optional()
    .meta({ description: `Proposals on a page of JSON, at most; ${usualLimit} unless given. CSV has no pages.` }),
  cursor: z.string().min(1).max(20_000).optional().meta({
    description:
      'From `next` or the `Link` of an earlier page. It holds filters and order, which need not be given again.',
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
    next: z.string().max(20_000).nullable().meta({ description: 'The `cursor` of the next page; null on the last.' }),
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
      'A page as JSON, or all of them as `text/csv`, made for spreadsheets: UTF-8 with a byte order mark, CR LF, and an ' +
      'apostrophe before what would run as a formula. Following `next` to the end meets each proposal once, ' +
      'also while events are being ' +
      'recorded: in an order by last update, a proposal keeps the place that it had when the first page was read.',
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
    handler: async ({ query, accepted, raw, reply }) => {
      if (accepted === csv && query.limit !== undefined) throw limitedCsv()
      const asked = understand(service, query)
      if (isMoment(query) || asked.cursor?.m) {
        const list = { asked, moment: query }
        if (accepted === csv) return csvMoment(service, raw, reply, list)
        return listMoment(service, raw, list, query.limit ?? usualLimit)
      }
      await waitFor(service, query.atLeast ?? 0)
      if (accepted === csv) return csvAnswer(service, raw, reply, asked)
      return listPage(service, raw, asked, query.limit ?? usualLimit)
    },
  })
}

function limitedCsv(): Error {
  return invalid([{ path: 'query.limit', message: 'must be left away for text/csv, which has every row' }])
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
  if (cursor === undefined) return { filters, sort: sort ?? 'proposalId', day: service.today(), cursor: null }
  if (isMoment({ asOf, knownAt, knownAtPosition })) throw invalidCursor('holds its moment, which is not given again')
  const decoded = decodeCursor(Cursor, cursor)
  checkCursor(service, decoded)
  const again = Object.entries({ ...filters, sort }).filter(([, value]) => value !== undefined)
  const meant: Record<string, unknown> = { ...decoded.f, sort: decoded.s }
  const other = again.find(([name, value]) => JSON.stringify(value) !== JSON.stringify(meant[name]))
  if (other)
    throw invalidCursor(`is of a list with another \`${other[0]}\`; leave the filters away, or begin again without it`)
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

async function listPage(service: Service, raw: FastifyRequest, asked: Asked, limit: number): Promise<Answer> {
  const { page, related, snapshot } = await reading(() =>
    inSnapshot(service.db, async (snapshot) => ({
      ...(await readRelatedPage(snapshot, questionOf(asked, snapshot, limit))),
      snapshot,
    })),
  )
  const { logId, position } = snapshot
  const next = page.next === null ? null : cursorOf(asked, snapshot, page.next)
  const body = JSON.stringify({ proposals: statusesOf(service, page, asked.day, related), next })
  const link = linkHeader([{ target: `/v1/proposals?cursor=${next}&limit=${limit}`, rel: 'next' }])
  const headers: Record<string, string> = next === null ? {} : { link }
  return conditional(service, raw, { body, etag: tagOf(logId, body), logId, position, headers })
}

function cursorOf(
  { filters, sort, day, cursor }: Asked,
  { logId, generation, position }: Snapshot,
  place: Page['next'],
): string {
  return encodeCursor({ l: logId, g: generation, p: cursor?.p ?? position, d: day, f: filters, s: sort, k: place })
}

async function readRelatedPage(snapshot: Snapshot, question: ListQuestion) {
  const page = await readPage(snapshot, question)
  const ids = page.rows.map(({ proposalId }) => proposalId)
  return { page, related: await readRelated(snapshot, ids) }
}

function statusesOf({ timeZone }: Service, page: Page, day: string, related: ReadonlyMap<string, RelatedRow>) {
  return page.rows.map((row) => {
    const status = rowStatus(row, day, timeZone)
    return { ...status, related: relatedOf(related.get(row.proposalId) ?? unrelated, status.money) }
  })
}

export function rowStatus({ state, parked }: ListedRow, day: string, timeZone: string) {
  return statusBody(JSON.parse(state) as Proposal, parked, day, timeZone)
}
