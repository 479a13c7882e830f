/** Both services over one database of a test's own, listening, and clients of them. */
import type { AddressInfo } from 'node:net'
import { type Client, type ClientOptions, createClient } from '@commitments/client'
import { buildCommandApp, type CommandLimits, readConfig as readCommandConfig } from '@commitments/command'
import { clientFactory, followLog, startAnnouncer } from '@commitments/event-store'
import { createLogger, loadApiKeys } from '@commitments/http-kit'
import { buildProjectionApp, readConfig as readProjectionConfig } from '@commitments/projection'
import { openDatabase, type TestDatabase } from '@commitments/test-kit'
import type { Test } from 'tap'

export interface Services {
  readonly database: TestDatabase
  readonly commandUrl: string
  readonly projectionUrl: string
  /** A client with short pauses; options on top. */
  client(options?: Partial<ClientOptions>): Client
}

export interface ServicesOptions {
  /** Of both services. */
  readonly environment?: Record<string, string>
  /** Milliseconds that the projection waits for a position. */
  readonly patience?: number
  /** Of the command service. */
  readonly limits?: CommandLimits
}

const apiKey = 'client-secret-0123456789'

export async function openServices(
  t: Test,
  { environment = {}, patience = 500, limits = {} }: ServicesOptions = {},
): Promise<Services> {
  const database = await openDatabase(t)
  const variables = { API_KEYS: `client:record+read+audit:${apiKey}`, LOG_LEVEL: 'silent', ...environment }
  const [commandUrl, projectionUrl] = await Promise.all([
    startCommand(t, database, variables, limits),
    startProjection(t, database, variables, patience),
  ])
  const retries = { firstPauseMs: 10, longestPauseMs: 50, attemptMs: 10_000, withinMs: 20_000 }
  return {
    database,
    commandUrl,
    projectionUrl,
    client: (options) => createClient({ commandUrl, projectionUrl, apiKey, retries, ...options }),
  }
}

async function startCommand(
  t: Test,
  database: TestDatabase,
  environment: Record<string, string>,
  limits: CommandLimits,
): Promise<string> {
  const { ledger } = database
  const config = readCommandConfig(environment)
  const announcer = startAnnouncer({ connect: clientFactory(database.url, { ledger, role: 'command' }), ledger })
  t.after(() => announcer.close())
  const logger = createLogger({ name: 'command', level: config.LOG_LEVEL })
  const keys = loadApiKeys(config)
  const pool = database.pool('command')
  const { app, close } = await buildCommandApp({ config, pool, announcer, keys, logger, limits })
  return listening(t, app, close)
}

async function startProjection(
  t: Test,
  database: TestDatabase,
  environment: Record<string, string>,
  patience: number,
): Promise<string> {
  const { ledger } = database
  const config = readProjectionConfig(environment)
  const connect = clientFactory(database.url, { ledger, role: 'projection' })
  const follower = followLog({ connect, ledger, pollEvery: 100 })
  t.after(() => follower.close())
  const logger = createLogger({ name: 'projection', level: config.LOG_LEVEL })
  const keys = loadApiKeys(config)
  const pool = database.pool('projection')
  const { app, close } = await buildProjectionApp({ config, pool, follower, keys, logger, patience })
  return listening(t, app, close)
}

interface App {
  readonly server: { address(): unknown; closeAllConnections(): void }
  listen(where: { port: number; host: string }): Promise<unknown>
  close(): Promise<unknown>
}

async function listening(t: Test, app: App, close: () => Promise<void>): Promise<string> {
  t.after(async () => {
    // Connections that a client keeps for its next request would hold the server open for seconds.
    app.server.closeAllConnections()
    await app.close()
    await close()
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
}

/** How many events the log has. */
export async function eventsOf(database: TestDatabase): Promise<number> {
  const { rows } = await database.pool().query<{ count: string }>('SELECT count(*) FROM events')
  return Number(rows[0]?.count)
}

export async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const collected: Value[] = []
  for await (const value of values) collected.push(value)
  return collected
}
