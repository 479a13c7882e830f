import type { Queryable } from '../projections/generations.ts'
import type { Start } from './round.ts'

/**
 * Where a round begins, and how many proposals there are. Somewhere, by the proposal of some event, unless it is to be at
 * the first: else an instance that is started again and again would look at the same few for ever.
 */
export async function readStart(client: Queryable, atFirst: boolean): Promise<Start> {
  const { rows } = await client.query({
    name: 'read-drift-start',
    text: `SELECT head.position AS "upTo",
        (SELECT count(*) FROM proposal_status s JOIN projection_generations g USING (generation)
          WHERE g.projection = 'proposal-status' AND g.state = 'live') AS total,
        (SELECT proposal_id FROM events WHERE position = 1 + floor($1::float8 * head.position)) AS "proposalId"
      FROM (SELECT coalesce(max(position), 0) AS position FROM events) head`,
    values: [Math.random()],
  })
  const [{ upTo, total, proposalId }] = rows as [{ upTo: number; total: number; proposalId: string | null }]
  return { from: atFirst ? '' : (proposalId ?? ''), total, upTo }
}
