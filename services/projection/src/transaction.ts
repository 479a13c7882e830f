import type { Pool, PoolClient } from 'pg'

/** Begins a transaction that sees what was committed when it began, and changes nothing. */
export const beginSnapshot = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'

export interface TransactionOptions<T> {
  readonly begin?: string
  /** Whether what the work did is to last, by what came of it; it does where nothing is said. */
  readonly lasts?: (result: T) => boolean
}

/** Does the work in one transaction, on a connection of its own. */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  { begin = 'BEGIN', lasts = () => true }: TransactionOptions<T> = {},
): Promise<T> {
  const client = await pool.connect()
  let broken = true
  try {
    await client.query(begin)
    const result = await work(client)
    await client.query(lasts(result) ? 'COMMIT' : 'ROLLBACK')
    broken = false
    return result
  } finally {
    client.release(broken)
  }
}
