/** Counts and totals over what matches some filters: as it is now, or as it was at a point in time. */
import type { Day } from '@commitments/domain'
import { sql } from 'kysely'
import { conditionsOf, type Matching, matching } from './conditions.ts'
import { type FacetCounts, readFacets } from './facets.ts'
import type { Filters } from './filters.ts'
import { allOf } from './question.ts'
import { conditionOn, isPast, type Source } from './source.ts'
import {
  type BesideSums,
  besideColumn,
  besideOf,
  type FigureSums,
  figureColumns,
  figureTables,
  moneyOf,
  type OwnMoneyBeside,
  type TreeMoney,
} from './tree-money.ts'

type Counts = Record<string, number>

export interface Portfolio extends FacetCounts {
  day: Day
  timeZone: string
  total: number
  byStage: Counts
  byEnding: Counts
  byCondition: Counts
  byKind: Counts
  /** How many are part of nothing. */
  byParentNone: number
  money: TreeMoney
  ownMoneyBeside: OwnMoneyBeside
  overdue: { total: number; proposals: Overdue[] }
}

interface Overdue {
  proposalId: string
  title: Record<string, string>
  stage: string
  /** The last possible day of the planned end; null where a milestone is what is late. */
  plannedEnd: Day | null
}

/** Longest list of what is overdue; the whole list is `GET /v1/proposals?condition=overdue`. */
export const overdueListed = 100

/**
 * Every figure is counted over what {@link matching} gives, as a list is, so that it and its list agree. Money counts as docs/domain.md says, within
 * what matches: a part that does not match takes nothing away from what does.
 */
export async function readPortfolio(source: Source, filters: Filters, timeZone: string): Promise<Portfolio> {
  const conditions = await conditionsOf(filters, source)
  const matched = matching(source, conditions)
  const { names, beside, ...sums } = await readSums(source, matched, Object.keys(filters).length > 0)
  const facets = await readFacets(source, filters, matching(source, conditions, true), timeZone)
  const counts = (what: string): Counts =>
    Object.fromEntries(names.filter((one) => one.what === what).map(({ name, count }) => [name, count]))
  const [byStage, byCondition] = [counts('stage'), counts('condition')]
  return {
    day: source.day,
    timeZone,
    total: Object.values(byStage).reduce((total, count) => total + count, 0),
    contested: facets.contested,
    byStage,
    byEnding: counts('ending'),
    byCondition,
    byKind: counts('kind'),
    byField: facets.byField,
    byCountry: facets.byCountry,
    byParty: facets.byParty,
    byParent: facets.byParent,
    byParentNone: counts('root')['none'] ?? 0,
    money: moneyOf(sums),
    ownMoneyBeside: besideOf(beside),
    overdue: { total: byCondition['overdue'] ?? 0, proposals: await readOverdue(source, matched) },
  }
}

/** How many proposals have this name for `what`. */
interface Count {
  readonly what: string
  readonly name: string
  readonly count: number
}

interface Sums extends FigureSums, BesideSums {
  readonly names: readonly Count[]
}

/**
 * The tree goes through what does not match, and through what was recorded by mistake: parts of that are parts of what is above it, and must not count
 * beside it. `links` is a table beside, to be joined by hash: a look into an index for each of a million proposals would take longer than all the rest.
 *
 * What is few, and rectangles of a point in time, are picked once. The statuses of now are all there is, and reading them again is cheaper than
 * keeping them.
 */
async function readSums(source: Source, { from, where }: Matching, narrowed: boolean): Promise<Sums> {
  const { snapshot, day, table, there, parents, isPart } = source
  const picked = narrowed || isPast(source) ? sql`MATERIALIZED` : sql`NOT MATERIALIZED`
  const { rows } = await sql<FigureSums & BesideSums & { names: Count[] | null }>`
    WITH RECURSIVE shown AS ${picked} (
      SELECT p.proposal_id, ${parents} AS parents, p.stage, coalesce(p.ending, 'none') AS ending, p.kind, p.amounts,
             ${conditionOn(day)} AS condition
        FROM ${from} WHERE ${allOf(where)}
    ), links (id, parent) AS (
      SELECT proposal_id, unnest(parents) FROM shown
      UNION
      SELECT p.proposal_id, unnest(${parents}) FROM links k JOIN ${table} ON p.proposal_id = k.parent
       WHERE ${there} AND ${isPart}
    ), ${sql.raw(figureTables('shown', 'links'))}, names AS (
      SELECT CASE grouping(stage, ending, condition, kind)
               WHEN 7 THEN 'stage' WHEN 11 THEN 'ending' WHEN 13 THEN 'condition' ELSE 'kind' END AS what,
             coalesce(stage, ending, condition, kind) AS name, count(*)::int AS count
        FROM shown GROUP BY GROUPING SETS ((stage), (ending), (condition), (kind))
      UNION ALL SELECT 'root', 'none', count(*)::int FROM shown WHERE parents = '{}'
    )
    SELECT ${sql.raw(figureColumns)}, ${sql.raw(besideColumn('shown'))},
           (SELECT json_agg(names ORDER BY what, name) FROM names) AS names
  `.execute(snapshot.db)
  const [row] = rows
  if (row === undefined) throw new Error('A statement without a table gives one row.')
  return { ...row, names: row.names ?? [] }
}

async function readOverdue({ snapshot, day, title }: Source, { from, where }: Matching): Promise<Overdue[]> {
  const { rows } = await sql<Overdue>`
    SELECT p.proposal_id AS "proposalId", ${title} AS title, p.stage, nullif(p.planned_end, 'infinity')::text AS "plannedEnd"
      FROM (SELECT p.* FROM ${from} WHERE ${allOf(where)} AND ${conditionOn(day)} = 'overdue'
             ORDER BY p.planned_end, p.proposal_id LIMIT ${overdueListed}) p
     ORDER BY p.planned_end, p.proposal_id`.execute(snapshot.db)
  return rows
}
