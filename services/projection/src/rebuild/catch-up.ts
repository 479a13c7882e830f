import type { Pool } from 'pg'
import { createStates } from '../projector/states.ts'
import { type Projector, step } from '../projector/step.ts'
import { type Queryable, readGeneration } from '../read-model/generations.ts'

/** What a projector of a generation that is not live needs. */
export interface CatchUpOptions {
  readonly pool: Pool
  readonly timeZone: string
}

const batchSize = 1_000
const stateBytes = 16 * 1024 * 1024

/** Brings a generation under way up to `upTo`, or to the end of the log, by the projector's own batches. */
export async function catchUp(
  { pool, timeZone }: CatchUpOptions,
  generation: number,
  { client = pool, upTo = Number.MAX_SAFE_INTEGER }: { client?: Queryable; upTo?: number } = {},
): Promise<number> {
  const found = await readGeneration(client, generation)
  if (found === null) throw new Error(`Generation ${generation} is not there any more.`)
  const projector: Projector = {
    pool: client,
    generation,
    state: 'building',
    timeZone,
    position: found.position,
    states: createStates(stateBytes),
    batchSize,
  }
  for (;;) {
    const { outcome } = await step(projector, upTo)
    if (outcome === 'idle') return projector.position
    if (outcome === 'superseded') throw new Error(`Somebody else writes to generation ${generation}.`)
  }
}
