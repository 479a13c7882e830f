/** Whether two generations of a projection say the same. */
import { type Queryable } from '@commitments/event-store'
import type { Pool } from 'pg'
import type { IdRange } from '../../streams/streams-in-order.ts'
import { inOneSnapshot } from '../../transaction.ts'
import { differingRows } from '../check/differing-rows.ts'
import type { Projection } from '../projection.ts'
import { cutIds } from './id-ranges.ts'

export interface Comparison {
  /** Proposals that the two show differently. */
  readonly differing: string[]
  /** Proposals that changed after the last position that both have applied: they were not compared. */
  readonly later: string[]
}

/** Connections that compare side by side: what they do is the work of the database alone. */
const comparers = 2

/**
 * Compares two generations row by row, in one snapshot, at the last position that both have applied. What changed after
 * it in either of them is named, to be compared when both stand at the same position.
 * @param upTo about how far they are: it says how many events there are to cut into ranges, which are compared in turn
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

/** The ids are at the same time within both bounds of the query, as the planner needs them to walk along an index. */
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
 * A query for the proposals that the generations $1 and $2 show differently at the last position that both have applied, and for
 * those with `later` true that changed after it in one that is further, as the log says. What may be left of what has ceased to hold
 * is not compared: a generation that was made of whole streams has none of it.
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
