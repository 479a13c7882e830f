/** Lists of proposals, page by page. */
import type { Database } from '@commitments/event-store'
import { type Expression, type SelectQueryBuilder, type SqlBool, sql } from 'kysely'
import { type FoldMemory, facetsTable, momentsTable, withDense } from '../past/dense.ts'
import { type At, rectangleAt } from '../past/point-in-time.ts'
import type { Snapshot } from '../projections/snapshot.ts'
import type { Parked } from '../status/apply.ts'
import { type Filters, whereFilters } from './filters.ts'

export const sorts = [
  'proposalId',
  '-proposalId',
  'title',
  '-title',
  'plannedEnd',
  '-plannedEnd',
  'updated',
  '-updated',
] as const
export type Sort = (typeof sorts)[number]

/** A row's place in the order: its sort key as text, and its id, which makes the place unique. */
export type Place = readonly [key: string, proposalId: string]

export interface ListQuestion {
  readonly filters: Filters
  readonly sort: Sort
  readonly limit: number
  /** The day whose conditions are meant. */
  readonly day: string
  /** Where the list began: what changes from here on keeps the place that it had, so that a walk meets it once. */
  readonly asOfPosition: number
  /** The last row of the page before. */
  readonly after: Place | null
}

export interface ListedRow {
  readonly proposalId: string
  readonly state: string
  readonly parked: Parked | null
  readonly place: Place
}

/** Bytes of states that one page brings, unless its first alone is larger: as many rows as are usual, and no more memory than that. */
export const pageBytes = 2 * 1024 * 1024

export interface Page {
  readonly rows: ListedRow[]
  /** Null where the list ends here. */
  readonly next: Place | null
}

type Query = SelectQueryBuilder<Database, 'proposal_status', object>

/**
 * One page, in the order asked for: at most `limit` rows and {@link pageBytes}. A row that changed since the list began keeps the place that it had then: so a walk
 * through all pages meets each row once, however many of them move meanwhile.
 *
 * @throws EarlierPlacesUnknown where the read model of the past is not as far as the position at which the list began.
 */
export async function readPage(snapshot: Snapshot, question: ListQuestion, past: Past): Promise<Page> {
  const key = sortKeys[question.sort.replace('-', '')]
  const rows = key ? await readKept(snapshot, question, key, past) : await readBy(snapshot, question, byId)
  const full = rows.findIndex(({ fits }, index) => !fits || index === question.limit)
  const page = full < 0 ? rows : rows.slice(0, full)
  return { rows: page, next: full < 0 ? null : (page.at(-1)?.place ?? null) }
}

interface SortKey {
  readonly key: Expression<unknown>
  readonly type: 'text' | 'date' | 'bigint'
}

const byId: SortKey = { key: sql.ref('proposal_id'), type: 'text' }

/** What a row of `proposal_status` was sorted by when the list began. */
type KeyBefore = (began: Began) => Promise<Expression<unknown>>

interface Began {
  readonly snapshot: Snapshot
  /** The moment at which the list began. */
  readonly at: At
  readonly past: Past
}

/** By what the dense proposals of the past are folded. */
export interface Past {
  readonly timeZone: string
  readonly folds: FoldMemory
}

interface ChangingKey extends SortKey {
  readonly before: KeyBefore
}

/** Keys that change; an id never does. */
const sortKeys: Readonly<Record<string, ChangingKey>> = {
  title: {
    key: sql.ref('title_key'),
    type: 'text',
    before: (began) => keyOfMoment('f.title_key', began),
  },
  plannedEnd: {
    key: sql.ref('planned_end'),
    type: 'date',
    before: (began) => keyOfMoment('m.planned_end', began),
  },
  updated: {
    key: sql.ref('position'),
    type: 'bigint',
    before: async ({ at }) => sql`(SELECT max(e.position) FROM events e
      WHERE e.proposal_id = proposal_status.proposal_id AND e.position <= ${at.known}::bigint)`,
  },
}

/** As the generation of the past that is live knows it; null where the proposal was not there yet. */
async function keyOfMoment(key: string, { snapshot, at, past }: Began): Promise<Expression<unknown>> {
  const live = { ...snapshot, generation: await pastUpTo(snapshot, at.known) }
  const then = await withDense(at, live, past.timeZone, past.folds)
  return sql`(SELECT ${sql.ref(key)} FROM ${momentsTable(then, live)} m
    JOIN ${facetsTable(then, live)} f ON f.generation = m.generation AND f.proposal_id = m.proposal_id AND f.facets = m.facets
    WHERE m.generation = ${sql.lit(live.generation)} AND m.proposal_id = proposal_status.proposal_id AND ${rectangleAt(then)})`
}

function isDescending({ sort }: ListQuestion): boolean {
  return sort.startsWith('-')
}

/** A row that is beyond the bytes of a page comes without its state. */
interface ReadRow extends ListedRow {
  readonly fits: boolean
}

async function readBy(snapshot: Snapshot, question: ListQuestion, { key, type }: SortKey, extra?: Expression<SqlBool>) {
  const direction = isDescending(question) ? 'desc' : 'asc'
  let query: Query = snapshot.db
    .selectFrom('proposal_status')
    .where('generation', '=', snapshot.generation)
    .where(whereFilters(question.filters, question.day))
  if (extra) query = query.where(extra)
  if (question.after) query = query.where(beyond(question.after, key, type, isDescending(question)))
  const page = query
    .select([sql<string>`proposal_id`.as('id'), 'state', 'parked'])
    .select([sql`(${key})`.as('key'), sql<number>`octet_length(state)`.as('size')])
    .orderBy(key, direction)
    .orderBy('proposal_id', direction)
    .limit(question.limit + 1)
  const order = sql.raw(`ORDER BY key ${direction}, id ${direction}`)
  const { rows } = await sql<Omit<ReadRow, 'place'> & { keyText: string }>`
    SELECT id AS "proposalId", fits, CASE WHEN fits THEN state END AS state, parked, key::text AS "keyText"
      FROM (SELECT p.*, coalesce(sum(size) OVER (${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
                        < ${pageBytes} AS fits
              FROM (${page}) p) q
     ${order}`.execute(snapshot.db)
  return rows.map(({ keyText, ...row }): ReadRow => ({ ...row, place: [keyText, row.proposalId] }))
}

function beyond([key, proposalId]: Place, by: Expression<unknown>, type: SortKey['type'], descending: boolean) {
  const place = sql`(CAST(${key} AS ${sql.raw(type)}), ${proposalId})`
  return descending ? sql<SqlBool>`(${by}, proposal_id) < ${place}` : sql<SqlBool>`(${by}, proposal_id) > ${place}`
}

/** Thrown by `readPage`: wait until the past is projected up to the position, and read again. */
export class EarlierPlacesUnknown extends Error {
  override readonly name = 'EarlierPlacesUnknown'
}

/** The rows that are as they were when the list began, and those that changed since, where they were then. */
async function readKept(snapshot: Snapshot, question: ListQuestion, now: ChangingKey, past: Past): Promise<ReadRow[]> {
  const { asOfPosition: began, day } = question
  const unmoved = await readBy(snapshot, question, now, sql<SqlBool>`position <= ${began}::bigint`)
  if (snapshot.position <= began) return unmoved
  const key = await now.before({ snapshot, at: { asOf: null, known: began, day }, past })
  const then = sql<SqlBool>`position > ${began}::bigint AND ${key} IS NOT NULL`
  const moved = await readBy(snapshot, question, { key, type: now.type }, then)
  const sign = isDescending(question) ? -1 : 1
  return [...unmoved, ...moved].toSorted((a, b) => sign * comparePlaces(a.place, b.place, now.type))
}

/** The generation of the past that is live. @throws EarlierPlacesUnknown where it is not as far as that. */
async function pastUpTo({ db }: Snapshot, position: number): Promise<number> {
  const { generation, position: reached } = await db
    .selectFrom('projection_generations')
    .select(['generation', 'position'])
    .where('projection', '=', 'proposal-moments')
    .where('state', '=', 'live')
    .executeTakeFirstOrThrow()
  if (reached < position) throw new EarlierPlacesUnknown(`the past is projected up to ${reached}, not ${position}`)
  return generation
}

/** In the order of the database: numbers as such, texts (and days, `infinity` last) by their bytes. */
function comparePlaces([a, aId]: Place, [b, bId]: Place, type: SortKey['type']): number {
  const byKey = type === 'bigint' ? Number(a) - Number(b) : Buffer.compare(Buffer.from(a), Buffer.from(b))
  return byKey === 0 ? Buffer.compare(Buffer.from(aId), Buffer.from(bId)) : byKey
}
