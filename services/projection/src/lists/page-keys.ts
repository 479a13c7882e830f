/**
 * Which proposals are on a page of a list at a point in time, and in which order.
 *
 * There are two ways. Walking goes along something that is in the order of the list already, and asks of each proposal
 * whether it matched at the time: it ends when the page is full, which is soon where many match. Gathering finds all that
 * match, by whichever index leads to the fewest rows, and sorts them: it costs with what matches, however few of all that
 * is. Which way is shorter the planner's statistics say beforehand. They may be wrong (of a condition they know nothing, nor
 * of what was rare at the time and is common otherwise), so a walk that finds too little is given up. To walk first in any case was tried: what
 * few match became three times as slow.
 */
import { type RawBuilder, sql } from 'kysely'
import { facetsTable } from '../past/dense.ts'
import type { Snapshot } from '../projections/snapshot.ts'
import { type Conditions, conditionsOf, matching } from './conditions.ts'
import { hasIndex, keyOf, sortedBy } from './orders.ts'
import { allOf, beyond, type ListQuestion, ordered, type PageKey } from './question.ts'
import type { PastSource } from './source.ts'

/**
 * Where fewer rows are expected than these, they are gathered. (Bounds of a rectangle go together, which the planner does
 * not know: there are up to four times as many.)
 */
const fewMatches = 2_000

/** Proposals that a walk looks at before it is given up: enough to fill a page where one in forty matches. */
const walkAtMost = 2_000

/** The first keys in the order asked for. */
export async function readPageKeys(source: PastSource, question: ListQuestion): Promise<PageKey[]> {
  const { filters } = question
  const asked = { ...question, source, by: sortedBy(question), conditions: await conditionsOf(filters, source) }
  if (!hasIndex(question) || (await areFew(asked))) return gather(asked)
  return (await walk({ ...asked, statuses: await readStatuses(source.snapshot) })) ?? gather(asked)
}

interface Asked extends ListQuestion {
  readonly source: PastSource
  readonly by: ReturnType<typeof sortedBy>
  readonly conditions: Conditions
}

/** Everything that matches, as one join, sorted. */
async function gather(asked: Asked): Promise<PageKey[]> {
  const { source, by, conditions, limit } = asked
  const { from, where } = matching(source, conditions, by === 'title')
  const [key, id] = [sql`t.key`, sql`t.id`]
  // OFFSET 0: not to be turned into a walk that stops when the page is full.
  const { rows } = await sql<{ key: string; id: string }>`
    SELECT t.key::text AS key, t.id FROM (
      SELECT ${gatheredKey(asked)} AS key, p.proposal_id AS id
        FROM ${from} WHERE ${allOf(where)} OFFSET 0
    ) t WHERE ${beyond(asked, key, id)} ORDER BY ${ordered(asked, key, id)} LIMIT ${limit}`.execute(source.snapshot.db)
  return rows.map(({ key, id }): PageKey => [key, id])
}

function gatheredKey(asked: Asked): RawBuilder<unknown> {
  const { day, at } = asked.source
  if (asked.by !== 'updated') return keyOf(asked, day, 'p', 'f')
  return sql`(SELECT e.position FROM events e WHERE e.proposal_id = p.proposal_id AND e.position <= ${at.known}::bigint
    ORDER BY e.version DESC LIMIT 1)`
}

/**
 * Whether the planner expects few, as far as it can know. Labels count for a walk along the log only: any other begins with
 * those that have them. Where nothing else was asked for there is nothing to know.
 */
async function areFew({ source, by, conditions }: Asked): Promise<boolean> {
  const { snapshot, there } = source
  const { standing, narrowed, labels } = conditions
  const rows = sql`SELECT FROM proposal_moments p WHERE ${allOf([there, ...standing])}`
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
  /** Generation of the statuses; null where they are not as far as the past, so that they lack some. */
  readonly statuses: number | null
}

/** Every proposal has one row among the statuses, in the order of ids: they are what a list by id is walked along. */
async function readStatuses({ db, position }: Snapshot): Promise<number | null> {
  const { rows } = await sql<{ generation: number }>`SELECT generation FROM projection_generations
    WHERE projection = 'proposal-status' AND state = 'live' AND position >= ${position}::bigint`.execute(db)
  return rows[0]?.generation ?? null
}

/** Null where so many were looked at in vain that there may be others, or where there is nothing to walk along. */
async function walk(asked: Walking): Promise<PageKey[] | null> {
  const { limit } = asked
  const { db } = asked.source.snapshot
  if (asked.statuses === null && asked.by !== 'updated' && !isAlongFacets(asked)) return null
  // To start workers takes longer than a walk, and the planner would have them look at all that could be walked along.
  await sql`SET LOCAL max_parallel_workers_per_gather TO 0`.execute(db)
  // The last that may be looked at is in the answer, matching or not: it tells that there may be more.
  const { rows } = await sql<{ key: string; id: string; matches: boolean }>`
    SELECT c.key::text AS key, c.id, m.matches IS NOT NULL AS matches
      FROM (${candidates(asked)}) c LEFT JOIN LATERAL (${probe(asked)}) m ON true
     WHERE m.matches OR c.number = ${sql.lit(walkAtMost)}
     ORDER BY ${ordered(asked, sql`c.key`, sql`c.id`)} LIMIT ${limit}`.execute(db)
  if (rows.every(({ matches }) => matches)) return rows.map(({ key, id }): PageKey => [key, id])
  await sql`SET LOCAL max_parallel_workers_per_gather TO DEFAULT`.execute(db)
  return null
}

/** One row where the candidate `c` matches. */
function probe(asked: Asked): RawBuilder<unknown> {
  const { source, conditions } = asked
  const itself = sql`p.proposal_id = c.id`
  if (isAlongFacets(asked)) {
    const where = [itself, sql`p.facets = c.facets`, source.there, ...conditions.standing, ...conditions.onTheDay]
    return sql`SELECT true AS matches FROM ${source.table} WHERE ${allOf(where)} OFFSET 0`
  }
  const { from, where } = matching(source, conditions)
  return sql`SELECT true AS matches FROM ${from} WHERE ${allOf([itself, ...where])} OFFSET 0`
}

/** Titles, labels and texts are at the facets; else every proposal is met once on its way. */
function isAlongFacets({ by, conditions }: Asked): boolean {
  return by === 'title' || by === 'plannedEnd' || (by !== 'updated' && conditions.facets)
}

/** What a walk looks at, in the order of the list, numbered. (The window has that order, so that it is known to be kept.) */
function candidates(asked: Walking): RawBuilder<unknown> {
  const { by } = asked
  const along = by === 'updated' ? alongLog(asked) : alongTable(asked)
  const order = ordered(asked, sql`key`, sql`id`)
  return sql`SELECT *, row_number() OVER (ORDER BY ${order}) AS number FROM
    (${along} ORDER BY ${order} LIMIT ${sql.lit(walkAtMost)}) w`
}

function alongTable(asked: Walking): RawBuilder<unknown> {
  const { source, conditions } = asked
  const id = sql`w.proposal_id`
  const key = keyOf(asked, source.day, 'w', 'w')
  if (!isAlongFacets(asked)) {
    return sql`SELECT ${key} AS key, ${id} AS id FROM proposal_status w
      WHERE w.generation = ${sql.lit(asked.statuses)} AND ${beyond(asked, key, id)}`
  }
  const where = [inGeneration('w', source.snapshot), beyond(asked, key, id)]
  where.push(...conditions.labels('w'), ...conditions.text('w'))
  return sql`SELECT ${key} AS key, ${id} AS id, w.facets
    FROM ${facetsTable(source.at, source.snapshot)} w WHERE ${allOf(where)}`
}

/** By the last event of each that was known then: one that no other of its stream followed until then. */
function alongLog(asked: Asked): RawBuilder<unknown> {
  const known = sql`${asked.source.at.known}::bigint`
  const [key, id] = [sql`e.position`, sql`e.proposal_id`]
  return sql`SELECT ${key} AS key, ${id} AS id FROM events e
    WHERE e.position <= ${known} AND ${beyond(asked, key, id)} AND NOT EXISTS (SELECT FROM events later
      WHERE later.proposal_id = e.proposal_id AND later.version = e.version + 1 AND later.position <= ${known})`
}

function inGeneration(alias: string, { generation }: Snapshot): RawBuilder<unknown> {
  return sql`${sql.ref(`${alias}.generation`)} = ${sql.lit(generation)}`
}
