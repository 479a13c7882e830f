/** Counts and totals over the whole ledger as it was at a moment. */
import { sql } from 'kysely'
import { facetsTable, momentsTable } from '../past/dense.ts'
import { type At, conditionOfRow, rectangleAt } from '../past/point-in-time.ts'
import type { Snapshot } from '../projections/snapshot.ts'
import { type Counts, type Overdue, overdueListed, type Portfolio } from './portfolio.ts'
import {
  type BesideSums,
  besideColumn,
  besideOf,
  type FigureSums,
  figureColumns,
  figureTables,
  moneyOf,
} from './tree-money.ts'

/** How many proposals have this name for `what`. */
interface Count {
  readonly what: string
  readonly name: string
  readonly count: number
}

/**
 * The same as `readPortfolio` tells of today. The rows of the moment are picked once, all counts and totals are taken of
 * those. Money is counted in the programme tree of that moment.
 */
export async function readMomentPortfolio(snapshot: Snapshot, at: At): Promise<Portfolio> {
  const { names, beside, ...sums } = await readSums(snapshot, at)
  const counts = (what: string): Counts =>
    Object.fromEntries(names.filter((one) => one.what === what).map(({ name, count }) => [name, count]))
  const [byStage, byCondition] = [counts('stage'), counts('condition')]
  return {
    day: at.day,
    total: Object.values(byStage).reduce((total, count) => total + count, 0),
    byStage,
    byEnding: counts('ending'),
    byCondition,
    byKind: counts('kind'),
    byField: counts('field'),
    money: moneyOf(sums),
    ownMoneyBeside: besideOf(beside),
    overdue: { total: byCondition['overdue'] ?? 0, proposals: await readOverdue(snapshot, at) },
  }
}

/** What counts at the moment: everything that was there and was not recorded by mistake. */
function shown(snapshot: Snapshot, at: At) {
  return sql`${there(snapshot, at)} AND m.ending IS DISTINCT FROM 'void'`
}

function there({ generation }: Snapshot, at: At) {
  return sql`m.generation = ${sql.lit(generation)} AND ${rectangleAt(at)}`
}

interface Sums extends FigureSums, BesideSums {
  readonly names: readonly Count[]
}

async function readSums(snapshot: Snapshot, at: At): Promise<Sums> {
  const { rows } = await sql<FigureSums & BesideSums & { names: Count[] | null }>`
    WITH RECURSIVE there AS MATERIALIZED (
      SELECT m.proposal_id, m.parents, m.stage, coalesce(m.ending, 'none') AS ending, m.kind, m.fields, m.amounts,
             ${conditionOfRow(at.day)} AS condition
        FROM ${momentsTable(at, snapshot)} m WHERE ${there(snapshot, at)}
    ), shown AS NOT MATERIALIZED (
      SELECT * FROM there WHERE ending <> 'void'
    ), links AS MATERIALIZED (
      SELECT proposal_id AS id, unnest(parents) AS parent FROM there
    ), ${sql.raw(figureTables('shown', 'links'))}, names AS (
      SELECT CASE grouping(stage, ending, condition, kind)
               WHEN 7 THEN 'stage' WHEN 11 THEN 'ending' WHEN 13 THEN 'condition' ELSE 'kind' END AS what,
             coalesce(stage, ending, condition, kind) AS name, count(*)::int AS count
        FROM shown GROUP BY GROUPING SETS ((stage), (ending), (condition), (kind))
      UNION ALL SELECT 'field', field, count(*)::int FROM shown, unnest(fields) AS field GROUP BY field
    )
    SELECT ${sql.raw(figureColumns)}, ${sql.raw(besideColumn('shown'))},
           (SELECT json_agg(names ORDER BY what, name) FROM names) AS names
  `.execute(snapshot.db)
  const [row] = rows
  if (row === undefined) throw new Error('A statement without a table gives one row.')
  return { ...row, names: row.names ?? [] }
}

async function readOverdue(snapshot: Snapshot, at: At): Promise<Overdue[]> {
  const { rows } = await sql<Overdue>`
    SELECT t.proposal_id AS "proposalId", f.title, t.stage, nullif(t.planned_end, 'infinity')::text AS "plannedEnd"
      FROM (SELECT m.proposal_id, m.generation, m.facets, m.stage, m.planned_end FROM ${momentsTable(at, snapshot)} m
             WHERE ${shown(snapshot, at)} AND ${conditionOfRow(at.day)} = 'overdue'
             ORDER BY m.planned_end, m.proposal_id LIMIT ${overdueListed}) t
      JOIN ${facetsTable(at, snapshot)} f ON f.generation = t.generation AND f.proposal_id = t.proposal_id AND f.facets = t.facets
     ORDER BY t.planned_end, t.proposal_id`.execute(snapshot.db)
  return rows
}
