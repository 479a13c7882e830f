/** The generations of the read models, and how an instance learns the position of the live ones. */

import { LedgerUnusable, type Queryable } from '@commitments/event-store'
import { type ProjectionName } from '../projection-names.ts'
import type { Standing } from './view.ts'

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

/** The generations of all projections, newest first. */
export async function readGenerations(client: Queryable): Promise<Generation[]> {
  const text = `SELECT ${columns} FROM projection_generations ORDER BY generation DESC`
  return (await client.query<Generation>({ text })).rows
}

/** @throws if no generation is live, which our code never leaves behind. */
export async function readLive(
  client: Queryable,
  projection: ProjectionName,
  lock: '' | 'FOR UPDATE' = '',
): Promise<Generation> {
  const { rows } = await client.query<Generation>({
    text: `SELECT ${columns} FROM projection_generations WHERE projection = $1 AND state = 'live' ${lock}`,
    values: [projection],
  })
  const [live] = rows
  if (live === undefined) throw new LedgerUnusable(`No generation of ${projection} is live.`)
  return live
}

export async function readGeneration(client: Queryable, generation: number): Promise<Generation | null> {
  const text = `SELECT ${columns} FROM projection_generations WHERE generation = $1`
  const { rows } = await client.query<Generation>({ text, values: [generation] })
  return rows[0] ?? null
}

/** Writes our fingerprint on live generations that have applied nothing so far. */
export async function adoptEmpty(client: Queryable, rules: string): Promise<void> {
  const text = "UPDATE projection_generations SET rules = $1 WHERE state = 'live' AND position = 0 AND rules <> $1"
  await client.query({ text, values: [rules] })
}

/** For a look at the live generation `g`: the id of the event where it stands, and of the one where it stood when $1 was seen. */
export const eventIds = `(SELECT e.event_id FROM events e WHERE e.position = g.position) AS "eventId",
      (SELECT e.event_id FROM events e WHERE e.position = $1) AS before`

const momentsStandingQuery = {
  name: 'read-moments-standing',
  text: `SELECT g.generation, g.position, i.log_id AS "logId", ${eventIds} FROM projection_generations g
    CROSS JOIN LATERAL (SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1) i
    WHERE g.projection = 'proposal-moments' AND g.state = 'live'`,
}

/** The position of the past's live generation. No answers are kept for it, so nobody needs to know what changed. */
export async function readMomentsStanding(client: Queryable, since: number): Promise<Standing> {
  const { rows } = await client.query<Omit<Standing, 'changed'>>({ ...momentsStandingQuery, values: [since] })
  const [row] = rows
  if (row === undefined) throw new LedgerUnusable('No generation of proposal-moments is live.')
  return { ...row, changed: [] }
}
