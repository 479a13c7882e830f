import { LedgerUnusable } from './ledger.ts'
import type { Queryable } from './queryable.ts'

/** The identity of a log. */
interface LogIdentity {
  /** A UUID; sent as `Log-Id`. */
  logId: string
  /** 1, plus one for each accepted restore. */
  generation: number
}

/** The current identity. */
export async function readLogIdentity(client: Queryable): Promise<LogIdentity> {
  const { rows } = await client.query<{ log_id: string; generation: number }>({
    name: 'read_log_identity',
    text: 'SELECT log_id, generation FROM log_identity ORDER BY generation DESC LIMIT 1',
  })
  const newest = rows[0]
  if (!newest) throw new LedgerUnusable('the log has no identity: the ledger was not migrated as a whole')
  return { logId: newest.log_id, generation: newest.generation }
}

/**
 * Gives the log a new identity, after a restore from a backup. Later events of the log can have positions at which followers have seen
 * other content; the new Log-Id tells them. Only for the owner. `reason` is kept permanently, for auditors, together with the last signed
 * state, according to the database, of the log that ends here (`log_forks`). Checkpoints of the new log have a different origin, so nothing
 * that contradicts the old ones is signed under theirs. `first_position` is where the fork is at the earliest: after the last event that this
 * database knows to have been signed. What follows may have been recorded before the restore was noticed, in place of what was lost.
 */
export async function acceptRestore(client: Queryable, reason: string): Promise<LogIdentity> {
  const { rows } = await client
    .query<{ log_id: string; generation: number }>({ ...acceptQuery, values: [reason] })
    .catch((cause: unknown) => {
      const isBeaten = (cause as { constraint?: string }).constraint === 'log_identity_generation'
      throw isBeaten ? new LedgerUnusable(beaten, { cause }) : cause
    })
  const added = rows[0]
  if (!added) throw new Error('the log has no identity to follow: the ledger was not migrated as a whole')
  return { logId: added.log_id, generation: added.generation }
}

const beaten =
  'somebody else has accepted a restore of this ledger at the same moment; that one holds (`/v1/log/forks`), and this one did nothing'

const acceptQuery = {
  name: 'accept_restore',
  text: `WITH old AS (
             SELECT log_id, generation FROM log_identity ORDER BY generation DESC LIMIT 1
           ), added AS (
             INSERT INTO log_identity (generation, first_position, reason)
             SELECT old.generation + 1,
                    coalesce((SELECT max(c.size) FROM log_checkpoints c WHERE c.log_id = old.log_id AND c.size <= head.position), head.position) + 1, $1
               FROM old, (SELECT coalesce(max(position), 0) AS position FROM events) head
             RETURNING log_id, generation
           ), forked AS (
             INSERT INTO log_forks (old_log_id, new_log_id, note, source, reason)
             SELECT old.log_id, added.log_id,
                    (SELECT note FROM log_checkpoints c WHERE c.log_id = old.log_id ORDER BY size DESC LIMIT 1), 'database', $1
               FROM old, added
           )
           SELECT log_id, generation FROM added`,
}

/** A name under which the log was signed. */
interface Moved {
  readonly origin: string
}

/**
 * Lets the log be signed here under the origins under which it was signed elsewhere: its database moved as a whole (an upgrade, another
 * server), or its public address changed. Only for the owner. `reason` is kept permanently. The next service that signs adds its public
 * address. Empty if the log was never signed.
 */
export async function acceptMove(client: Queryable, reason: string): Promise<Moved[]> {
  const { rows } = await client.query<Moved>({
    name: 'accept_move',
    text: `INSERT INTO log_deployments (log_id, origin, system, database, schema, reason)
      SELECT d.log_id, d.origin, h.system, h.database, h.schema, $1
        FROM (SELECT DISTINCT log_id, origin FROM log_deployments
               WHERE log_id = (SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1)) d, this_deployment() h
      RETURNING origin`,
    values: [reason],
  })
  return rows
}
