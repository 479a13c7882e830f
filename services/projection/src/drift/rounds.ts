/**
 * Rounds over all proposals, in the order of their ids. Each projection has one round, which all instances share. So every proposal is
 * checked in bounded time, however many instances there are and however often they restart.
 */

import type { Queryable } from '@commitments/event-store'
import { type ProjectionName } from '../projection-names.ts'

export interface Round {
  readonly projection: ProjectionName
  /** The live generation, and the fingerprint of the rules that folded it. */
  readonly live: number
  readonly rules: string
  /** The generation that the other members are about. */
  readonly generation: number
  /** The last id that was checked. */
  readonly after: string
  /**
   * The end of the log when the round began. Later proposals are left to the next round; otherwise a round could never end while they come
   * quickly. Null if no round is running.
   */
  readonly upTo: number | null
  readonly checked: number
  /** The number of proposals when it began, for the share. */
  readonly total: number
  /** Whether the whole generation has been checked once. */
  readonly isWhole: boolean
  /** Whether an admin waits for it. */
  readonly isAsked: boolean
  /** When the last round ended, of any generation. */
  readonly completedAt: Date | null
}

export async function readRounds(client: Queryable): Promise<Round[]> {
  const { rows } = await client.query<Round>({
    name: 'read-drift-rounds',
    text: `SELECT projection, g.generation AS live, g.rules, r.generation, r.after, r.up_to AS "upTo", r.checked, r.total,
        r.is_whole AS "isWhole", r.is_asked AS "isAsked", r.completed_at AS "completedAt"
      FROM drift_rounds r JOIN projection_generations g USING (projection) WHERE g.state = 'live'`,
  })
  return rows
}

export function isUnderWay({ upTo, generation, live }: Round): boolean {
  return upTo !== null && generation === live
}

/** Begins a round of the live generation; null if another instance was first. */
export async function beginRound(client: Queryable, round: Round): Promise<Round | null> {
  const { rows } = await client.query<Pick<Round, 'upTo' | 'total'>>({
    name: 'begin-drift-round',
    text: `UPDATE drift_rounds SET generation = $2, after = '', checked = 0, is_whole = is_whole AND generation = $2,
        up_to = (SELECT coalesce(max(position), 0) FROM events),
        total = (SELECT count(*) FROM proposal_status s JOIN projection_generations g USING (generation)
                  WHERE g.projection = 'proposal-status' AND g.state = 'live')
      WHERE projection = $1 AND generation = $3 AND up_to IS NOT DISTINCT FROM $4::bigint RETURNING up_to AS "upTo", total`,
    values: [round.projection, round.live, round.generation, round.upTo],
  })
  const [begun] = rows
  return begun === undefined ? null : { ...round, ...begun, generation: round.live, after: '', checked: 0 }
}

/**
 * Records that these proposals, the next ones in order, were checked. Fewer than `limit` means that there are no more, and ends the round.
 * Nothing happens if another instance has moved the round meanwhile, or if it was restarted.
 */
export async function advanceRound(client: Queryable, round: Round, looked: readonly string[], limit: number) {
  const { projection, generation, upTo, after } = round
  const isOver = looked.length < limit
  await client.query({
    name: 'advance-drift-round',
    text: `UPDATE drift_rounds SET checked = checked + $5,
        after = CASE WHEN $6 THEN '' ELSE $7 END, up_to = CASE WHEN $6 THEN NULL ELSE up_to END,
        is_whole = is_whole OR $6, is_asked = is_asked AND NOT $6,
        completed_at = CASE WHEN $6 THEN clock_timestamp() ELSE completed_at END
      WHERE projection = $1 AND generation = $2 AND up_to = $3 AND after = $4`,
    values: [projection, generation, upTo, after, looked.length, isOver, looked.at(-1) ?? after],
  })
}

/** The next round starts at once, and runs as fast as reads allow. False if a requested round is already running. */
export async function askForRound(client: Queryable, projection: ProjectionName): Promise<boolean> {
  const { rows } = await client.query({
    name: 'ask-for-drift-round',
    text: 'UPDATE drift_rounds SET is_asked = true, up_to = NULL WHERE projection = $1 AND NOT is_asked RETURNING 1 AS asked',
    values: [projection],
  })
  return rows.length > 0
}

/**
 * The share of all proposals that were checked since the live generation was first seen; at most 1, because proposals are created
 * meanwhile.
 */
export function shareOf({ isWhole, generation, live, checked, total }: Round): number {
  if (generation !== live) return 0
  if (isWhole || total === 0) return 1
  return Math.min(1, checked / total)
}
