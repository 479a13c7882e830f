import type { Queryable } from './generations.ts'
import type { ParkedProposal, Projection } from './projection.ts'

/** Of how many parked proposals the ids are given. */
const named = 100

/** The proposals that stand still in a generation: the first of them, in the order in which they stopped, and how many there are. */
export async function readParked(
  client: Queryable,
  { parkedRows }: Projection,
  generation: number,
): Promise<{ total: number; first: ParkedProposal[] }> {
  const { rows } = await client.query<ParkedProposal & { total: number }>(
    `SELECT proposal_id AS "proposalId", parked, count(*) OVER () AS total
       FROM (${parkedRows}) p ORDER BY position LIMIT ${named}`,
    [generation],
  )
  return { total: rows[0]?.total ?? 0, first: rows.map(({ proposalId, parked }) => ({ proposalId, parked })) }
}
