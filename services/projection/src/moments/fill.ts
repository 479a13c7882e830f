/** Moments of a generation that is being built: its tables are not attached yet, and have no indexes. */
import type { Queryable } from '../read-model/generations.ts'
import type { MomentChanges } from './rectangles.ts'
import { facetsColumns, facetsDefinition, momentColumns, momentDefinition } from './write.ts'

/** Collects rectangles and writes them when there are many: whoever adds to it waits then. */
export interface MomentFilling {
  readonly client: Queryable
  readonly generation: number
  collected: MomentChanges[]
  rows: number
}

/** Rows of one statement, about. */
const rowsAtOnce = 2_000

export function createFilling(client: Queryable, generation: number): MomentFilling {
  return { client, generation, collected: [], rows: 0 }
}

/** All rectangles of one proposal, whose events were not seen before. */
export async function fillMoments(filling: MomentFilling, moments: MomentChanges): Promise<void> {
  filling.collected.push(moments)
  filling.rows += moments.opened.length
  if (filling.rows >= rowsAtOnce) await flushMoments(filling)
}

/** Writes what is left. */
export async function flushMoments(filling: MomentFilling): Promise<void> {
  const { client, generation, collected } = filling
  filling.collected = []
  filling.rows = 0
  const opened = JSON.stringify(collected.flatMap((moments) => moments.opened))
  const facets = JSON.stringify(collected.flatMap((moments) => moments.facets))
  await client.query(insertInto(`proposal_moments_${generation}`, momentColumns, momentDefinition), [
    generation,
    opened,
  ])
  await client.query(insertInto(`moment_facets_${generation}`, facetsColumns, facetsDefinition), [generation, facets])
}

function insertInto(table: string, columns: readonly string[], definition: string): string {
  return `INSERT INTO ${table} (generation, ${columns.join(', ')})
    SELECT $1, t.* FROM json_to_recordset($2::json) AS t(${definition})`
}
