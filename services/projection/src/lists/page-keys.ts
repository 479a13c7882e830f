/**
 * Finds the proposals on a page of a list at a point in time, and their order.
 *
 * There are two ways. *Walking* follows something that already has the order of the list, and checks for each proposal whether it matched
 * at that time. It ends when the page is full, which is soon if many match. *Gathering* finds all matches through the index that leads to
 * the fewest rows, and sorts them. Its cost depends only on the number of matches. The planner's statistics say beforehand which way is
 * shorter. They may be wrong: they know nothing about conditions, nor about values that were rare then and are common now. So a walk that
 * finds too little is abandoned. Walking first in every case was tried: lists with few matches became three times slower.
 */
import { type RawBuilder, sql } from 'kysely'
import { facetsTable } from '../past/dense.ts'
import type { Snapshot } from '../projections/snapshot.ts'
import { type Conditions, conditionsOf, matching } from './conditions.ts'
import { hasIndex, keyOf, sortedBy } from './orders.ts'
import { allOf, beyond, type ListQuestion, ordered, type PageKey } from './question.ts'
import type { PastSource } from './source.ts'

/**
 * Below this number of expected rows, the matches are gathered. (The bounds of a rectangle are correlated, which the planner does not know:
 * there are up to four times as many rows.)
 */
const fewMatches = 2_000

/** Proposals that a walk looks at before it is abandoned: enough to fill a page if one in forty matches. */
const walkAtMost = 2_000

/** The first keys in the requested order. */
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

/** All matches, in one join, sorted. */
async function gather(asked: Asked): Promise<PageKey[]> {
  const { source, by, conditions, limit } = asked
  const { from, where } = matching(source, conditions, by === 'title')
  const [key, id] = [sql`t.key`, sql`t.id`]
  // OFFSET 0 keeps the planner from turning this into a walk that stops when the page is full.
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
 * Whether the planner expects few matches. Conditions on labels count only for a walk along the log, because every other walk starts from
 * the proposals with those labels. Without any filter there is nothing to estimate.
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
  /** Generation of the statuses; null if it is behind the past, and so lacks some proposals. */
  readonly statuses: number | null
}

/** The statuses have one row for each proposal, in the order of ids: a list by id is walked along them. */
async function readStatuses({ db, position }: Snapshot): Promise<number | null> {
  const { rows } = await sql<{ generation: number }>`SELECT generation FROM projection_generations
    WHERE projection = 'proposal-status' AND state = 'live' AND position >= ${position}::bigint`.execute(db)
  return rows[0]?.generation ?? null
}

/** Null if too many were checked without a match, so that there may be others, or if there is nothing to walk along. */
async function walk(asked: Walking): Promise<PageKey[] | null> {
  const { limit } = asked
  const { db } = asked.source.snapshot
  if (asked.statuses === null && asked.by !== 'updated' && !isAlongFacets(asked)) return null
  // Starting parallel workers takes longer than a walk, and they would look at all candidates.
  await sql`SET LOCAL max_parallel_workers_per_gather TO 0`.execute(db)
  // The last candidate is in the answer, matching or not: it shows that there may be more.
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

/** Whether the walk goes along the facets, which hold titles, labels and texts. Any other walk meets every proposal once. */
function isAlongFacets({ by, conditions }: Asked): boolean {
  return by === 'title' || by === 'plannedEnd' || (by !== 'updated' && conditions.facets)
}

/** The candidates of a walk, numbered, in the order of the list. (The window function has that order, so that the planner must keep it.) */
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

/** Candidates by the last event of each proposal that was known then: no other event of its stream followed by that time. */
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
