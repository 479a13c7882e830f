import { LedgerUnusable, type Queryable } from '@commitments/event-store'
import { eventIds } from '../projections/generations.ts'
import type { Changed, Standing } from '../projections/view.ts'
import { label, linkTargets } from './row.ts'

/** From this many events on it is cheaper to forget all answers than to name the changed proposals. */
const manyChanges = 5000

const standingQuery = {
  name: 'read-standing',
  text: `SELECT g.generation, g.position, i.log_id AS "logId", c.changed, ${eventIds}
    FROM projection_generations g
    CROSS JOIN LATERAL (SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1) i
    CROSS JOIN LATERAL (SELECT json_agg(t) AS changed FROM (
      SELECT s.proposal_id AS id, (SELECT array_agg(l) FROM unnest(s.labels) l WHERE l LIKE 'link:%' OR l = '${label.renames}') AS links
        FROM proposal_status s WHERE s.generation = g.generation AND g.position - $1 < ${manyChanges}
         AND s.proposal_id IN (SELECT e.proposal_id FROM events e WHERE e.position > $1 AND e.position <= g.position)
    ) t) c
    WHERE g.projection = 'proposal-status' AND g.state = 'live'`,
}

/**
 * Where the live generation of the statuses stands, and which of its proposals changed after `since`, with those that they are linked
 * to: one statement, so one snapshot. The log leads to them: the statuses have no index on the position (decision 44), and that of a parked
 * proposal stays when its texts are erased.
 */
export async function readStanding(client: Queryable, since: number): Promise<Standing> {
  const { rows } = await client.query<Omit<Standing, 'changed'> & { changed: ChangedRow[] | null }>({
    ...standingQuery,
    values: [since],
  })
  const [row] = rows
  if (row === undefined) throw new LedgerUnusable('No generation of proposal-status is live.')
  return { ...row, changed: row.position - since < manyChanges ? changedOf(row.changed ?? []) : 'many' }
}

interface ChangedRow {
  readonly id: string
  readonly links: string[] | null
}

function changedOf(rows: readonly ChangedRow[]): Changed {
  if (rows.some(({ links }) => links?.includes(label.renames))) return 'many'
  return rows.flatMap(({ id, links }) => [id, ...linkTargets(links ?? [])])
}
