import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { LedgerUnusable } from './ledger.ts'
import { readMigrations } from './migrate.ts'
import { describeFault, sqlState } from './pg-errors.ts'
import type { Queryable } from './queryable.ts'
import { readMode } from './writable-check.ts'

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
 * so statements would fail at random. A database that cannot be reached is {@link LedgerUnusable}.
 */
export async function assertOwnSessions(pool: Pool): Promise<void> {
  const connected = async () => [await pool.connect(), await pool.connect()] as const
  const [one, other] = await connected().catch((cause: unknown) => {
    const sentence = describeFault(cause) ?? withoutRole(cause)
    throw sentence === null ? cause : new LedgerUnusable(`this service cannot start: ${sentence}`, { cause })
  })
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

/** Throws unless the server takes writes: on a standby, a service that has to write could only fail. */
export async function assertWritable(client: Queryable): Promise<void> {
  const { standby, readOnly } = await readMode(client)
  if (!standby && !readOnly) return
  const which = standby ? 'a standby, which only reads' : 'set to read only (default_transaction_read_only)'
  throw new LedgerUnusable(
    `the database is ${which}: connect this service to the primary, or start it with PROJECTION_MODE=read to serve from here`,
  )
}

/**
 * Throws {@link LedgerUnusable} unless the ledger has every migration that this code knows, and this user may read it. One that is further (a
 * newer release began to roll out) is accepted.
 */
export async function assertMigrated(client: Queryable): Promise<void> {
  const applied = await readApplied(client)
  const known = Object.keys(await readMigrations())
  const missing = known.filter((name) => !applied.has(name))
  if (missing.length === 0) return
  throw new LedgerUnusable(
    `the ledger is older than this code: run the migrations first (npm run migrate; missing: ${missing.join(', ')})`,
  )
}

async function readApplied(client: Queryable): Promise<Set<string>> {
  try {
    const { rows } = await client.query<{ name: string }>({ text: 'SELECT name FROM kysely_migration' })
    return new Set(rows.map((row) => row.name))
  } catch (error) {
    const why = await unusable(client, error)
    if (why === null) throw error
    throw new LedgerUnusable(why, { cause: error })
  }
}

/** 42P01 undefined table, 22023 the initial role does not exist, 42501 insufficient privilege. Postgres says 42P01 also for a closed schema. */
async function unusable(client: Queryable, error: unknown): Promise<string | null> {
  const state = sqlState(error)
  const role = withoutRole(error)
  if (role !== null) return role
  if (state === '42501') return noRights(await readSchema(client))
  if (state !== '42P01') return null
  const schema = await readSchema(client)
  if (!schema.exists)
    return `there is no such ledger in this database: run the migrations first (npm run migrate; no schema ${schema.name})`
  if (!schema.isOpen) return noRights(schema)
  return (
    `the schema ${schema.name} is in this database, but it is no ledger: it lacks the table kysely_migration. Restore the schema as a whole, ` +
    'or run the migrations (npm run migrate) if it is new'
  )
}

function withoutRole(error: unknown): string | null {
  const state = sqlState(error)
  const isOfRole = state === '22023' || (state === '42501' && /set role/.test((error as Error).message))
  return isOfRole
    ? `the role of this service cannot be assumed (${(error as Error).message}). ${assertingRights}`
    : null
}

const assertingRights =
  'Run npm run migrate with the address of the owner: it makes the roles of the ledger and their rights, also where a dump was restored without them'

function noRights({ name, user }: Schema): string {
  return (
    `the ledger ${name} is in this database, but the user ${user} may not read it. ${assertingRights}. A user of its own then needs ` +
    `the role of its service: GRANT ${name}_command TO ${user}, or GRANT ${name}_projection TO ${user}`
  )
}

interface Schema {
  /** The first of the search path: the ledger. */
  readonly name: string
  readonly user: string
  readonly exists: boolean
  /** Whether the user may look into it. */
  readonly isOpen: boolean
}

async function readSchema(client: Queryable): Promise<Schema> {
  const { rows } = await client.query<Schema>({
    text: `SELECT s.name, current_user AS "user", n.oid IS NOT NULL AS exists,
        coalesce(has_schema_privilege(n.oid, 'USAGE'), false) AS "isOpen"
      FROM (SELECT trim(both ' "' from split_part(current_setting('search_path'), ',', 1)) AS name) s
      LEFT JOIN pg_namespace n ON n.nspname = s.name`,
  })
  return rows[0] as Schema
}
