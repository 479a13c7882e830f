import { type Queryable } from '@commitments/event-store'
import type { Pool } from 'pg'
import { readGeneration } from '../generations.ts'
import type { Projection, Projector } from '../projection.ts'

/** The options for a projector of a generation that is not live. */
export interface CatchUpOptions {
  readonly pool: Pool
  readonly projection: Projection
  readonly timeZone: string
}

const batchSize = 1_000
const memoryBytes = 16 * 1024 * 1024

/** Brings a generation up to `upTo` with the projector's own batches, and returns its position, which is higher if it was higher before. */
export async function catchUp(
  { projection, timeZone, pool }: CatchUpOptions,
  generation: number,
  upTo: number,
  client: Queryable = pool,
): Promise<number> {
  for (;;) {
    const { position, state } = await standing(client, generation)
    const memory = projection.createMemory(memoryBytes)
    const projector: Projector = { pool: client, generation, state, timeZone, position, memory, batchSize }
    if (await advance(projection, projector, upTo)) return projector.position
    // Somebody else moved it. Nobody does that with a generation that is being built, but the live one has its own projector.
    if (state === 'building') throw new Error(`Somebody else writes to generation ${generation}.`)
  }
}

/** False if somebody else moved the generation. */
async function advance(projection: Projection, projector: Projector, upTo: number): Promise<boolean> {
  for (;;) {
    const { outcome } = await projection.step(projector, upTo)
    if (outcome !== 'applied') return outcome === 'idle'
  }
}

async function standing(client: Queryable, generation: number) {
  const found = await readGeneration(client, generation)
  if (found === null || found.state === 'retired') throw new Error(`Generation ${generation} is not there any more.`)
  return { position: found.position, state: found.state }
}
