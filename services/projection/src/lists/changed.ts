/** Which proposals changed, for callers that poll. */
import { type Condition, type Ending, type Stage } from '@commitments/domain'
import { type RawBuilder, sql } from 'kysely'
import type { Snapshot } from '../projections/snapshot.ts'
import { walkLog } from './last-events.ts'
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

interface Asked {
  readonly since: number
  readonly limit: number
  readonly day: string
}

/** Proposals whose last event lies after the position, in the order of those events; each proposal once. */
export async function readChanged(snapshot: Snapshot, asked: Asked): Promise<ChangedProposal[]> {
  const { since, limit } = asked
  const part = { after: since, upTo: snapshot.position, reversed: false }
  const found = await walkLog(snapshot, part, limit, (along) => readFrom(snapshot, asked, along, sql`c.at`))
  return found ?? readFrom(snapshot, asked, sql`proposal_status p`, sql`p.position`)
}

async function readFrom(
  { db, generation }: Snapshot,
  { since, limit, day }: Asked,
  statuses: RawBuilder<unknown>,
  order: RawBuilder<unknown>,
): Promise<ChangedProposal[]> {
  const { rows } = await sql<ChangedProposal>`
    SELECT p.proposal_id AS "proposalId", p.position, p.version, p.stage, p.ending, ${conditionOn(day)} AS condition,
           to_char(p.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "recordedAt"
      FROM ${statuses} WHERE p.generation = ${generation} AND p.position > ${since}::bigint AND p.state IS NOT NULL
     ORDER BY ${order} LIMIT ${limit}`.execute(db)
  return rows
}
