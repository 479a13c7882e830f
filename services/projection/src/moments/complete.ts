/** What the tables of moments can answer for. */
import { sql } from 'kysely'
import type { Snapshot } from '../read-model/snapshot.ts'
import { type At, rectangleAt } from './at.ts'

/**
 * Whether the moments go back to the beginning of the log. Those of a generation that applied events before there were such
 * tables (migration 0005) do not: they begin with the first event applied after that. So it is enough to look at the
 * proposal that came first: where the moments are complete, it is known from its first event on.
 */
export async function areMomentsComplete({ db, generation, position }: Snapshot): Promise<boolean> {
  const { rows } = await sql<{ known: boolean }>`
    SELECT EXISTS (SELECT FROM proposal_moments m WHERE m.generation = ${sql.lit(generation)}
        AND m.proposal_id = e.proposal_id AND m.known_from = e.position) AS known
      FROM events e JOIN proposal_status s ON s.generation = ${sql.lit(generation)} AND s.proposal_id = e.proposal_id
     WHERE e.version = 1 AND e.position <= ${position}::bigint AND s.state IS NOT NULL
     ORDER BY e.position LIMIT 1`.execute(db)
  return rows[0]?.known ?? true
}

/** Whether anything at all was known, and in force, at the moment. */
export async function isAnythingAt({ db, generation }: Snapshot, at: At): Promise<boolean> {
  if (at.known === 0) return false
  const { rows } = await sql<{ found: boolean }>`SELECT EXISTS (
    SELECT FROM proposal_moments m WHERE m.generation = ${sql.lit(generation)} AND ${rectangleAt(at)}) AS found`.execute(
    db,
  )
  return rows[0]?.found ?? false
}
