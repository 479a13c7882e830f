/** Counts and totals over the whole ledger: as it is now, or as it was at a point in time. */
import type { Day } from '@commitments/domain'
import { sql } from 'kysely'
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

export interface Portfolio {
  day: Day
  total: number
  byStage: Counts
  byEnding: Counts
  byCondition: Counts
  byKind: Counts
  byField: Counts
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

export async function readPortfolio(source: Source): Promise<Portfolio> {
  const { names, beside, ...sums } = await readSums(source)
  const counts = (what: string): Counts =>
    Object.fromEntries(names.filter((one) => one.what === what).map(({ name, count }) => [name, count]))
  const [byStage, byCondition] = [counts('stage'), counts('condition')]
  return {
    day: source.day,
    total: Object.values(byStage).reduce((total, count) => total + count, 0),
    byStage,
    byEnding: counts('ending'),
    byCondition,
    byKind: counts('kind'),
    byField: counts('field'),
    money: moneyOf(sums),
    ownMoneyBeside: besideOf(beside),
    overdue: { total: byCondition['overdue'] ?? 0, proposals: await readOverdue(source) },
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
 * What was recorded by mistake is not counted; but the tree goes through it: its parts are parts of what is above it, and must not count beside
 * it. `links` is a table beside, to be joined by hash: a look into an index for each of a million proposals would take longer than all the rest.
 *
 * Rectangles of a point in time are picked once. The statuses of now are all there is, and reading them again is cheaper than keeping them.
 */
async function readSums(source: Source): Promise<Sums> {
  const { snapshot, day, table, there, parents } = source
  const picked = isPast(source) ? sql`MATERIALIZED` : sql`NOT MATERIALIZED`
  const { rows } = await sql<FigureSums & BesideSums & { names: Count[] | null }>`
    WITH RECURSIVE there AS ${picked} (
      SELECT p.proposal_id, ${parents} AS parents, p.stage, coalesce(p.ending, 'none') AS ending, p.kind, p.fields, p.amounts,
             ${conditionOn(day)} AS condition
        FROM ${table} WHERE ${there}
    ), counted_rows AS NOT MATERIALIZED (
      SELECT * FROM there WHERE ending <> 'void'
    ), links AS MATERIALIZED (
      SELECT proposal_id AS id, unnest(parents) AS parent FROM there
    ), ${sql.raw(figureTables('counted_rows', 'links'))}, names AS (
      SELECT CASE grouping(stage, ending, condition, kind)
               WHEN 7 THEN 'stage' WHEN 11 THEN 'ending' WHEN 13 THEN 'condition' ELSE 'kind' END AS what,
             coalesce(stage, ending, condition, kind) AS name, count(*)::int AS count
        FROM counted_rows GROUP BY GROUPING SETS ((stage), (ending), (condition), (kind))
      UNION ALL SELECT 'field', field, count(*)::int FROM counted_rows, unnest(fields) AS field GROUP BY field
    )
    SELECT ${sql.raw(figureColumns)}, ${sql.raw(besideColumn('counted_rows'))},
           (SELECT json_agg(names ORDER BY what, name) FROM names) AS names
  `.execute(snapshot.db)
  const [row] = rows
  if (row === undefined) throw new Error('A statement without a table gives one row.')
  return { ...row, names: row.names ?? [] }
}

async function readOverdue({ snapshot, day, table, there, title }: Source): Promise<Overdue[]> {
  const { rows } = await sql<Overdue>`
    SELECT p.proposal_id AS "proposalId", ${title} AS title, p.stage, nullif(p.planned_end, 'infinity')::text AS "plannedEnd"
      FROM (SELECT p.* FROM ${table} WHERE ${there} AND p.ending IS DISTINCT FROM 'void' AND ${conditionOn(day)} = 'overdue'
             ORDER BY p.planned_end, p.proposal_id LIMIT ${overdueListed}) p
     ORDER BY p.planned_end, p.proposal_id`.execute(snapshot.db)
  return rows
}
