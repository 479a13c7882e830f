/** The stream of one proposal as it was known, read from the log itself, which has every moment. */

import { LedgerUnusable, type Queryable } from '@commitments/event-store'
import { type LogLine, setAside } from './log-line.ts'

/** Which part of a stream: all of it, or what was known at a position or an instant, whichever is earlier. */
interface Known {
  readonly position: number | null
  /** RFC 3339, in the form of `recordedAt`. */
  readonly instant: string | null
}

/** A stream as it was known, and the log that it was read from, both from one statement and so from one snapshot. */
export interface KnownStream {
  readonly logId: string
  /** The end of the log. */
  readonly position: number
  /** `recordedAt` of the last event of the log; null while there is none. */
  readonly recordedAt: string | null
  /** The time of the clock that gives `recordedAt`, in the same form. */
  readonly now: string
  readonly entries: readonly LogLine[]
}

const instantFormat = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`

const streamQuery = {
  name: 'read-known-stream',
  text: `SELECT i.log_id AS "logId", coalesce(h.position, 0) AS head,
      to_char(h.recorded_at AT TIME ZONE 'UTC', ${instantFormat}) AS "recordedAt",
      to_char(clock_timestamp() AT TIME ZONE 'UTC', ${instantFormat}) AS now, e.position, e.version,
      CASE WHEN e.position = a.position THEN '${setAside}' ELSE e.line END AS line
    FROM (SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1) i
    LEFT JOIN (SELECT position, recorded_at FROM events ORDER BY position DESC LIMIT 1) h ON true
    CROSS JOIN (SELECT min(position) AS position FROM set_aside WHERE proposal_id = $1) a
    LEFT JOIN events e ON e.proposal_id = $1 AND (a.position IS NULL OR e.position <= a.position) AND ($2::bigint IS NULL OR e.position <= $2)
      AND ($3::timestamptz IS NULL OR e.recorded_at <= $3)
    ORDER BY e.version`,
}

/** Without a line if the proposal has none so far. */
interface KnownStreamRow extends Pick<KnownStream, 'logId' | 'recordedAt' | 'now'> {
  readonly head: number
  readonly position: number
  readonly version: number
  readonly line: string | null
}

/** Reads this part of the stream once. */
export async function readKnownStream(client: Queryable, proposalId: string, known: Known): Promise<KnownStream> {
  const { rows } = await client.query<KnownStreamRow>({
    ...streamQuery,
    values: [proposalId, known.position, known.instant],
  })
  const [first] = rows
  if (first === undefined) throw new LedgerUnusable('the log has no identity: the ledger was not migrated as a whole')
  const { logId, head, recordedAt, now } = first
  const entries = rows.flatMap(({ position, version, line }): LogLine[] =>
    line === null ? [] : [{ position, proposalId, version, line }],
  )
  return { logId, position: head, recordedAt, now, entries }
}
