import type { Pool } from 'pg'

/** One rebuild at a time, in whatever process: an advisory lock of the session, which ends with the process. */
const lockQuery = "SELECT pg_try_advisory_lock(hashtextextended(current_schema() || '.rebuild', 0)) AS taken"

/** Does the work while holding the lock; `busy` where another holds it. */
export async function holdingRebuildLock<T>(pool: Pool, work: () => Promise<T>): Promise<T | { outcome: 'busy' }> {
  const client = await pool.connect()
  try {
    const { rows } = await client.query(lockQuery)
    return rows[0].taken ? await work() : { outcome: 'busy' }
  } finally {
    // Ends the session, and the lock with it.
    client.release(true)
  }
}
