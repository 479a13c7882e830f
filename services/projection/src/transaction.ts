import type { Pool, PoolClient } from 'pg'

/** Begins a read-only transaction that sees what was committed when it began. */
export const beginSnapshot = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'

interface TransactionOptions<T> {
  readonly begin?: string
  /** Whether to commit, depending on the result; by default yes. */
  readonly lasts?: (result: T) => boolean
}

/** Does the work in one transaction, on its own connection. */
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

/** Lets several connections work at the same time with the same snapshot: what was committed when the first of them began. */
export async function inOneSnapshot(
  pool: Pool,
  count: number,
  work: (client: PoolClient) => Promise<void>,
): Promise<void> {
  const clients: PoolClient[] = []
  let broken = true
  try {
    let snapshot: string | undefined
    for (let begun = 0; begun < count; begun++) {
      const client = await pool.connect()
      clients.push(client)
      await client.query(beginSnapshot)
      if (snapshot === undefined)
        snapshot = (await client.query<{ snapshot: string }>('SELECT pg_export_snapshot() AS snapshot')).rows[0]
          ?.snapshot
      else await client.query(`SET TRANSACTION SNAPSHOT '${snapshot}'`)
    }
    await allEnded(clients.map(work))
    for (const client of clients) await client.query('COMMIT')
    broken = false
  } finally {
    for (const client of clients) client.release(broken)
  }
}

/** Resolves when all parts have done their work. If some fail, the first fault is thrown only after all have ended. */
export async function allEnded(parts: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(parts)
  await Promise.all(parts)
}
