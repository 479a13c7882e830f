import type { LogLine } from '../projector/apply.ts'
import type { Queryable } from './generations.ts'

/**
 * $1 ids, $2 the last position: each stream in the order of versions. With `+ 0` the index of positions is none to choose:
 * where a young table has no statistics yet, each stream would be looked for in the whole log.
 */
export const streamsUpTo = `SELECT e.* FROM unnest($1::text[]) AS wanted(id) CROSS JOIN LATERAL (
  SELECT proposal_id AS "proposalId", version, position, line FROM events
   WHERE proposal_id = wanted.id AND position + 0 <= $2 ORDER BY version) e
 ORDER BY e."proposalId", e.version`

/** These streams as they stood at a position, by proposal; one that did not exist by then is absent. */
export async function readStreamsUpTo(
  client: Queryable,
  proposalIds: readonly string[],
  upTo: number,
): Promise<Map<string, LogLine[]>> {
  const query = { name: 'read-streams-up-to', text: streamsUpTo, values: [proposalIds, upTo] }
  return byProposal((await client.query<LogLine>(query)).rows)
}

export function byProposal(lines: readonly LogLine[]): Map<string, LogLine[]> {
  return Map.groupBy(lines, ({ proposalId }) => proposalId)
}
