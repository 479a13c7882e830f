/** The rows of a list of now. Rows that changed after the walk through the list began keep their place. */

import { type RawBuilder, sql } from 'kysely'
import { facetsTable, momentsTable, withDense } from '../past/dense.ts'
import { rectangleAt } from '../past/point-in-time.ts'
import { type Parked } from '../projections/parked.ts'
import type { Snapshot } from '../projections/snapshot.ts'
import { type Checkpoint } from '../projections/view.ts'
import { conditionsOf, matching } from './conditions.ts'
import { changedAfter, type PartOfLog, walkLog } from './last-events.ts'
import { compareKeys, isReversed, keyOf, type Order, sortedBy } from './orders.ts'
import { allOf, beyond, type ListQuestion, ordered, type PageKey, type PastReading, pageBytes } from './question.ts'
import type { Source } from './source.ts'

/** A row beyond the bytes of a page comes without its state. */
interface Row {
  readonly proposalId: string
  readonly fits: boolean
  readonly state: string
  readonly parked: Parked | null
  readonly pageKey: PageKey
}

/**
 * At most one row more than `limit`.
 *
 * @throws EarlierPlacesUnknown if the read model of the past is behind the position at which the list began
 */
export async function readRowsNow(source: Source, question: ListQuestion, past: PastReading): Promise<readonly Row[]> {
  const { snapshot, day } = source
  const { began } = question
  const by = sortedBy(question)
  const key = keyOf(question, day, 'p', 'p')
  // An id never changes.
  if (by === 'proposalId') return readBy(source, question, { key })
  const still = sql`p.position <= ${began}::bigint`
  const unmoved =
    by === 'updated'
      ? await readByLastEvent(source, question, still)
      : await readBy(source, question, { key, and: still })
  if (snapshot.position <= began) return unmoved
  const earlier = by === 'updated' ? lastPosition(began) : await keyThen(question, { snapshot, began, day, past })
  const moved = sql`${changedAfter(began, snapshot)} AND ${earlier} IS NOT NULL`
  return merged(question, [...unmoved, ...(await readBy(source, question, { key: earlier, and: moved }))])
}

async function readByLastEvent(source: Source, question: ListQuestion, and: RawBuilder<unknown>): Promise<Row[]> {
  const { snapshot } = source
  const found = await walkLog(snapshot, partOf(question, snapshot), question.limit + 1, (along) =>
    readBy(source, question, { key: sql`c.at`, along }),
  )
  return found ?? readBy(source, question, { key: sql`p.position`, and })
}

/** What is left of the log for this page, up to where the list began. */
function partOf(question: ListQuestion, { position }: Checkpoint): PartOfLog {
  const { after } = question
  const reversed = isReversed(question)
  const upTo = Math.min(question.began, position)
  if (after === null) return { after: 0, upTo, reversed }
  const last = Number(after[0])
  return reversed ? { after: 0, upTo: Math.min(upTo, last - 1), reversed } : { after: last, upTo, reversed }
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

/** The key of a row when the list began, from the live generation of the past; null if the proposal did not exist yet. */
async function keyThen(order: Order, { snapshot, began, day, past }: Began): Promise<RawBuilder<unknown>> {
  const live = { ...snapshot, generation: await pastUpTo(snapshot, began) }
  const then = await withDense({ asOf: null, known: began, day }, live, past.timeZone, past.folds)
  const key = keyOf(order, day, 'm', 'f')
  return sql`(SELECT ${key} FROM ${momentsTable(then, live)} m
    JOIN ${facetsTable(then, live)} f ON f.generation = m.generation AND f.proposal_id = m.proposal_id AND f.facets = m.facets
    WHERE m.generation = ${sql.lit(live.generation)} AND m.proposal_id = p.proposal_id AND ${rectangleAt(then, 'm')})`
}

/** Thrown by `readPage`: wait until the past is projected up to the position, and read again. */
export class EarlierPlacesUnknown extends Error {
  override readonly name = 'EarlierPlacesUnknown'
}

/** The live generation of the past. @throws EarlierPlacesUnknown if it is behind the position */
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

interface By {
  readonly key: RawBuilder<unknown>
  /** A condition in addition to those of the question. */
  readonly and?: RawBuilder<unknown>
  /** The statuses `p`, if they are not read from their table. */
  readonly along?: RawBuilder<unknown>
}

async function readBy(source: Source, question: ListQuestion, { key, and = sql`true`, along }: By): Promise<Row[]> {
  const { filters, limit } = question
  const id = sql`p.proposal_id`
  const conditions = await conditionsOf(filters, source)
  const matched = matching(along ? { ...source, table: along, faceted: along } : source, conditions)
  const where = [...matched.where, beyond(question, key, id), and]
  const order = sql`ORDER BY ${ordered(question, sql`key`, sql`id`)}`
  const { rows } = await sql<Omit<Row, 'pageKey'> & { keyText: string }>`
    SELECT id AS "proposalId", fits, CASE WHEN fits THEN state END AS state, parked, key::text AS "keyText"
      FROM (SELECT q.*, coalesce(sum(size) OVER (${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
                        < ${pageBytes} AS fits
              FROM (SELECT ${id} AS id, p.state, p.parked, ${key} AS key, octet_length(p.state) AS size
                      FROM ${matched.from} WHERE ${allOf(where)}
                     ORDER BY ${ordered(question, key, id)} LIMIT ${limit + 1}) q) r
     ${order}`.execute(source.snapshot.db)
  return rows.map(({ keyText, ...row }): Row => ({ ...row, pageKey: [keyText, row.proposalId] }))
}

/** Merges both in the order of the database. */
function merged(order: Order, rows: readonly Row[]): Row[] {
  const [sign, by] = [isReversed(order) ? -1 : 1, sortedBy(order)]
  return rows.toSorted(
    ({ pageKey: [a, aId] }, { pageKey: [b, bId] }) => sign * (compareKeys(by, a, b) || (aId < bId ? -1 : 1)),
  )
}
