import type { Pool } from 'pg'

/** One rebuild at a time, in whatever process: an advisory lock of the session, which ends with the process. */
const lock = "hashtextextended(current_schema() || '.rebuild', 0)"

/** Does the work while holding the lock; `busy` where another holds it. */
export async function holdingRebuildLock<T>(pool: Pool, work: () => Promise<T>): Promise<T | { outcome: 'busy' }> {
  const client = await pool.connect()
  let locked = true
  try {
    const { rows } = await client.query<{ taken: boolean }>(`SELECT pg_try_advisory_lock(${lock}) AS taken`)
    const result = rows[0]?.taken ? await work() : ({ outcome: 'busy' } as const)
    await client.query(`SELECT pg_advisory_unlock(${lock})`)
    locked = false
    return result
  } finally {
    // Where the lock may still be there, the session ends, and the lock with it.
    client.release(locked)
  }
}
