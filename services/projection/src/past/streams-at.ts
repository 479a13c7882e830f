import { CompiledQuery } from 'kysely'
import type { Snapshot } from '../projections/snapshot.ts'
import { type LogLine } from '../streams/log-line.ts'
import { byProposal, streamsUpTo } from '../streams/read-streams.ts'

/** These streams as of a position, by proposal; the result lacks proposals that did not exist by then. */
export async function readStreams(
  { db }: Snapshot,
  proposalIds: readonly string[],
  known: number,
): Promise<Map<string, LogLine[]>> {
  const query = CompiledQuery.raw(streamsUpTo, [proposalIds, known])
  return byProposal((await db.executeQuery<LogLine>(query)).rows)
}
