/** The rows of a list of now, where those that changed since it began keep the place that they had. */

import { type RawBuilder, sql } from 'kysely'
import { facetsTable, momentsTable, withDense } from '../past/dense.ts'
import { rectangleAt } from '../past/point-in-time.ts'
import { type Parked } from '../projections/parked.ts'
import type { Snapshot } from '../projections/snapshot.ts'
import { conditionsOf, matching } from './conditions.ts'
import {
  allOf,
  beyond,
  keyTypes,
  type ListQuestion,
  ordered,
  type PageKey,
  type PastReading,
  pageBytes,
  sortedBy,
} from './question.ts'
import type { Source } from './source.ts'

/** A row that is beyond the bytes of a page comes without its state. */
interface Row {
  readonly proposalId: string
  readonly fits: boolean
  readonly state: string
  readonly parked: Parked | null
  readonly pageKey: PageKey
}

/**
 * One more than `limit` at most.
 *
 * @throws EarlierPlacesUnknown where the read model of the past is not as far as the position at which the list began.
 */
export async function readRowsNow(source: Source, question: ListQuestion, past: PastReading): Promise<readonly Row[]> {
  const by = sortedBy(question.sort)
  const key = columns[by] ?? sql`p.proposal_id`
  if (columns[by] === undefined) return readBy(source, question, key)
  const { snapshot, day } = source
  const { began } = question
  const unmoved = await readBy(source, question, key, sql`p.position <= ${began}::bigint`)
  if (snapshot.position <= began) return unmoved
  const earlier = by === 'updated' ? lastPosition(began) : await keyThen(by, { snapshot, began, day, past })
  const moved = sql`p.position > ${began}::bigint AND ${earlier} IS NOT NULL`
  return merged(question, by, [...unmoved, ...(await readBy(source, question, earlier, moved))])
}

/** Keys that change; an id never does. */
const columns: Readonly<Record<string, RawBuilder<unknown>>> = {
  title: sql`p.title_key`,
  plannedEnd: sql`p.planned_end`,
  updated: sql`p.position`,
}

function lastPosition(began: number): RawBuilder<unknown> {
  return sql`(SELECT max(e.position) FROM events e WHERE e.proposal_id = p.proposal_id AND e.position <= ${began}::bigint)`
}

interface Began {
  readonly snapshot: Snapshot
  readonly began: number
  readonly day: string
  readonly past: PastReading
}

/** As the generation of the past that is live knows it; null where the proposal was not there yet. */
async function keyThen(by: string, { snapshot, began, day, past }: Began): Promise<RawBuilder<unknown>> {
  const live = { ...snapshot, generation: await pastUpTo(snapshot, began) }
  const then = await withDense({ asOf: null, known: began, day }, live, past.timeZone, past.folds)
  const key = by === 'title' ? sql`f.title_key` : sql`m.planned_end`
  return sql`(SELECT ${key} FROM ${momentsTable(then, live)} m
    JOIN ${facetsTable(then, live)} f ON f.generation = m.generation AND f.proposal_id = m.proposal_id AND f.facets = m.facets
    WHERE m.generation = ${sql.lit(live.generation)} AND m.proposal_id = p.proposal_id AND ${rectangleAt(then, 'm')})`
}

/** Thrown by `readPage`: wait until the past is projected up to the position, and read again. */
export class EarlierPlacesUnknown extends Error {
  override readonly name = 'EarlierPlacesUnknown'
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

async function readBy(
  source: Source,
  { filters, sort, limit, after }: ListQuestion,
  key: RawBuilder<unknown>,
  extra?: RawBuilder<unknown>,
): Promise<Row[]> {
  const id = sql`p.proposal_id`
  const matched = matching(source, await conditionsOf(filters, source))
  const where = [...matched.where, beyond({ sort, after }, key, id)]
  if (extra) where.push(extra)
  const order = sql`ORDER BY ${ordered(sort, sql`key`, sql`id`)}`
  const { rows } = await sql<Omit<Row, 'pageKey'> & { keyText: string }>`
    SELECT id AS "proposalId", fits, CASE WHEN fits THEN state END AS state, parked, key::text AS "keyText"
      FROM (SELECT q.*, coalesce(sum(size) OVER (${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
                        < ${pageBytes} AS fits
              FROM (SELECT ${id} AS id, p.state, p.parked, ${key} AS key, octet_length(p.state) AS size
                      FROM ${matched.from} WHERE ${allOf(where)}
                     ORDER BY ${ordered(sort, key, id)} LIMIT ${limit + 1}) q) r
     ${order}`.execute(source.snapshot.db)
  return rows.map(({ keyText, ...row }): Row => ({ ...row, pageKey: [keyText, row.proposalId] }))
}

/** In the order of the database. */
function merged({ sort }: ListQuestion, by: string, rows: readonly Row[]): Row[] {
  const sign = sort.startsWith('-') ? -1 : 1
  const compare = keyTypes[by] === 'bigint' ? byNumber : byBytes
  return rows.toSorted(({ pageKey: [a, aId] }, { pageKey: [b, bId] }) => sign * (compare(a, b) || byBytes(aId, bId)))
}

function byNumber(a: string, b: string): number {
  return Number(a) - Number(b)
}

/** Of texts, and of days: `infinity` is the last of them. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
