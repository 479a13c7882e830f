import type { Database } from '@commitments/event-store'
import { CompiledQuery, type Kysely } from 'kysely'
import { type LogLine } from '../streams/log-line.ts'
import { byProposal, streamsUpTo } from '../streams/read-streams.ts'

/**
 * These streams as of a position, by proposal; the result lacks proposals that did not exist by then. In a snapshot or outside of one: the
 * log up to a position never changes.
 */
export async function readStreams(
  { db }: { readonly db: Kysely<Database> },
  proposalIds: readonly string[],
  known: number,
): Promise<Map<string, LogLine[]>> {
  const query = CompiledQuery.raw(streamsUpTo, [proposalIds, known])
  return byProposal((await db.executeQuery<LogLine>(query)).rows)
}
