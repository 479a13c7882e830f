import type { Queryable } from './queryable.ts'

/** One row of the log as a follower takes it. */
export interface LogRow {
  position: number
  proposalId: string
  version: number
  /** The event's bytes, without LF. */
  line: string
}

/**
 * At most `limit` events after position `after`, in order. Positions are given under a lock that is held until commit: an answer has no
 * gaps, and nothing can appear later at or below a position that was seen once. So `position > checkpoint` is all a follower needs.
 */
export async function readLog(
  client: Queryable,
  { after, limit }: { after: number; limit: number },
): Promise<LogRow[]> {
  const { rows } = await client.query<LogRow>({
    name: 'read_log',
    text: `SELECT position, proposal_id AS "proposalId", version, line FROM events WHERE position > $1 ORDER BY position LIMIT $2`,
    values: [after, limit],
  })
  return rows
}

/** The end of the log. */
export interface Head {
  /** 0 while the log is empty. */
  position: number
  /** As the line has it, in UTC with microseconds; null while the log is empty. */
  recordedAt: string | null
}

export async function readHead(client: Queryable): Promise<Head> {
  const { rows } = await client.query<{ position: number; recorded_at: string }>({
    name: 'read_head',
    text: `SELECT position, to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS recorded_at
             FROM events ORDER BY position DESC LIMIT 1`,
  })
  const head = rows[0]
  return head ? { position: head.position, recordedAt: head.recorded_at } : { position: 0, recordedAt: null }
}

/**
 * Seconds by which the head of the log is ahead of the database's clock (negative: behind, as it should be; 0 for an empty log).
 * recordedAt never falls, so a clock that was set back shows as a head in the future; beyond 5 s a service is not ready.
 */
export async function clockSkew(client: Queryable): Promise<number> {
  const { rows } = await client.query<{ skew: number }>({
    name: 'clock_skew',
    text: `SELECT extract(epoch FROM recorded_at - clock_timestamp())::float8 AS skew
             FROM events ORDER BY position DESC LIMIT 1`,
  })
  return rows[0]?.skew ?? 0
}
