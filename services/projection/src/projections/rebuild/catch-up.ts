import { type Queryable } from '@commitments/event-store'
import type { Pool } from 'pg'
import { readGeneration } from '../generations.ts'
import type { Projection, Projector } from '../projection.ts'

/** What a projector of a generation that is not live needs. */
export interface CatchUpOptions {
  readonly pool: Pool
  readonly projection: Projection
  readonly timeZone: string
}

const batchSize = 1_000
const memoryBytes = 16 * 1024 * 1024

/**
 * Brings a generation up to `upTo` by the projector's own batches, and returns where it then stands: further, where it
 * was further before.
 */
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
    // Somebody else moved it: nobody does so with one that is under way, but the live one has a projector of its own.
    if (state === 'building') throw new Error(`Somebody else writes to generation ${generation}.`)
  }
}

/** False where somebody else moved the generation. */
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
