/** Compares two generations of a projection. */
import { type Queryable } from '@commitments/event-store'
import type { Pool } from 'pg'
import type { IdRange } from '../../streams/streams-in-order.ts'
import { inOneSnapshot } from '../../transaction.ts'
import { differingRows } from '../check/differing-rows.ts'
import type { Projection } from '../projection.ts'
import { cutIds } from './id-ranges.ts'

export interface Comparison {
  /** Proposals that differ between the two. */
  readonly differing: string[]
  /** Proposals that changed after the last position that both have applied: they were not compared. */
  readonly later: string[]
}

/** Connections that compare side by side. Only the database works here. */
const comparers = 2

/**
 * Compares two generations row by row, in one snapshot, at the last position that both have applied. Proposals that changed after it in
 * either of them are named, to be compared when both are at the same position.
 *
 * @param upTo roughly how far they are: it says how many events there are to divide into ranges, which are compared in turn
 */
export async function compareGenerations(
  pool: Pool,
  projection: Projection,
  [a, b]: readonly [number, number],
  upTo: number,
): Promise<Comparison> {
  const ranges = (await cutIds(pool, upTo)).entries()
  const found: Comparison[] = []
  await inOneSnapshot(pool, comparers, async (client) => {
    for (const [index, range] of ranges) found[index] = await compareRange(client, projection, [a, b], range)
  })
  return {
    differing: found.flatMap(({ differing }) => differing),
    later: found.flatMap(({ later }) => later),
  }
}

/** The ids are within both bounds of the query, as the planner needs for an index scan. */
async function compareRange(
  client: Queryable,
  projection: Projection,
  [a, b]: readonly [number, number],
  { from, before }: IdRange,
): Promise<Comparison> {
  const only = `AND proposal_id >= $3${before === null ? '' : ' AND proposal_id < $4'}`
  const values = before === null ? [a, b, from] : [a, b, from, before]
  const { rows } = await client.query<Found>({ text: comparison(projection, only), values })
  return sorted(rows)
}

/** The same for some proposals only. */
export async function compareProposals(
  client: Queryable,
  projection: Projection,
  [a, b]: readonly [number, number],
  proposalIds: readonly string[],
): Promise<Comparison> {
  if (proposalIds.length === 0) return { differing: [], later: [] }
  const values = [a, b, proposalIds]
  const text = comparison(projection, 'AND proposal_id = ANY($3)')
  const { rows } = await client.query<Found>({ text, values })
  return sorted(rows)
}

interface Found {
  readonly proposalId: string
  readonly later: boolean
}

/**
 * A query for the proposals that differ between the generations $1 and $2 at the last position that both have applied, and, with `later`
 * true, for those that changed after it in the generation that is further, according to the log. Rows that stay after they cease to hold
 * are not compared: a generation that was made from whole streams has none.
 *
 * @param only narrows the rows, as `AND …` about `proposal_id`.
 */
function comparison({ tables }: Projection, only: string): string {
  const differing = tables
    .filter(({ lacks }) => !lacks)
    .map((table) => {
      const of = (generation: string) => `${table.name} WHERE generation = ${generation} ${only}`
      return `SELECT proposal_id FROM (${differingRows(table, of('$1'), of('$2'))}) differing`
    })
  return `
  WITH reached AS (
    SELECT min(position) AS by_both, max(position) AS by_one FROM projection_generations WHERE generation IN ($1, $2)
  ), later AS MATERIALIZED (
    SELECT DISTINCT proposal_id FROM events, reached WHERE events.position > by_both AND events.position <= by_one ${only}
  )
  SELECT proposal_id AS "proposalId", true AS later FROM later
  UNION ALL SELECT proposal_id, false FROM (${differing.join(' UNION ')}) d WHERE proposal_id NOT IN (SELECT proposal_id FROM later)
  ORDER BY 1`
}

function sorted(rows: readonly Found[]): Comparison {
  const of = (later: boolean) => rows.filter((row) => row.later === later).map((row) => row.proposalId)
  return { differing: of(false), later: of(true) }
}
