import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Migration } from 'kysely/migration'
import type pg from 'pg'
import { openPool } from './connect.ts'
import { checkLedgerName, LedgerUnusable, oldestPostgres } from './ledger.ts'
import { sqlState } from './pg-errors.ts'
import { type StoreLogger, silentLogger } from './queryable.ts'

/** The result of running the migrations. */
interface MigrationResult {
  /** Names of the migrations that this run applied, in order; empty if the ledger was up to date. */
  applied: string[]
  /** What this run did to roles and rights, as SQL; empty if all were in place. */
  granted: string[]
  /** The newest migration, and now the ledger's version. */
  version: string
}

/** The folder of the numbered .sql files. */
export const migrationsFolder = fileURLToPath(new URL('../../../migrations/', import.meta.url))

/**
 * Creates the ledger's schema if it is missing, and applies every missing migration, all in one transaction. Then it adds the roles and
 * rights that are missing, as after a restore into another cluster. `databaseUrl` is the owner's. Any number of processes can do this at
 * once: one works, the others wait and find it done.
 *
 * It can be run while services work: where it has to wait for a lock, it gives up after half a second, because everybody else waits behind it, and tries
 * again later.
 *
 * Throws, with the cause, if a migration fails, or gets no lock for two minutes; the ledger is then unchanged.
 */
export async function migrate(
  databaseUrl: string,
  { ledger, logger = silentLogger }: { ledger: string; logger?: StoreLogger },
): Promise<MigrationResult> {
  checkLedgerName(ledger)
  const migrations = await readMigrations()
  const pool = openPool(databaseUrl, { ledger, max: 2, applicationName: 'commitments-migrate', logger, lockTimeout })
  pool.on('connect', (client) => client.on('notice', (notice) => logger.info({ ledger }, notice.message ?? '')))
  try {
    await assertUsable(pool)
    const applied = await withRetries(() => apply(pool, ledger, migrations))
    if (applied.length > 0) logger.info({ ledger, applied }, 'the ledger was migrated')
    const granted = await withRetries(() => assertRights(pool, ledger))
    return { applied, granted, version: Object.keys(migrations).at(-1) ?? '' }
  } finally {
    await pool.end()
  }
}

/** The text of every migration by its name (`0001_events`), in the order in which they are applied. */
export async function readMigrations(): Promise<Record<string, string>> {
  const files = (await readdir(migrationsFolder)).filter((file) => /^\d{4}_[a-z0-9_]+\.sql$/.test(file)).toSorted()
  const texts = await Promise.all(files.map((file) => readFile(join(migrationsFolder, file), 'utf8')))
  return Object.fromEntries(files.map((file, index) => [file.slice(0, -'.sql'.length), texts[index] as string]))
}

/** Milliseconds that one attempt waits for a lock. */
const lockTimeout = 500
/** Milliseconds for which it is tried to get the locks. */
const triedFor = 120_000
const tries = 20

/**
 * Twenty ledgers of one cluster that migrate at once share its roles, which no lock of one database protects. One that loses such a race
 * starts again. So does one that got no lock: another one migrates, or services work with the table.
 */
async function withRetries<Value>(work: () => Promise<Value>): Promise<Value> {
  const until = performance.now() + triedFor
  for (let attempt = 1; ; ) {
    try {
      return await work()
    } catch (error) {
      const isLocked = stateOf(error) === lockNotAvailable && performance.now() < until
      if (!isLocked && (attempt === tries || !isBeatenInRace(error))) throw error
      if (!isLocked) attempt += 1
      await sleep(isLocked ? lockTimeout * (0.5 + Math.random()) : Math.random() * 50 * attempt)
    }
  }
}

const lockNotAvailable = '55P03'

function stateOf(error: unknown): string | null {
  return sqlState((error as Error).cause)
}

async function apply(pool: pg.Pool, ledger: string, texts: Record<string, string>): Promise<string[]> {
  // All code that reads or writes the log loads this module, and little of it migrates; for the rest, this import would be a quarter of the
  // start.
  const { Kysely, PostgresDialect, sql } = await import('kysely')
  const { Migrator } = await import('kysely/migration')
  const toMigration = (text: string): Migration => ({ up: async (db) => void (await sql.raw(text).execute(db)) })
  const entries = Object.entries(texts).map(([name, text]): [string, Migration] => [name, toMigration(text)])
  const migrator = new Migrator({
    db: new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) }),
    provider: { getMigrations: async () => Object.fromEntries(entries) },
    migrationTableSchema: ledger,
  })
  const { error, results = [] } = await migrator.migrateToLatest()
  if (!error) return results.map((result) => result.migrationName)
  const failed = results.find((result) => result.status === 'Error')
  const name = failed ? `migration ${failed.migrationName}` : 'the migration'
  throw new Error(`${name} of ledger ${ledger} failed: ${messageOf(error)}`, { cause: error })
}

/** See `migrations/rights.sql`. */
async function assertRights(pool: pg.Pool, ledger: string): Promise<string[]> {
  const text = await readFile(join(migrationsFolder, 'rights.sql'), 'utf8')
  const client = await pool.connect()
  const executed: string[] = []
  const note = ({ message = '' }: { message?: string | undefined }) => {
    if (/^(?:CREATE|GRANT|REVOKE) /.test(message)) executed.push(message)
  }
  client.on('notice', note)
  try {
    await client.query(text)
    return executed
  } catch (error) {
    const advice =
      sqlState(error) === '42501'
        ? '. Run it with the address of the owner of the ledger’s schema, tables and functions'
        : ''
    throw new Error(`the rights of ledger ${ledger} could not be set: ${messageOf(error)}${advice}`, { cause: error })
  } finally {
    client.off('notice', note)
    client.release()
  }
}

/**
 * XX000 is "tuple concurrently updated" (two GRANTs); 23505 a unique index of the catalogue; 42710 and 42P06 "already exists"; 40P01 a
 * deadlock and 40001 a serialization failure, after both of which one retries.
 */
function isBeatenInRace(error: unknown): boolean {
  const { code, message, schema } = (error as Error).cause as Error & { code?: string; schema?: string }
  if (code === 'XX000') return message.startsWith('tuple concurrently')
  if (code === '23505') return schema === 'pg_catalog'
  return code === '42710' || code === '42P06' || code === '40P01' || code === '40001'
}

/** Lengths, order and bytes of lines are those of UTF-8. */
async function assertUsable(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ encoding: string; version: number }>(
    `SELECT pg_encoding_to_char(encoding) AS encoding, current_setting('server_version_num')::integer / 10000 AS version
       FROM pg_database WHERE datname = current_database()`,
  )
  const { encoding = '', version = 0 } = rows[0] ?? {}
  if (version < oldestPostgres)
    throw new LedgerUnusable(`this is Postgres ${version}; a ledger needs version ${oldestPostgres} or later`)
  if (encoding !== 'UTF8')
    throw new LedgerUnusable(`the database is encoded in ${encoding}; a ledger needs one made with UTF8`)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
