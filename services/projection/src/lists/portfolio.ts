/** Counts and totals over the proposals that match the filters: now, or at a point in time. */
import type { Day } from '@commitments/domain'
import { type RawBuilder, sql } from 'kysely'
import { conditionsOf, type Matching, matching } from './conditions.ts'
import { type FacetCounts, readFacets } from './facets.ts'
import type { Filters } from './filters.ts'
import { readTitles } from './names.ts'
import { allOf } from './question.ts'
import { conditionOn, type Source } from './source.ts'
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
  /** The number of proposals that are part of nothing. */
  byParentNone: number
  money: TreeMoney
  ownMoneyBeside: OwnMoneyBeside
  overdue: { total: number; proposals: Overdue[] }
}

interface Overdue {
  proposalId: string
  title: Record<string, string>
  stage: string
  /** The last possible day of the planned end; null if a milestone is late instead. */
  plannedEnd: Day | null
}

/** The most overdue proposals in one answer; the whole list is `GET /v1/proposals?condition=overdue`. */
export const overdueListed = 100

/**
 * Every figure is counted over the rows of {@link matching}, like a list, so a figure and its list agree. Money counts as docs/domain.md
 * says, among the matching proposals only: a part that does not match has no effect on the others.
 */
export async function readPortfolio(source: Source, filters: Filters, timeZone: string): Promise<Portfolio> {
  const conditions = await conditionsOf(filters, source)
  const matched = matching(source, conditions)
  const { names, beside, overdue, ...sums } = await readSums(source, matched)
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
    overdue: { total: byCondition['overdue'] ?? 0, proposals: await titled(source, overdue) },
  }
}

/** The number of proposals that have this value of `what`. */
interface Count {
  readonly what: string
  readonly name: string
  readonly count: number
}

interface Sums extends FigureSums, BesideSums {
  readonly names: readonly Count[]
  readonly overdue: readonly Omit<Overdue, 'title'>[]
}

async function readSums(source: Source, matched: Matching): Promise<Sums> {
  const { rows } = await sql<FigureSums & BesideSums & { names: Count[] | null; overdue: Sums['overdue'] | null }>`
    ${withTreeMoney(source, matched)}, names AS (
      SELECT CASE grouping(stage, ending, condition, kind)
               WHEN 7 THEN 'stage' WHEN 11 THEN 'ending' WHEN 13 THEN 'condition' ELSE 'kind' END AS what,
             coalesce(stage, ending, condition, kind) AS name, count(*)::int AS count
        FROM shown GROUP BY GROUPING SETS ((stage), (ending), (condition), (kind))
      UNION ALL SELECT 'root', 'none', count(*)::int FROM shown WHERE parents = '{}'
    )
    SELECT ${sql.raw(figureColumns)}, ${sql.raw(besideColumn('shown'))},
           (SELECT json_agg(names ORDER BY what, name) FROM names) AS names,
           (SELECT json_agg(o) FROM (
             SELECT proposal_id AS "proposalId", stage, nullif(planned_end, 'infinity')::text AS "plannedEnd" FROM shown
              WHERE condition = 'overdue' ORDER BY planned_end, proposal_id LIMIT ${overdueListed}) o) AS overdue
  `.execute(source.snapshot.db)
  const [row] = rows
  if (row === undefined) throw new Error('A statement without a table gives one row.')
  return { ...row, names: row.names ?? [], overdue: row.overdue ?? [] }
}

/**
 * The tables of the matching proposals and their money, for a statement to begin with.
 *
 * The tree also leads through proposals that do not match and through those recorded by mistake: their parts are parts of the proposal
 * above, and must not count in addition to it. Each of the proposals above is looked up once, however many parts it has.
 */
function withTreeMoney(source: Source, { from, where }: Matching): RawBuilder<unknown> {
  const { day, table, there, parents, isPart } = source
  return sql`WITH RECURSIVE shown AS MATERIALIZED (
      SELECT p.proposal_id, ${parents} AS parents, p.stage, coalesce(p.ending, 'none') AS ending, p.kind, p.amounts,
             p.planned_end, ${conditionOn(day)} AS condition
        FROM ${from} WHERE ${allOf(where)}
    ), parts (parent, amounts) AS (
      SELECT unnest(parents), amounts FROM shown
    ), above (id, parent) AS (
      SELECT p.proposal_id, unnest(${parents}) FROM (SELECT DISTINCT parent FROM parts) k JOIN ${table} ON p.proposal_id = k.parent
       WHERE ${there} AND ${isPart}
      UNION
      SELECT p.proposal_id, unnest(${parents}) FROM (SELECT DISTINCT parent FROM above) k JOIN ${table} ON p.proposal_id = k.parent
       WHERE ${there} AND ${isPart}
    ), ${sql.raw(figureTables('shown', 'parts', 'above'))}`
}

/**
 * Which members of their own money (`Figures` of the domain) are in no total of the portfolio of these filters, by proposal: parts carry
 * them. Few proposals have any.
 */
export async function readMoneyBeside(
  source: Source,
  filters: Filters,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const matched = matching(source, await conditionsOf(filters, source))
  const { rows } = await sql<{ id: string; members: string[] }>`
    ${withTreeMoney(source, matched)}
    SELECT proposal_id AS id, array_agg(member) AS members FROM beside GROUP BY proposal_id`.execute(source.snapshot.db)
  return new Map(rows.map(({ id, members }) => [id, new Set(members)]))
}

async function titled(source: Source, overdue: Sums['overdue']): Promise<Overdue[]> {
  const titles = await readTitles(
    source,
    overdue.map(({ proposalId }) => proposalId),
  )
  return overdue.map(({ proposalId, ...rest }) => ({ proposalId, title: titles.get(proposalId) ?? {}, ...rest }))
}
