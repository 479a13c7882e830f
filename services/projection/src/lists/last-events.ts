/**
 * The statuses in the order of their last events. The log has that order. An index on the position of a status would move with every event,
 * and all other indexes of the row with it (decision 44).
 */
import { type RawBuilder, sql } from 'kysely'
import type { Snapshot } from '../projections/snapshot.ts'

/** Positions of the log, in their order or the reverse one. */
export interface PartOfLog {
  readonly after: number
  readonly upTo: number
  readonly reversed: boolean
}

/**
 * Events that a walk looks at. Few of them are the last ones of their proposals where all proposals go on for long, and few of these may match:
 * then all that match are sorted instead.
 */
const walkAtMost = 20_000

/**
 * What is found along the log, or null if there may be more than that.
 *
 * @param read at most `limit` rows in the order of `c.at`, the positions of their last events
 * @param along a table with the statuses `p` of the part
 */
export async function walkLog<Row>(
  { db, generation }: Snapshot,
  part: PartOfLog,
  limit: number,
  read: (along: RawBuilder<unknown>) => Promise<Row[]>,
): Promise<Row[] | null> {
  // Workers would look at all events of the part, and not only at the first ones.
  await sql`SET LOCAL max_parallel_workers_per_gather TO 0`.execute(db)
  const rows = await read(statusesAlong(generation, part))
  await sql`SET LOCAL max_parallel_workers_per_gather TO DEFAULT`.execute(db)
  // Positions have no gaps.
  return rows.length >= limit || part.upTo - part.after <= walkAtMost ? rows : null
}

/** OFFSET 0 keeps the planner from joining in another order than that of the log. */
function statusesAlong(generation: number, { after, upTo, reversed }: PartOfLog): RawBuilder<unknown> {
  return sql`(SELECT e.position AS at, e.proposal_id AS id FROM events e
      WHERE e.position > ${after}::bigint AND e.position <= ${upTo}::bigint
      ORDER BY e.position ${sql.raw(reversed ? 'DESC' : 'ASC')} LIMIT ${sql.lit(walkAtMost)}) c
    JOIN LATERAL (SELECT * FROM proposal_status s
      WHERE s.generation = ${sql.lit(generation)} AND s.proposal_id = c.id AND s.position = c.at OFFSET 0) p ON true`
}

/** The condition that the status `p` changed after the position. */
export function changedAfter(position: number, { position: seen }: Snapshot): RawBuilder<unknown> {
  return sql`p.position > ${position}::bigint AND p.proposal_id IN (SELECT e.proposal_id FROM events e
    WHERE e.position > ${position}::bigint AND e.position <= ${seen}::bigint)`
}
