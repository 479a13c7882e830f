/** What the read models do when texts are erased, beside applying the event `erased` itself. */
import { erasuresSoFar, type Queryable } from '@commitments/event-store'
import { isErasure, type LogLine } from '../streams/log-line.ts'
import type { Projector } from './projection.ts'

/**
 * Drops all other generations of the read model before an erasure is applied to the live one: those that were kept for going back, or wait
 * for somebody to accept them, hold the texts, and nothing is applied to them. A rebuild that is going on has to be started again.
 *
 * @throws if a generation is in use; the step is then tried again
 */
export async function dropOthersOnErasure(
  { pool, generation, state }: Pick<Projector, 'pool' | 'generation' | 'state'>,
  entries: readonly LogLine[],
): Promise<void> {
  if (state !== 'live' || !entries.some(isErasure)) return
  const { rows } = await pool.query<{ other: number }>({
    text: `SELECT o.generation AS other FROM projection_generations o JOIN projection_generations g USING (projection)
            WHERE g.generation = $1 AND o.generation <> $1 AND o.state <> 'live'`,
    values: [generation],
  })
  for (const { other } of rows) await pool.query({ text: 'SELECT drop_generation($1)', values: [other] })
}

/** How many erasures there were: part of the tags of answers that show lines, and of what is remembered of them. */
export async function countErasures(client: Queryable): Promise<number> {
  const { rows } = await client.query<{ erasures: number }>({
    name: 'count-erasures',
    text: `SELECT ${erasuresSoFar} AS erasures`,
  })
  return rows[0]?.erasures ?? 0
}
