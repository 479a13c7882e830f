import type { PoolClient } from 'pg'
import { inTransaction } from '../../transaction.ts'
import { readLive } from '../generations.ts'
import { type CatchUpOptions, catchUp } from './catch-up.ts'
import { compareProposals } from './compare.ts'

export type Switched =
  | { outcome: 'switched'; generation: number; replaced: number }
  | { outcome: 'differs'; generation: number; differing: string[] }

/** `accepted`: switch in any case. Otherwise the proposals that still have to be compared at one position. */
type Terms = 'accepted' | { readonly later: readonly string[] }

/**
 * Makes a generation live in one transaction. The row of the live one is locked first: its projector waits there, and then finds that its
 * generation is no longer live and that it has written nothing. Meanwhile the new one is brought to exactly the position of the old one, so
 * that no reader ever sees the position fall.
 */
export function switchTo(options: CatchUpOptions, generation: number, terms: Terms): Promise<Switched> {
  return inTransaction(options.pool, (client) => switchIn(client, options, generation, terms), {
    lasts: ({ outcome }) => outcome === 'switched',
  })
}

async function switchIn(
  client: PoolClient,
  options: CatchUpOptions,
  generation: number,
  terms: Terms,
): Promise<Switched> {
  const live = await readLive(client, options.projection.name, 'FOR UPDATE')
  const position = await catchUp(options, generation, live.position, client)
  if (terms !== 'accepted' && live.position > 0) {
    if (position > live.position) throw new Error('The live generation began to move meanwhile: rebuild once more.')
    const { differing } = await compareProposals(client, options.projection, [live.generation, generation], terms.later)
    if (differing.length > 0) return { outcome: 'differs', generation, differing }
  }
  const query = 'UPDATE projection_generations SET state = $2, phase = $3 WHERE generation = $1'
  await client.query(query, [live.generation, 'retired', 'retired'])
  await client.query(query, [generation, 'live', 'following'])
  // A projector's batch turns it off for its transaction; a switch must be durable.
  await client.query('SET LOCAL synchronous_commit = on')
  return { outcome: 'switched', generation, replaced: live.generation }
}
