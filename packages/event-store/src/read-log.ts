import { LedgerUnusable } from './ledger.ts'
import type { Queryable } from './queryable.ts'

/** One row of the log for a follower. */
interface LogRow {
  position: number
  proposalId: string
  version: number
  /** The event's bytes, without LF. */
  line: string
}

/** The most bytes of lines in one read, unless its first line alone is longer. Reads of usual lines stay below it. */
export const readBytes = 2 * 1024 * 1024

/**
 * At most `limit` events after position `after`, in order, and at most {@link readBytes} of them, but at least one. Positions are given
 * under a lock that is held until commit. So an answer has no gaps, and nothing can appear later at or below a position that was seen once.
 * `position > checkpoint` is all that a follower needs.
 */
export async function readLog(
  client: Queryable,
  { after, limit }: { after: number; limit: number },
): Promise<LogRow[]> {
  const { rows } = await client.query<LogRow>({
    name: 'read_log',
    text: `SELECT position, "proposalId", version, line FROM (
             SELECT position, proposal_id AS "proposalId", version, line,
                    sum(octet_length(line)) OVER (ORDER BY position ROWS UNBOUNDED PRECEDING) - octet_length(line) AS before
               FROM events WHERE position > $1 ORDER BY position LIMIT $2) e
            WHERE before < $3 ORDER BY position`,
    values: [after, limit, readBytes],
  })
  return rows
}

/** The end of the log, and the identity of the log. */
interface Head {
  /** The current identity, as in `LogIdentity`, from the same snapshot as the position. */
  logId: string
  /** 0 while the log is empty. */
  position: number
  /** As in the line, in UTC with microseconds; null while the log is empty. */
  recordedAt: string | null
}

export async function readHead(client: Queryable): Promise<Head> {
  const { rows } = await client.query<{ log_id: string; position: number; recorded_at: string | null }>({
    name: 'read_head',
    text: `SELECT i.log_id, coalesce(e.position, 0) AS position,
                  to_char(e.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS recorded_at
             FROM (SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1) i
             LEFT JOIN (SELECT position, recorded_at FROM events ORDER BY position DESC LIMIT 1) e ON true`,
  })
  const head = rows[0]
  if (head === undefined) throw new LedgerUnusable('the log has no identity: the ledger was not migrated as a whole')
  return { logId: head.log_id, position: head.position, recordedAt: head.recorded_at }
}

/**
 * Seconds by which the head of the log is ahead of the database's clock (negative: behind, as it should be; 0 for an empty log). recordedAt
 * never falls, so a clock that was set back shows as a head in the future; above 5 s the check `clock` fails.
 */
export async function clockSkew(client: Queryable): Promise<number> {
  const { rows } = await client.query<{ skew: number }>({
    name: 'clock_skew',
    text: `SELECT extract(epoch FROM recorded_at - clock_timestamp())::float8 AS skew
             FROM events ORDER BY position DESC LIMIT 1`,
  })
  return rows[0]?.skew ?? 0
}
