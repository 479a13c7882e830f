import { LedgerUnusable, type Queryable } from '@commitments/event-store'

export interface RangeLine {
  readonly position: number
  readonly proposalId: string
  readonly line: string
}

/** Some lines after a position, the log that they belong to, and the end of that log: all from one snapshot. */
export interface Range {
  readonly logId: string
  readonly head: number
  /** The id of the event at the head; null while the log is empty. */
  readonly headId: string | null
  /** The id of the event at the position itself; null if there is none. */
  readonly at: string | null
  readonly lines: readonly RangeLine[]
}

/** The limits of one range: a reader that takes nothing holds this much in memory, unless a single line is longer. */
const most = { lines: 200, bytes: 48 * 1024 }

const rangeQuery = {
  name: 'read-live-range',
  text: `SELECT i.log_id AS "logId", coalesce(h.position, 0) AS head, h.event_id AS "headId",
      (SELECT event_id FROM events WHERE position = $1) AS at, e.position, e."proposalId", e.line
    FROM (SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1) i
    LEFT JOIN (SELECT position, event_id FROM events ORDER BY position DESC LIMIT 1) h ON true
    LEFT JOIN (SELECT position, "proposalId", line FROM (
        SELECT position, proposal_id AS "proposalId", line,
          sum(octet_length(line)) OVER (ORDER BY position ROWS UNBOUNDED PRECEDING) - octet_length(line) AS before
          FROM events WHERE position > $1 ORDER BY position LIMIT ${most.lines}) p
       WHERE before < ${most.bytes}) e ON true
    ORDER BY e.position`,
}

/** Without a line if the log has none after the position. */
interface RangeRow extends Pick<Range, 'logId' | 'head' | 'headId' | 'at'> {
  readonly position: number
  readonly proposalId: string
  readonly line: RangeLine['line'] | null
}

/** The next lines after the position: as many as one write to a reader takes. */
export async function readRange(client: Queryable, after: number): Promise<Range> {
  const { rows } = await client.query<RangeRow>({ ...rangeQuery, values: [after] })
  const [first] = rows
  if (first === undefined) throw new LedgerUnusable('the log has no identity: the ledger was not migrated as a whole')
  const lines = rows.flatMap(({ position, proposalId, line }) =>
    line === null ? [] : [{ position, proposalId, line }],
  )
  const { logId, head, headId, at } = first
  return { logId, head, headId, at, lines }
}
