import type { Queryable } from './queryable.ts'

/** Who a log is. */
export interface LogIdentity {
  /** A UUID; sent as `Log-Id`. */
  logId: string
  /** 1, and one more with each accepted restore. */
  generation: number
}

/** The identity that holds now. */
export async function readLogIdentity(client: Queryable): Promise<LogIdentity> {
  const { rows } = await client.query<{ log_id: string; generation: number }>({
    name: 'read_log_identity',
    text: 'SELECT log_id, generation FROM log_identity ORDER BY generation DESC LIMIT 1',
  })
  const newest = rows[0]
  if (!newest) throw new Error('the log has no identity: the ledger was not migrated as a whole')
  return { logId: newest.log_id, generation: newest.generation }
}

/**
 * Gives the log a new identity, after a restore from a back-up. What the log says next may stand at positions that followers have seen
 * with another content; by the new Log-Id they know. Owner only. `reason` is kept for good, for auditors.
 */
export async function acceptRestore(client: Queryable, reason: string): Promise<LogIdentity> {
  const { rows } = await client.query<{ log_id: string; generation: number }>({
    name: 'accept_restore',
    text: `INSERT INTO log_identity (generation, first_position, reason)
           SELECT max(generation) + 1, (SELECT coalesce(max(position), 0) + 1 FROM events), $1 FROM log_identity
           RETURNING log_id, generation`,
    values: [reason],
  })
  const added = rows[0]
  if (!added) throw new Error('the log has no identity to follow: the ledger was not migrated as a whole')
  return { logId: added.log_id, generation: added.generation }
}
