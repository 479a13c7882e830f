import { type Queryable } from '@commitments/event-store'
import type { ParkedProposal, Projection } from './projection.ts'

/** How many parked proposals are named. */
const named = 100

/** The parked proposals of a generation: the first of them, in the order in which they were parked, and their number. */
export async function readParked(
  client: Queryable,
  { parkedRows }: Projection,
  generation: number,
): Promise<{ total: number; first: ParkedProposal[] }> {
  const { rows } = await client.query<ParkedProposal & { total: number }>({
    text: `SELECT proposal_id AS "proposalId", parked, count(*) OVER () AS total
       FROM (${parkedRows}) p ORDER BY position LIMIT ${named}`,
    values: [generation],
  })
  return { total: rows[0]?.total ?? 0, first: rows.map(({ proposalId, parked }) => ({ proposalId, parked })) }
}
