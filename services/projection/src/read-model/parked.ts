import type { Parked } from '../projector/apply.ts'
import type { Queryable } from './generations.ts'

/** Of how many parked proposals the ids are given. */
const named = 100

/** The proposals of a generation that stand still, in the order in which they stopped. */
export async function readParked(
  client: Queryable,
  generation: number,
): Promise<{ total: number; first: { proposalId: string; parked: Parked }[] }> {
  const { rows } = await client.query(
    `SELECT proposal_id AS "proposalId", parked, count(*) OVER () AS total FROM proposal_status
      WHERE generation = $1 AND parked IS NOT NULL ORDER BY position LIMIT ${named}`,
    [generation],
  )
  return { total: rows[0]?.total ?? 0, first: rows.map(({ proposalId, parked }) => ({ proposalId, parked })) }
}
