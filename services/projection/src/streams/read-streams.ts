import { type Queryable } from '@commitments/event-store'
import { type ProjectionName } from '../projection-names.ts'
import { type LogLine, setAside } from './log-line.ts'

/**
 * $1 ids, $2 the last position: each stream in the order of versions. `+ 0` prevents the planner from choosing the index of positions: for
 * a young table without statistics, it would look for each stream in the whole log. Events that were set aside have no line, and what comes
 * after them is left out, except for records of erasures.
 *
 * @param inProjection which projection's set-aside events are meant, as `AND …`
 */
function streamsText(inProjection: string): string {
  return `SELECT e.* FROM unnest($1::text[]) AS wanted(id)
 CROSS JOIN LATERAL (SELECT min(position) AS position FROM set_aside WHERE proposal_id = wanted.id ${inProjection}) aside
 CROSS JOIN LATERAL (
  SELECT proposal_id AS "proposalId", version, position,
         CASE WHEN position = aside.position THEN '${setAside}' ELSE line END AS line FROM events
   WHERE proposal_id = wanted.id AND position + 0 <= $2 AND (aside.position IS NULL OR position <= aside.position OR line LIKE '%,"type":"erased",%') ORDER BY version) e
 ORDER BY e."proposalId", e.version`
}

/** For answers about a moment: as far as both projections could apply the streams. */
export const streamsUpTo = streamsText('')

/** These streams as a projection applies them, as of a position, by proposal; the result lacks proposals that did not exist by then. */
export async function readStreamsUpTo(
  client: Queryable,
  projection: ProjectionName,
  proposalIds: readonly string[],
  upTo: number,
): Promise<Map<string, LogLine[]>> {
  const text = streamsText(`AND projection = '${projection}'`)
  const query = { name: `read-streams-up-to-of-${projection}`, text, values: [proposalIds, upTo] }
  return byProposal((await client.query<LogLine>(query)).rows)
}

export function byProposal(lines: readonly LogLine[]): Map<string, LogLine[]> {
  return Map.groupBy(lines, ({ proposalId }) => proposalId)
}
