/** Which proposals changed, for callers that poll. */
import { type Condition, type Ending, type Stage } from '@commitments/domain'
import { sql } from 'kysely'
import type { Snapshot } from '../projections/snapshot.ts'
import { conditionOn } from './source.ts'

interface ChangedProposal {
  readonly proposalId: string
  /** Position of its last event. */
  readonly position: number
  readonly version: number
  readonly recordedAt: string
  readonly stage: Stage
  readonly ending: Ending | null
  readonly condition: Condition
}

/** Proposals whose last event lies after the position, in the order of those events; each proposal once. */
export async function readChanged(
  { db, generation }: Snapshot,
  { since, limit, day }: { since: number; limit: number; day: string },
): Promise<ChangedProposal[]> {
  const { rows } = await sql<ChangedProposal>`
    SELECT proposal_id AS "proposalId", position, version, stage, ending, ${conditionOn(day)} AS condition,
           to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "recordedAt"
      FROM proposal_status p WHERE generation = ${generation} AND position > ${since}::bigint AND state IS NOT NULL
     ORDER BY position LIMIT ${limit}`.execute(db)
  return rows
}
