/** The generations of the read models, and how an instance learns how far the live ones are. */
import type { Pool, PoolClient } from 'pg'
import { linkTargets } from '../status/row.ts'
import type { Changed, Standing } from '../status/status-cache.ts'
import type { ProjectionName } from './projection.ts'

export type Queryable = Pick<Pool | PoolClient, 'query'>

export interface Generation {
  readonly projection: ProjectionName
  readonly generation: number
  readonly state: 'building' | 'live' | 'retired'
  readonly position: number
  readonly rules: string
  readonly phase: string
  readonly done: number
  readonly target: number
  readonly differences: number | null
}

const columns = 'projection, generation, state, position, rules, phase, done, target, differences'

/** Of all projections, the newest first. */
export async function readGenerations(client: Queryable): Promise<Generation[]> {
  const { rows } = await client.query<Generation>(
    `SELECT ${columns} FROM projection_generations ORDER BY generation DESC`,
  )
  return rows
}

/** @throws where no generation is live, which no path of ours leaves behind. */
export async function readLive(
  client: Queryable,
  projection: ProjectionName,
  lock: '' | 'FOR UPDATE' = '',
): Promise<Generation> {
  const { rows } = await client.query<Generation>(
    `SELECT ${columns} FROM projection_generations WHERE projection = $1 AND state = 'live' ${lock}`,
    [projection],
  )
  const [live] = rows
  if (live === undefined) throw new Error(`No generation of ${projection} is live.`)
  return live
}

export async function readGeneration(client: Queryable, generation: number): Promise<Generation | null> {
  const { rows } = await client.query<Generation>(
    `SELECT ${columns} FROM projection_generations WHERE generation = $1`,
    [generation],
  )
  return rows[0] ?? null
}

/** Writes our fingerprint on live generations that have applied nothing so far. */
export async function adoptEmpty(client: Queryable, rules: string): Promise<void> {
  await client.query(
    "UPDATE projection_generations SET rules = $1 WHERE state = 'live' AND position = 0 AND rules <> $1",
    [rules],
  )
}

/** From this many changed proposals on it is cheaper to forget all answers than to name them. */
const manyChanges = 5000

const standingQuery = {
  name: 'read-standing',
  text: `SELECT g.generation, g.position, i.log_id AS "logId", c.changed
    FROM projection_generations g
    CROSS JOIN LATERAL (SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1) i
    CROSS JOIN LATERAL (SELECT json_agg(t) AS changed FROM (
      SELECT s.proposal_id AS id, (SELECT array_agg(l) FROM unnest(s.labels) l WHERE l LIKE 'link:%') AS links
        FROM proposal_status s WHERE s.generation = g.generation AND s.position > $1 LIMIT ${manyChanges}
    ) t) c
    WHERE g.projection = 'proposal-status' AND g.state = 'live'`,
}

/**
 * Where the live generation of the statuses stands, and which of its proposals changed after `since`, with those that they are linked
 * to: one statement, so one snapshot.
 */
export async function readStanding(client: Queryable, since: number): Promise<Standing & { changed: Changed }> {
  const { rows } = await client.query<Standing & { changed: ChangedRow[] | null }>({
    ...standingQuery,
    values: [since],
  })
  const [row] = rows
  if (row === undefined) throw new Error('No generation of proposal-status is live.')
  const { generation, position, logId, changed } = row
  return { generation, position, logId, changed: changedOf(changed ?? []) }
}

const momentsStandingQuery = {
  name: 'read-moments-standing',
  text: `SELECT g.generation, g.position, i.log_id AS "logId" FROM projection_generations g
    CROSS JOIN LATERAL (SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1) i
    WHERE g.projection = 'proposal-moments' AND g.state = 'live'`,
}

/** The same of the moments, of which no answers are kept: nobody needs to know what changed. */
export async function readMomentsStanding(client: Queryable): Promise<Standing & { changed: Changed }> {
  const { rows } = await client.query<Standing>(momentsStandingQuery)
  const [row] = rows
  if (row === undefined) throw new Error('No generation of proposal-moments is live.')
  return { ...row, changed: [] }
}

interface ChangedRow {
  readonly id: string
  readonly links: string[] | null
}

function changedOf(rows: readonly ChangedRow[]): Changed {
  if (rows.length >= manyChanges) return 'many'
  return rows.flatMap(({ id, links }) => [id, ...linkTargets(links ?? [])])
}
