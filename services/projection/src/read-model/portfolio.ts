/** Counts and totals over the whole ledger. */
import { type Day, type Totals, totalOf } from '@commitments/domain'
import { sql } from 'kysely'
import { conditionAt } from './filters.ts'
import type { Snapshot } from './snapshot.ts'

export type Counts = Record<string, number>

export interface Portfolio {
  day: Day
  total: number
  byStage: Counts
  byEnding: Counts
  byCondition: Counts
  byKind: Counts
  byField: Counts
  money: {
    requested: Totals
    pledged: Totals
    committed: Totals
    disbursed: Totals
    undisclosed: { requested: number; committed: number }
  }
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
const overdueListed = 100

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
    money: { ...(await readTotals(snapshot)), undisclosed: await readUndisclosed(snapshot) },
    overdue: { total: byCondition.overdue ?? 0, proposals: await readOverdue(snapshot, day) },
  }
}

/** What is counted: everything that has a status and was not recorded by mistake. */
function shown({ generation }: Snapshot) {
  return sql`generation = ${generation} AND state IS NOT NULL AND ending IS DISTINCT FROM 'void'`
}

/**
 * Money is counted at the leaves of the programme tree, so that nothing counts twice: a proposal with parts (that were
 * not recorded by mistake) is counted by its parts.
 */
function leaf(snapshot: Snapshot) {
  return sql`${shown(snapshot)} AND NOT EXISTS (
    SELECT FROM proposal_status child
     WHERE child.generation = ${snapshot.generation} AND child.parent = proposal_status.proposal_id
       AND child.state IS NOT NULL AND child.ending IS DISTINCT FROM 'void')`
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

const totalled = ['requested', 'pledged', 'committed', 'disbursed'] as const

async function readTotals(snapshot: Snapshot): Promise<Record<(typeof totalled)[number], Totals>> {
  const { rows } = await sql<{ what: (typeof totalled)[number]; currency: string; value: string }>`
    SELECT part.key AS what, amount.key AS currency, sum(amount.value::numeric)::text AS value
      FROM proposal_status, jsonb_each(amounts - 'undisclosed') AS part, jsonb_each_text(part.value) AS amount
     WHERE ${leaf(snapshot)} GROUP BY part.key, amount.key`.execute(snapshot.db)
  const of = (what: (typeof totalled)[number]) => totalOf(rows.filter((row) => row.what === what))
  return { requested: of('requested'), pledged: of('pledged'), committed: of('committed'), disbursed: of('disbursed') }
}

async function readUndisclosed(snapshot: Snapshot): Promise<{ requested: number; committed: number }> {
  const { rows } = await sql<{ requested: number; committed: number }>`
    SELECT coalesce(sum((amounts -> 'undisclosed' ->> 'requested')::int), 0)::int AS requested,
           coalesce(sum((amounts -> 'undisclosed' ->> 'committed')::int), 0)::int AS committed
      FROM proposal_status WHERE ${leaf(snapshot)}`.execute(snapshot.db)
  return rows[0] ?? { requested: 0, committed: 0 }
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
