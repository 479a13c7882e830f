/** Positions that the log does not have any more. It gives no position without an event, so each of them was removed. */
import type { Queryable } from '@commitments/event-store'

/** Ranges that are named. */
const named = 3

const wholeQuery = {
  name: 'is-log-whole',
  text: 'SELECT count(*) = coalesce(max(position), 0) AS whole FROM events',
}

const gapsQuery = `SELECT before + 1 AS first, position - 1 AS last FROM (
    SELECT position, lag(position, 1, 0::bigint) OVER (ORDER BY position) AS before FROM events) p
  WHERE position > before + 1 ORDER BY position LIMIT ${named}`

/** The first ranges of missing positions, in words. The events of a proposal that was removed as a whole are found only here. */
export async function missingPositions(client: Queryable): Promise<string[]> {
  const { rows } = await client.query<{ whole: boolean }>(wholeQuery)
  if (rows[0]?.whole !== false) return []
  const gaps = await client.query<{ first: number; last: number }>({ text: gapsQuery })
  return gaps.rows.map(({ first, last }) =>
    first === last
      ? `the event at position ${first} is missing`
      : `the events from position ${first} to ${last} are missing`,
  )
}
