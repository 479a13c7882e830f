/** Lists of proposals, page by page. */
import type { Database } from '@commitments/event-store'
import { type Expression, type SelectQueryBuilder, type SqlBool, sql } from 'kysely'
import type { Parked } from '../projector/apply.ts'
import { type Filters, whereFilters } from './filters.ts'
import type { Snapshot } from './snapshot.ts'

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
  /** Where the list began: "updated" means updated up to here, so that what changes meanwhile keeps its place. */
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

export interface Page {
  readonly rows: ListedRow[]
  /** Null where the list ends here. */
  readonly next: Place | null
}

type Query = SelectQueryBuilder<Database, 'proposal_status', object>

/** One page, in the order asked for. */
export async function readPage(snapshot: Snapshot, question: ListQuestion): Promise<Page> {
  const rows = isByUpdate(question)
    ? await readByUpdate(snapshot, question)
    : await readBy(snapshot, question, sortKey(question))
  const page = rows.slice(0, question.limit)
  return { rows: page, next: rows.length > question.limit ? (page.at(-1)?.place ?? null) : null }
}

interface SortKey {
  readonly key: Expression<unknown>
  readonly type: 'text' | 'date' | 'bigint'
}

function sortKey({ sort }: ListQuestion): SortKey {
  if (sort.endsWith('title')) return { key: sql.ref('title_key'), type: 'text' }
  if (sort.endsWith('plannedEnd')) return { key: sql.ref('planned_end'), type: 'date' }
  return { key: sql.ref('proposal_id'), type: 'text' }
}

function isByUpdate({ sort }: ListQuestion): boolean {
  return sort.endsWith('updated')
}

function isDescending({ sort }: ListQuestion): boolean {
  return sort.startsWith('-')
}

async function readBy(snapshot: Snapshot, question: ListQuestion, { key, type }: SortKey, extra?: Expression<SqlBool>) {
  const direction = isDescending(question) ? 'desc' : 'asc'
  let query: Query = snapshot.db
    .selectFrom('proposal_status')
    .where('generation', '=', snapshot.generation)
    .where(whereFilters(question.filters, question.day))
  if (extra) query = query.where(extra)
  if (question.after) query = query.where(beyond(question.after, key, type, isDescending(question)))
  const rows = await query
    .select([sql<string>`proposal_id`.as('proposalId'), sql<string>`state`.as('state')])
    .select([sql<Parked | null>`parked`.as('parked'), sql<string>`(${key})::text`.as('key')])
    .orderBy(key, direction)
    .orderBy('proposal_id', direction)
    .limit(question.limit + 1)
    .execute()
  return rows.map(({ key, ...row }): ListedRow => ({ ...row, place: [key, row.proposalId] }))
}

function beyond([key, proposalId]: Place, by: Expression<unknown>, type: SortKey['type'], descending: boolean) {
  const place = sql`(CAST(${key} AS ${sql.raw(type)}), ${proposalId})`
  return descending ? sql<SqlBool>`(${by}, proposal_id) < ${place}` : sql<SqlBool>`(${by}, proposal_id) > ${place}`
}

/**
 * By last update as of the position where the list began. A row that was updated since then keeps the place that it
 * had: the log knows the last event of it up to that position. So a walk through all pages meets each row once, however
 * many of them move meanwhile.
 */
async function readByUpdate(snapshot: Snapshot, question: ListQuestion): Promise<ListedRow[]> {
  const began = question.asOfPosition
  const unmoved = await readBy(
    snapshot,
    question,
    { key: sql.ref('position'), type: 'bigint' },
    sql<SqlBool>`position <= ${began}::bigint`,
  )
  if (snapshot.position <= began) return unmoved
  const place = sql`(SELECT max(e.position) FROM events e
    WHERE e.proposal_id = proposal_status.proposal_id AND e.position <= ${began}::bigint)`
  const moved = await readBy(
    snapshot,
    question,
    { key: place, type: 'bigint' },
    sql<SqlBool>`position > ${began}::bigint AND ${place} IS NOT NULL`,
  )
  const sign = isDescending(question) ? -1 : 1
  return [...unmoved, ...moved].toSorted((a, b) => sign * (Number(a.place[0]) - Number(b.place[0])))
}
