/** Divides the log into ranges of ids, to be folded side by side. */
import type { Pool } from 'pg'
import type { IdRange } from '../../streams/streams-in-order.ts'

/**
 * Approximate events of one range. It is small compared with the whole, so that a thread that is done with one takes the next, and all end
 * together.
 */
const usualEvents = 10_000

/** Events that are read to find the borders of one range. */
const samplesOfRange = 10

/**
 * Ranges that contain every id exactly once, with about equal numbers of events up to position `upTo`. Chance decides how equal they are:
 * positions have no gaps, so events at even distances are found by their key, and their ids show where the events lie. This needs neither a
 * sort of the log nor statistics.
 */
export async function cutIds(pool: Pool, upTo: number, eventsOfRange = usualEvents): Promise<IdRange[]> {
  const distance = Math.max(1, Math.floor(eventsOfRange / samplesOfRange))
  const { rows } = await pool.query<{ id: string }>(
    `SELECT events.proposal_id AS id FROM generate_series(1, $1::bigint, $2) AS wanted (position)
       JOIN events USING (position) ORDER BY events.proposal_id`,
    [upTo, distance],
  )
  return rangesBetween(rows.filter((_, index) => index > 0 && index % samplesOfRange === 0).map(({ id }) => id))
}

/** From the beginning to the first border, on to the next, and from the last one to the end. */
export function rangesBetween(edges: readonly string[]): IdRange[] {
  const distinct = [...new Set(edges)]
  return ['', ...distinct].map((from, index) => ({ from, before: distinct[index] ?? null }))
}
