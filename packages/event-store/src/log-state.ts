import { erasuresSoFar } from './erasures.ts'
import { LedgerUnusable } from './ledger.ts'
import type { Queryable } from './queryable.ts'

/** What a service that records looks at, all from one snapshot. */
export interface LogState {
  readonly logId: string
  /** Whether it is the log that was known, or one that accepted restores have put in its place; true if none was known. */
  readonly succeeds: boolean
  /** The server, its timeline, and the tables, which a restore from a dump makes anew; null where the server does not tell, and on a standby. */
  readonly timeline: string | null
  /** It can be behind, and its timeline is that of another server. */
  readonly isStandby: boolean
  /** The last event; null while the log is empty. */
  readonly newest: { readonly position: number; readonly eventId: string } | null
  /** The id of the event at the position that was asked for; null if there is none. */
  readonly found: string | null
  /** Events of this log that are signed, or in the tree, whichever are more; 0: none. */
  readonly taken: number
  /** Whether anything of this log was ever signed. */
  readonly isSigned: boolean
  /** The timeline on which the signer has last shown that the log continues what was signed; null: none that is known. */
  readonly confirmed: string | null
  /** How many erasures there were: after each, what was read before of its proposals is to be forgotten. */
  readonly erasures: number
  /** What is known against the log (`readHalt`). */
  readonly halt: string | null
}

interface LogStateRow extends Omit<LogState, 'newest'> {
  readonly position: number | null
  readonly eventId: string
}

const stateQuery = {
  name: 'read_log_state',
  text: `SELECT i.log_id AS "logId", $2::uuid IS NULL OR EXISTS (SELECT FROM log_identity o WHERE o.log_id = $2) AS succeeds, log_timeline() AS timeline, pg_is_in_recovery() AS "isStandby", e.position, e.event_id AS "eventId",
      (SELECT k.event_id FROM events k WHERE k.position = $1) AS found,
      greatest(c.size, CASE WHEN t.log_id = i.log_id THEN t.size END, 0) AS taken, c.size IS NOT NULL AS "isSigned", t.timeline AS confirmed,
      ${erasuresSoFar} AS erasures,
      (SELECT h.detail FROM log_halts h WHERE h.log_id = i.log_id ORDER BY h.source DESC LIMIT 1) AS halt
    FROM (SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1) i
    CROSS JOIN log_tree t
    LEFT JOIN (SELECT position, event_id FROM events ORDER BY position DESC LIMIT 1) e ON true
    LEFT JOIN LATERAL (SELECT max(size) AS size FROM log_checkpoints WHERE log_id = i.log_id) c ON true`,
}

/** @param known also looks for the event at this position, and whether this is, or follows, that log */
export async function readLogState(
  client: Queryable,
  known: { readonly position: number | null; readonly logId: string | null },
): Promise<LogState> {
  const { rows } = await client.query<LogStateRow>({ ...stateQuery, values: [known.position, known.logId] })
  const [row] = rows
  if (row === undefined) throw new LedgerUnusable('the log has no identity: the ledger was not migrated as a whole')
  const { position: last, eventId, ...state } = row
  return { ...state, newest: last === null ? null : { position: last, eventId } }
}
