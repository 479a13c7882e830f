import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { readMigrations } from './migrate.ts'
import type { Queryable } from './queryable.ts'

/**
 * Throws unless a commit that was acknowledged survives a crash of the server. Check on the pool that appends: `synchronous_commit` can
 * differ from user to user. (`local` and `remote_write` pass: the commit is durable on this server; they differ only in waiting for
 * standbys.)
 */
export async function assertDurable(client: Queryable): Promise<void> {
  const { rows } = await client.query<{ name: string }>({
    text: `SELECT name FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit') AND setting = 'off' ORDER BY name`,
  })
  const off = rows.map((row) => row.name)
  if (off.length === 0) return
  throw new Error(
    `${off.join(' and ')} is off in this database: an acknowledged event could be lost with the server. ` +
      'Set it to on; this service does not start without.',
  )
}

/**
 * Throws if connections share sessions, as behind a pooler in transaction mode: prepared statements, LISTEN and settings belong to a session,
 * so statements would fail at random.
 */
export async function assertOwnSessions(pool: Pool): Promise<void> {
  const [one, other] = [await pool.connect(), await pool.connect()]
  const mark = randomUUID()
  try {
    await one.query(`SELECT set_config('commitments.session', $1, false)`, [mark])
    const { rows } = await other.query<{ mark: string }>(`SELECT current_setting('commitments.session', true) AS mark`)
    if (rows[0]?.mark !== mark) return
  } finally {
    one.release(true)
    other.release()
  }
  throw new Error(
    'connections to this database share sessions, as behind PgBouncer with pool_mode = transaction: use pool_mode = session, or connect directly',
  )
}

/** Throws unless the ledger has every migration that this code knows. One that is further (a newer release began to roll out) is accepted. */
export async function assertMigrated(client: Queryable): Promise<void> {
  const applied = await readApplied(client)
  const known = Object.keys(await readMigrations())
  const missing = known.filter((name) => !applied.has(name))
  if (missing.length === 0) return
  throw new Error(`the ledger is older than this code: run the migrations first (missing: ${missing.join(', ')})`)
}

async function readApplied(client: Queryable): Promise<Set<string>> {
  try {
    const { rows } = await client.query<{ name: string }>({ text: 'SELECT name FROM kysely_migration' })
    return new Set(rows.map((row) => row.name))
  } catch (error) {
    throw explained(error)
  }
}

/** 42P01 undefined table, 22023 the initial role does not exist, 42501 insufficient privilege. */
function explained(error: unknown): unknown {
  const { code } = error as { code?: string }
  if (code === '42P01' || code === '22023')
    return new Error('there is no such ledger in this database: run the migrations first', { cause: error })
  if (code === '42501')
    return new Error("this user may not read the ledger: grant it the ledger's role", { cause: error })
  return error
}
