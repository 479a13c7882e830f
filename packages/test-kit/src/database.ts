import { createHash, randomBytes } from 'node:crypto'
import { clientFactory, type LedgerRole, migrate, openPool, readMigrations } from '@commitments/event-store'
import { type LocalServer, startTemporaryServer } from '@commitments/local-postgres'
import { Client, type Pool } from 'pg'
import type { Cleanup } from './tcp-proxy.ts'

/** A separate database for a test. */
export interface TestDatabase {
  /** The address of the owner (a superuser). */
  readonly url: string
  readonly ledger: 'commitments'
  /** A pool as the owner, or as one of the ledger's roles. Ended after the test. */
  readonly pool: (role?: LedgerRole, options?: { max?: number }) => Pool
  /** One connected client, likewise. */
  readonly client: (role?: LedgerRole) => Promise<Client>
}

const ledger = 'commitments'

interface DatabaseOptions {
  readonly migrated?: boolean
  readonly durable?: boolean
  readonly copyOf?: Pick<TestDatabase, 'url'>
}

/**
 * Creates a database for one test on the server of this run (`TEST_DATABASE_SERVER`), or on one of this process if a file is run alone. It
 * is a copy of a migrated one, which takes milliseconds; with `migrated: false` it is empty. All copies have the same Log-Id.
 *
 * The database is not dropped: its server is removed after the run, and dropping a database forces a checkpoint.
 *
 * With `durable` the server keeps every commit over a crash (`TEST_DURABLE_SERVER`). A test that starts a service as a process needs that:
 * the services refuse any other server.
 *
 * If it is opened for a whole file and `client` is used, the file ends with `t.end()`: an open client prevents it from ending by itself.
 *
 * `copyOf` makes a copy of another test's database, with all its rows; nobody may be connected to that one any more.
 */
export async function openDatabase(
  t: Cleanup,
  { migrated = true, durable = false, copyOf }: DatabaseOptions = {},
): Promise<TestDatabase> {
  const server = await serverUrl(t, durable)
  const template = copyOf ? nameOf(copyOf.url) : migrated ? await migratedTemplate(server) : 'template1'
  const name = `test_${randomBytes(8).toString('hex')}`
  await onServer(server, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`))
  return testDatabase(t, urlOf(server, name))
}

function testDatabase(t: Cleanup, url: string): TestDatabase {
  return {
    url,
    ledger,
    pool: (role, { max = 10 } = {}) => {
      const pool = openPool(url, { ledger, role, max, applicationName: 'test' })
      // A file's own `t` ends when nothing keeps the process alive, and only then closes what it opened.
      pool.options.allowExitOnIdle = true
      t.after(() => endPool(pool))
      return pool
    },
    client: async (role) => {
      const client = clientFactory(url, { ledger, role, applicationName: 'test' })()
      await client.connect()
      t.after(() => client.end())
      return client
    },
  }
}

/** The test may have ended it, as the code under test does. */
async function endPool(pool: Pool): Promise<void> {
  if (!pool.ending) await pool.end()
}

let ownServer: Promise<LocalServer> | undefined
let usersOfOwnServer = 0

/** A server of this process is always durable. */
async function serverUrl(t: Cleanup, durable: boolean): Promise<string> {
  const given = process.env[durable ? 'TEST_DURABLE_SERVER' : 'TEST_DATABASE_SERVER']
  if (given) return given
  ownServer ??= startTemporaryServer()
  const server = await ownServer
  usersOfOwnServer += 1
  t.after(async () => {
    usersOfOwnServer -= 1
    if (usersOfOwnServer > 0) return
    ownServer = undefined
    await server.stop()
  })
  return server.url
}

const templates = new Map<string, Promise<string>>()

function migratedTemplate(server: string): Promise<string> {
  const known = templates.get(server) ?? makeTemplate(server)
  templates.set(server, known)
  return known
}

/**
 * Created by the first process that needs it, under a lock on which the others wait. Its name comes from the text of the migrations, so a
 * server that outlives a change of them makes another one. It gets that name when it is complete, so half of one is never copied.
 */
async function makeTemplate(server: string): Promise<string> {
  const digest = createHash('sha256')
    .update(JSON.stringify(await readMigrations()))
    .digest('hex')
  const name = `template_${digest.slice(0, 16)}`
  return await onServer(server, async (client) => {
    await client.query(`SELECT pg_advisory_lock(hashtextextended('template for tests', 0))`)
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name])
    if (rowCount === 0) await buildTemplate(server, client, name)
    return name
  })
}

async function buildTemplate(server: string, client: Client, name: string): Promise<void> {
  const draft = `${name}_draft`
  await client.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`)
  await client.query(`CREATE DATABASE ${draft}`)
  await migrate(urlOf(server, draft), { ledger })
  // A database can be copied only while nobody is connected to it.
  await client.query(`ALTER DATABASE ${draft} ALLOW_CONNECTIONS false`)
  await client.query(`ALTER DATABASE ${draft} RENAME TO ${name}`)
}

async function onServer<Value>(server: string, work: (client: Client) => Promise<Value>): Promise<Value> {
  const client = new Client({ connectionString: server })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

function urlOf(server: string, database: string): string {
  const url = new URL(server)
  url.pathname = `/${database}`
  return url.href
}

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1)
}
