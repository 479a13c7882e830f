/** Counts and totals over the whole ledger. */
import type { Day } from '@commitments/domain'
import { sql } from 'kysely'
import type { Snapshot } from '../projections/snapshot.ts'
import { conditionAt } from './filters.ts'
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

export type Counts = Record<string, number>

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

export interface Overdue {
  proposalId: string
  title: Record<string, string>
  stage: string
  /** The last possible day of the planned end; null where a milestone is what is late. */
  plannedEnd: Day | null
}

/** Longest list of what is overdue; the whole list is `GET /v1/proposals?condition=overdue`. */
export const overdueListed = 100

export async function readPortfolio(snapshot: Snapshot, day: Day): Promise<Portfolio> {
  const counts = await readCounts(snapshot, day)
  const byCondition = counts.condition
  return {
    day,
    total: sum(counts.stage),
    byStage: counts.stage,
    byEnding: counts.ending,
    byCondition,
    byKind: counts.kind,
    byField: await readFieldCounts(snapshot),
    ...(await readMoney(snapshot)),
    overdue: { total: byCondition.overdue ?? 0, proposals: await readOverdue(snapshot, day) },
  }
}

/** What is counted: everything that has a status and was not recorded by mistake. */
function shown(snapshot: Snapshot) {
  return sql`${there(snapshot)} AND ending IS DISTINCT FROM 'void'`
}

function there({ generation }: Snapshot) {
  return sql`generation = ${generation} AND state IS NOT NULL`
}

/**
 * `links` is a table beside, to be joined by hash: a look into an index for each of a million proposals would take longer than all the rest.
 * It goes through what was recorded by mistake: the parts of that are parts of what is above it, and must not count beside it.
 */
function amountsOfTree(snapshot: Snapshot) {
  return sql`links AS MATERIALIZED (
      SELECT proposal_id AS id, substr(link, ${'link:child:'.length + 1}) AS parent FROM proposal_status, unnest(labels) AS link
       WHERE ${there(snapshot)} AND parent IS NOT NULL AND link LIKE 'link:child:%'
    ), shown AS NOT MATERIALIZED (SELECT proposal_id, amounts FROM proposal_status WHERE ${shown(snapshot)}),
    ${sql.raw(figureTables('shown', 'links'))}`
}

async function readCounts(snapshot: Snapshot, day: Day) {
  const counts: Record<'stage' | 'ending' | 'condition' | 'kind', Counts> = {
    stage: {},
    ending: {},
    condition: {},
    kind: {},
  }
  const { rows } = await sql<{ what: keyof typeof counts; name: string; count: number }>`
    SELECT CASE grouping(stage, ending, condition, kind)
             WHEN 7 THEN 'stage' WHEN 11 THEN 'ending' WHEN 13 THEN 'condition' ELSE 'kind' END AS what,
           coalesce(stage, ending, condition, kind) AS name, count(*)::int AS count
      FROM (SELECT stage, coalesce(ending, 'none') AS ending, ${conditionAt(day)} AS condition, kind
              FROM proposal_status WHERE ${shown(snapshot)}) t
     GROUP BY GROUPING SETS ((stage), (ending), (condition), (kind)) ORDER BY 1, 2`.execute(snapshot.db)
  for (const { what, name, count } of rows) counts[what][name] = count
  return counts
}

async function readFieldCounts(snapshot: Snapshot): Promise<Counts> {
  const { rows } = await sql<{ name: string; count: number }>`
    SELECT field AS name, count(*)::int AS count FROM proposal_status, unnest(fields) AS field
     WHERE ${shown(snapshot)} GROUP BY field ORDER BY field`.execute(snapshot.db)
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]))
}

async function readMoney(snapshot: Snapshot): Promise<Pick<Portfolio, 'money' | 'ownMoneyBeside'>> {
  const { rows } = await sql<FigureSums & BesideSums>`
    WITH RECURSIVE ${amountsOfTree(snapshot)} SELECT ${sql.raw(figureColumns)}, ${sql.raw(besideColumn('shown'))}`.execute(
    snapshot.db,
  )
  const [row] = rows
  if (row === undefined) throw new Error('A statement without a table gives one row.')
  return { money: moneyOf(row), ownMoneyBeside: besideOf(row.beside) }
}

async function readOverdue(snapshot: Snapshot, day: Day): Promise<Overdue[]> {
  const { rows } = await sql<Overdue>`
    SELECT proposal_id AS "proposalId", state::json -> 'title' AS title, stage,
           nullif(planned_end, 'infinity')::text AS "plannedEnd"
      FROM (SELECT proposal_id, state, stage, planned_end FROM proposal_status
             WHERE ${shown(snapshot)} AND ${conditionAt(day)} = 'overdue'
             ORDER BY planned_end, proposal_id LIMIT ${overdueListed}) t`.execute(snapshot.db)
  return rows
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
