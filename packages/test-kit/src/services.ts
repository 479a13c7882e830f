/**
 * The services as in production, over a separate database for each test. Every test of a running service starts them. This is a separate
 * entry (`@commitments/test-kit/services`), because both services take a second to load.
 */
import type { AddressInfo } from 'node:net'
import { buildCommandApp, type CommandDeps, readConfig as readCommandConfig } from '@commitments/command'
import { followLog, openPool, type PoolOptions, startAnnouncer } from '@commitments/event-store'
import { createLogger, loadCallers, openTokens, type TokenTimes } from '@commitments/http-kit'
import {
  buildProjectionApp,
  type ProjectionDeps,
  type Pulse,
  pulseQuery,
  readConfig as readProjectionConfig,
} from '@commitments/projection'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import type { Pool } from 'pg'
import { openDatabase, type TestDatabase } from './database.ts'
import { eventually } from './eventually.ts'
import type { Cleanup } from './tcp-proxy.ts'

export * from './signing.ts'

export interface TestService {
  readonly app: FastifyInstance
  /** Sends a request without a connection; where a log is looked for (`/log/…`), the answer is that of the present log. */
  get(url: string, headers?: Record<string, string>): Promise<LightMyRequestResponse>
  /** Listens on a free port of this machine; returns the address. */
  listen(): Promise<string>
  /** Ends it now; otherwise it ends after the test. */
  stop(): Promise<void>
}

export interface TestProjection extends TestService {
  /** Waits until the service has applied the position. */
  applied(position: number): Promise<void>
}

interface Place {
  /** Used instead of the process's environment; the log is silent unless it says otherwise. */
  readonly environment?: Readonly<Record<string, string>>
  /** The database address of the service, such as a proxy; default: the database's own. */
  readonly url?: string
  /** The most connections of its pool. */
  readonly connections?: number
  /** Replaces the usual times at which keys of issuers are read. */
  readonly tokenTimes?: Partial<TokenTimes>
}

export type CommandOptions = Place & Partial<Omit<CommandDeps, 'config' | 'keys' | 'announcer'>>
export type ProjectionOptions = Place & Partial<Omit<ProjectionDeps, 'config' | 'keys'>>

export interface ServicesOptions {
  /** For both services. */
  readonly environment?: Readonly<Record<string, string>>
  /** Another route for both to the same database. */
  readonly through?: (url: string) => string | Promise<string>
  readonly command?: CommandOptions
  readonly projection?: ProjectionOptions
}

export interface Services {
  readonly database: TestDatabase
  readonly command: TestService
  readonly projection: TestProjection
}

/** Both services over a new database. Each option of one service is an option of its `Deps`. */
export async function startServices(t: Cleanup, options: ServicesOptions = {}): Promise<Services> {
  const database = await openDatabase(t)
  const url = (await options.through?.(database.url)) ?? database.url
  const place = { url, environment: options.environment ?? {} }
  const [command, projection] = await Promise.all([
    startCommand(t, database, { ...place, ...options.command }),
    startProjection(t, database, { ...place, ...options.projection }),
  ])
  return { database, command, projection }
}

/** Settings of tests instead of production's: answers are checked against their schemas, and checks run again each time. */
const strict = { strictAnswers: true, lookShared: 0 }

/** Small ledgers are compared all the time, and the signer looks as often as it can. */
const looks = { shortestRound: 0, longestRest: 250 }

export async function startCommand(
  t: Cleanup,
  database: TestDatabase,
  options: CommandOptions = {},
): Promise<TestService> {
  const { environment, url = database.url, connections = 8, ...deps } = options
  const config = readCommandConfig({ LOG_LEVEL: 'silent', ...environment })
  const { ledger } = database
  const pool = deps.pool ?? servicePool(t, url, { ledger, role: 'command', max: connections })
  const announcer = startAnnouncer({ pool, ledger })
  const logger = createLogger({ name: 'command', level: config.LOG_LEVEL })
  const { keys, issuers } = loadCallers(config)
  const tokens = openTokens(issuers, { logger, times: options.tokenTimes ?? {} })
  return service(t, await buildCommandApp({ config, keys, tokens, logger, ...strict, ...deps, pool, announcer }))
}

/** Several instances can follow one database, at once or one after the other. */
export async function startProjection(
  t: Cleanup,
  database: TestDatabase,
  options: ProjectionOptions = {},
): Promise<TestProjection> {
  const { environment, url = database.url, connections = 10, ...deps } = options
  const config = readProjectionConfig({ LOG_LEVEL: 'silent', ...environment })
  const { ledger } = database
  const pool = deps.pool ?? servicePool(t, url, { ledger, role: 'projection', max: connections })
  const follower = deps.follower ?? followLog<Pulse>({ url, look: pulseQuery, ledger, role: 'projection' })
  t.after(() => follower.close())
  const logger = createLogger({ name: 'projection', level: config.LOG_LEVEL })
  const { keys, issuers } = loadCallers(config)
  const tokens = openTokens(issuers, { logger, times: options.tokenTimes ?? {} })
  const built = await buildProjectionApp({
    config,
    keys,
    tokens,
    logger,
    ...looks,
    ...strict,
    ...deps,
    pool,
    follower,
  })
  return { ...service(t, built), applied: (position) => untilApplied(built.app, position) }
}

/** As in production, except for a test's own `t`, which ends only when nothing keeps the process alive. */
function servicePool(t: Cleanup, url: string, options: PoolOptions): Pool {
  const pool = openPool(url, options)
  pool.options.allowExitOnIdle = true
  t.after(() => (pool.ending ? undefined : pool.end()))
  return pool
}

interface Built {
  readonly app: FastifyInstance
  close(): Promise<void>
}

function service(t: Cleanup, { app, close }: Built): TestService {
  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= end(app, close))
  t.after(stop)
  return { app, stop, listen: () => listen(app), get: (url, headers = {}) => getFollowing(app, url, headers) }
}

async function listen(app: FastifyInstance): Promise<string> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
}

async function end(app: FastifyInstance, close: () => Promise<void>): Promise<void> {
  // Connections that a client keeps for its next request would keep the server open for seconds.
  app.server.closeAllConnections()
  await app.close()
  await close()
}

async function untilApplied(app: FastifyInstance, position: number): Promise<void> {
  // The read models may be ahead of an instance that does not work at them; other answers tell how far it has seen them itself.
  const check = async () => {
    const answers = [await app.inject({ url: '/v1/projections' }), await app.inject({ url: '/health/live' })]
    const seen = Math.min(...answers.map(({ headers }) => Number(headers['log-position'])))
    if (!(seen >= position)) throw new Error(`applied up to ${seen}, not ${position}`)
  }
  // Thousands of events, on a machine that does other things as well.
  await eventually(check, { within: 30_000 })
}

async function getFollowing(
  app: FastifyInstance,
  url: string,
  headers: Record<string, string>,
): Promise<LightMyRequestResponse> {
  const answer = await app.inject({ url, headers })
  const { location } = answer.headers
  if (answer.statusCode !== 302 || !url.startsWith('/log/') || location === undefined) return answer
  return app.inject({ url: new URL(location, `http://localhost${url}`).pathname, headers })
}
