/** Whether two generations say the same. */
import { differingMoments } from '../moments/compare.ts'
import { rowColumns } from '../projector/write.ts'
import type { Queryable } from '../read-model/generations.ts'

export interface Comparison {
  /** Proposals that the two show differently. */
  readonly differing: string[]
  /** Proposals that changed after the last position that both have applied: they were not compared. */
  readonly later: string[]
}

const columns = ['position', ...rowColumns.filter((name) => name !== 'proposal_id' && name !== 'position')]

/** The whole row but its generation. The columns themselves: to make a fingerprint of each row costs three times as much. */
const rowOfSide = (side: 'a' | 'b') => `ROW(${columns.map((name) => `${side}.${name}`).join(', ')})`

const compareText = (only: string) => `
  WITH shared AS (SELECT min(position) AS position FROM projection_generations WHERE generation IN ($1, $2)),
    ${differingMoments(only)}
  SELECT proposal_id AS "proposalId", greatest(a.position, b.position) > shared.position AS later
    FROM (SELECT * FROM proposal_status WHERE generation = $1 ${only}) a
    FULL JOIN (SELECT * FROM proposal_status WHERE generation = $2 ${only}) b USING (proposal_id)
    CROSS JOIN shared
   WHERE ${rowOfSide('a')} IS DISTINCT FROM ${rowOfSide('b')}
      OR proposal_id IN (SELECT proposal_id FROM differing_moments) OR greatest(a.position, b.position) > shared.position
   ORDER BY proposal_id`

/**
 * Compares two generations row by row, in one snapshot, at the last position that both have applied. What changed after
 * it in either of them is named, to be compared when both stand at the same position.
 */
export async function compareGenerations(client: Queryable, a: number, b: number): Promise<Comparison> {
  const { rows } = await client.query(compareText(''), [a, b])
  return sorted(rows)
}

/** The same for some proposals only. */
export async function compareProposals(
  client: Queryable,
  a: number,
  b: number,
  proposalIds: readonly string[],
): Promise<Comparison> {
  if (proposalIds.length === 0) return { differing: [], later: [] }
  const { rows } = await client.query(compareText('AND proposal_id = ANY($3)'), [a, b, proposalIds])
  return sorted(rows)
}

function sorted(rows: { proposalId: string; later: boolean }[]): Comparison {
  const of = (later: boolean) => rows.filter((row) => row.later === later).map((row) => row.proposalId)
  return { differing: of(false), later: of(true) }
}
