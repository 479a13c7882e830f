import { type LocalServer, startServer, startTemporaryServer } from '@commitments/local-postgres'
import { Client, type QueryResultRow } from 'pg'
import { onEnd } from './cleanup.ts'

/** The Postgres server on which all are measured. */
export interface DatabaseServer {
  /** Address of a database of that name, as the superuser. */
  urlOf(database: string): string
  /** The settings for durability and speed, as reported by the server itself. */
  settings: string[]
}

/**
 * Starts the product's own Postgres server with the product's settings, which protect what was acknowledged. Only the number of connections
 * is higher, for pgbench's 64 in addition to the pools of others.
 */
export async function startDatabaseServer(data: string | null): Promise<DatabaseServer> {
  const settings = { max_connections: 200 }
  const server = await (data === null
    ? startTemporaryServer({ settings })
    : startServer({ settings, dataDirectory: data, notice: console.log }))
  onEnd(() => server.stop())
  return { urlOf: (database) => urlOf(server, database), settings: await readSettings(server) }
}

/** Creates an empty database, replacing one of that name. Returns its address. */
export async function createDatabase(server: DatabaseServer, database: string): Promise<string> {
  await withClient(server.urlOf('postgres'), async (client) => {
    await client.query(`DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`)
    await client.query(`CREATE DATABASE "${database}"`)
  })
  return server.urlOf(database)
}

export async function databaseExists(server: DatabaseServer, database: string): Promise<boolean> {
  const found = await queryRows(server.urlOf('postgres'), 'SELECT FROM pg_database WHERE datname = $1', [database])
  return found.length > 0
}

/** Runs `use` with a separate connection. */
export async function withClient<Result>(url: string, use: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

/** The rows of one query, on a separate connection. */
export function queryRows<Row extends QueryResultRow>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  return withClient(url, async (client) => (await client.query<Row>(text, values)).rows)
}

/** Writes all changed pages to disk, so that no side pays for the work of the one before it. */
export async function settle(server: DatabaseServer): Promise<void> {
  await queryRows(server.urlOf('postgres'), 'CHECKPOINT')
}

function urlOf(server: LocalServer, database: string): string {
  const url = new URL(server.url)
  url.pathname = `/${database}`
  return url.href
}

const namedSettings = [
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'wal_sync_method',
  'commit_delay',
  'shared_buffers',
  'max_wal_size',
]

async function readSettings(server: LocalServer): Promise<string[]> {
  const rows = await queryRows<{ name: string; value: string }>(
    server.url,
    `SELECT name, current_setting(name) AS value FROM unnest($1::text[]) AS name`,
    [['server_version', ...namedSettings]],
  )
  return rows.map(({ name, value }) => `${name} ${value}`)
}
