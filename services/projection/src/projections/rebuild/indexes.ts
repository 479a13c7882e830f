import type { Pool } from 'pg'
import { inTransaction } from '../../transaction.ts'
import { allEnded } from './all-ended.ts'

/** Connections that build side by side: what they do is the work of the database alone. */
const builders = 2

/** Builds the indexes of a filled generation, before it is attached: to attach it would build one after the other. */
export async function buildIndexes(pool: Pool, generation: number): Promise<void> {
  const { rows } = await pool.query<{ names: string[] }>('SELECT generation_indexes($1) AS names', [generation])
  const names = rows[0]?.names.values() ?? [].values()
  const parts = Array.from({ length: builders }, async () => {
    for (const name of names) await buildIndex(pool, generation, name)
  })
  await allEnded(parts)
}

function buildIndex(pool: Pool, generation: number, name: string): Promise<void> {
  return inTransaction(pool, async (client) => {
    await client.query("SET LOCAL maintenance_work_mem = '64MB'")
    await client.query('SELECT index_generation($1, $2)', [generation, name])
  })
}
