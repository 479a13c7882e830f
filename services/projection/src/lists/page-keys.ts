/**
 * Which proposals are on a page of a list at a moment, and in which order.
 *
 * There are two ways. Walking goes along something that is in the order of the list already, and asks of each proposal
 * whether it is so at the moment: it ends when the page is full, which is soon where many match. Gathering finds all that
 * match, by whichever index leads to the fewest rows, and sorts them: it costs with what matches, however few of all that
 * is. Which way is shorter the planner's statistics say beforehand. They may be wrong (of a condition they know nothing, nor
 * of what was rare at the moment and is common otherwise), so a walk that finds too little is given up.
 */
import { instantOf } from '@commitments/domain'
import { type RawBuilder, sql } from 'kysely'
import { facetsTable, momentsTable } from '../past/dense.ts'
import { firstRecordedFrom } from '../past/known-position.ts'
import { type At, rectangleAt } from '../past/point-in-time.ts'
import type { Snapshot } from '../projections/snapshot.ts'
import type { Filters } from './filters.ts'
import type { Place, Sort } from './list.ts'
import { type MomentConditions, momentConditions } from './past-filters.ts'

export interface PlacesQuestion {
  readonly filters: Filters
  readonly sort: Sort
  /** Places, at most. */
  readonly limit: number
  readonly at: At
  /** The last place of the page before. */
  readonly after: Place | null
}

/**
 * Where fewer rows are expected than these, they are gathered. (Bounds of a rectangle go together, which the planner does
 * not know: there are up to four times as many.)
 */
const fewMatches = 2_000

/** Proposals that a walk looks at before it is given up: enough to fill a page where one in forty matches. */
const walkAtMost = 2_000

/** The first places in the order asked for. */
export async function readPlaces(snapshot: Snapshot, question: PlacesQuestion): Promise<Place[]> {
  const asked = await understand(snapshot, question)
  if (!(await areFew(asked))) {
    const places = await walk({ ...asked, statuses: await readStatuses(asked) })
    if (places !== null) return places
  }
  return readRows(asked, gatheringOf(asked))
}

interface Asked extends PlacesQuestion {
  readonly snapshot: Snapshot
  /** What the list is sorted by, whichever way round. */
  readonly by: string
  readonly conditions: MomentConditions
}

async function understand(snapshot: Snapshot, question: PlacesQuestion): Promise<Asked> {
  const { filters, at, sort } = question
  const instant = filters.updatedSince === undefined ? null : instantOf(filters.updatedSince)
  const since = instant === null ? null : await firstRecordedFrom(snapshot, instant, at.known)
  return { ...question, snapshot, by: sort.replace('-', ''), conditions: momentConditions(filters, at, since) }
}

/** Rows with the columns `key` and `id`, in any order and of any number. */
type Rows = RawBuilder<unknown>

async function readRows({ snapshot, limit, ...asked }: Asked, found: Rows): Promise<Place[]> {
  const { rows } = await sql<{ key: string; id: string }>`
    SELECT t.key::text AS key, t.id FROM (${found}) t WHERE ${beyond(asked)}
     ORDER BY ${ordered(asked.sort, sql`t.key`, sql`t.id`)} LIMIT ${limit}`.execute(snapshot.db)
  return rows.map(({ key, id }): Place => [key, id])
}

function ordered(sort: Sort, key: RawBuilder<unknown>, id: RawBuilder<unknown>): RawBuilder<unknown> {
  const direction = sql.raw(sort.startsWith('-') ? 'DESC' : 'ASC')
  return sql`${key} ${direction}, ${id} ${direction}`
}

const keyTypes: Readonly<Record<string, string>> = { plannedEnd: 'date', updated: 'bigint' }

function beyond({ by, sort, after }: Pick<Asked, 'by' | 'sort' | 'after'>, key = sql`t.key`, id = sql`t.id`) {
  if (after === null) return sql`true`
  const place = sql`(${after[0]}::${sql.raw(keyTypes[by] ?? 'text')}, ${after[1]})`
  return sql`(${key}, ${id}) ${sql.raw(sort.startsWith('-') ? '<' : '>')} ${place}`
}

/** Everything that matches, as one join. */
function gatheringOf(asked: Asked): Rows {
  const { snapshot, at, by, conditions } = asked
  const { moment, unguessed, facets } = conditions
  const joined = facets || by === 'title'
  const where = [inGeneration('m', snapshot), rectangleAt(at), ...moment, ...unguessed]
  if (joined) where.push(...ofFacets(asked))
  // OFFSET 0: not to be turned into a walk that stops when the page is full.
  return sql`SELECT ${gatheredKey(by, at)} AS key, m.proposal_id AS id
    FROM ${momentsTable(at, snapshot)} m ${joined ? sql`JOIN ${facetsTable(at, snapshot)} f ON true` : sql``} WHERE ${allOf(where)} OFFSET 0`
}

function gatheredKey(by: string, { known }: At): RawBuilder<unknown> {
  const last = sql`(SELECT e.position FROM events e WHERE e.proposal_id = m.proposal_id AND e.position <= ${known}::bigint
    ORDER BY e.version DESC LIMIT 1)`
  return { title: sql`f.title_key`, plannedEnd: sql`m.planned_end`, updated: last }[by] ?? sql`m.proposal_id`
}

/** Which facets are those of `m`, and what they must be. */
function ofFacets({ snapshot, conditions: { labels, text } }: Asked): RawBuilder<unknown>[] {
  const same = [sql`f.proposal_id = m.proposal_id`, sql`f.facets = m.facets`]
  return [inGeneration('f', snapshot), ...same, ...labels('f'), ...text('f')]
}

/**
 * Whether the planner expects few, as far as it can know. Labels count for a walk along the log only: any other begins with
 * those that have them. Where nothing else was asked for there is nothing to know.
 */
async function areFew({ snapshot, at, by, conditions }: Asked): Promise<boolean> {
  const { moment, narrowed, labels } = conditions
  const where = [inGeneration('m', snapshot), rectangleAt(at), ...moment]
  const rows = sql`SELECT FROM proposal_moments m WHERE ${allOf(where)}`
  if (narrowed && (await rowsOfPlan(snapshot, rows)) < fewMatches) return true
  const [one, ...others] = by === 'updated' ? labels('f') : []
  if (one === undefined) return false
  const labelled = sql`SELECT FROM moment_facets f WHERE ${allOf([inGeneration('f', snapshot), one, ...others])}`
  return (await rowsOfPlan(snapshot, labelled)) < fewMatches
}

async function rowsOfPlan({ db }: Snapshot, query: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>`
    EXPLAIN (FORMAT JSON) ${query}`.execute(db)
  return rows[0]?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0
}

interface Walking extends Asked {
  /** Generation of the statuses; null where they are not as far as the moments, so that they lack some. */
  readonly statuses: number | null
}

/** Every proposal has one row among the statuses, in the order of ids: they are what a list by id is walked along. */
async function readStatuses({ snapshot: { db, position } }: Asked): Promise<number | null> {
  const { rows } = await sql<{ generation: number }>`SELECT generation FROM projection_generations
    WHERE projection = 'proposal-status' AND state = 'live' AND position >= ${position}::bigint`.execute(db)
  return rows[0]?.generation ?? null
}

/** Null where so many were looked at in vain that there may be others, or where there is nothing to walk along. */
async function walk(asked: Walking): Promise<Place[] | null> {
  const { snapshot, sort, limit } = asked
  if (asked.statuses === null && asked.by !== 'updated' && !isAlongFacets(asked)) return null
  // The last that may be looked at is in the answer, matching or not: it tells that there may be more.
  const { rows } = await sql<{ key: string; id: string; matches: boolean }>`
    SELECT c.key::text AS key, c.id, m.matches IS NOT NULL AS matches
      FROM (${candidates(asked)}) c LEFT JOIN LATERAL (${probe(asked)}) m ON true
     WHERE (m.matches OR c.number = ${sql.lit(walkAtMost)}) AND (${withoutWorkers}) IS NOT NULL
     ORDER BY ${ordered(sort, sql`c.key`, sql`c.id`)} LIMIT ${limit}`.execute(snapshot.db)
  if (rows.every(({ matches }) => matches)) return rows.map(({ key, id }): Place => [key, id])
  await sql`SET LOCAL max_parallel_workers_per_gather TO DEFAULT`.execute(snapshot.db)
  return null
}

/**
 * To start workers takes longer than a walk, and the planner would have them look at all that could be walked along. That
 * this is in a statement keeps it from planning for them.
 */
const withoutWorkers = sql`SELECT set_config('max_parallel_workers_per_gather', '0', true)`

/** One row where the candidate `c` matches. */
function probe(asked: Asked): RawBuilder<unknown> {
  const { snapshot, at, conditions } = asked
  const where = [inGeneration('m', snapshot), sql`m.proposal_id = c.id`, rectangleAt(at)]
  where.push(...conditions.moment, ...conditions.unguessed)
  const alongFacets = isAlongFacets(asked)
  if (alongFacets) where.push(sql`m.facets = c.facets`)
  const joined = conditions.facets && !alongFacets
  if (joined) where.push(...ofFacets(asked))
  return sql`SELECT true AS matches
    FROM ${momentsTable(at, snapshot)} m ${joined ? sql`JOIN ${facetsTable(at, snapshot)} f ON true` : sql``} WHERE ${allOf(where)} OFFSET 0`
}

/** Titles, labels and texts are at the facets; else every proposal is met once on its way. */
function isAlongFacets({ by, conditions }: Asked): boolean {
  return by === 'title' || by === 'plannedEnd' || (by !== 'updated' && conditions.facets)
}

/** What a walk looks at, in the order of the list, numbered. (The window has that order, so that it is known to be kept.) */
function candidates(asked: Walking): Rows {
  const { sort, by } = asked
  const along = by === 'updated' ? alongLog(asked) : alongTable(asked)
  const order = ordered(sort, sql`key`, sql`id`)
  return sql`SELECT *, row_number() OVER (ORDER BY ${order}) AS number FROM
    (${along} ORDER BY ${order} LIMIT ${sql.lit(walkAtMost)}) w`
}

function alongTable(asked: Walking): Rows {
  const { snapshot, by, conditions } = asked
  const id = sql`w.proposal_id`
  const key = { title: sql`w.title_key`, plannedEnd: sql`w.planned_end` }[by] ?? id
  if (!isAlongFacets(asked)) {
    return sql`SELECT ${key} AS key, ${id} AS id FROM proposal_status w
      WHERE w.generation = ${sql.lit(asked.statuses)} AND ${beyond(asked, key, id)}`
  }
  const where = [inGeneration('w', snapshot), beyond(asked, key, id)]
  where.push(...conditions.labels('w'), ...conditions.text('w'))
  return sql`SELECT ${key} AS key, ${id} AS id, w.facets FROM ${facetsTable(asked.at, snapshot)} w WHERE ${allOf(where)}`
}

/** By the last event of each that was known then: one that no other of its stream followed until then. */
function alongLog(asked: Asked): Rows {
  const known = sql`${asked.at.known}::bigint`
  const [key, id] = [sql`e.position`, sql`e.proposal_id`]
  return sql`SELECT ${key} AS key, ${id} AS id FROM events e
    WHERE e.position <= ${known} AND ${beyond(asked, key, id)} AND NOT EXISTS (SELECT FROM events later
      WHERE later.proposal_id = e.proposal_id AND later.version = e.version + 1 AND later.position <= ${known})`
}

function inGeneration(alias: string, { generation }: Snapshot): RawBuilder<unknown> {
  return sql`${sql.ref(alias)}.generation = ${sql.lit(generation)}`
}

function allOf(conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return sql.join([...conditions], sql` AND `)
}
