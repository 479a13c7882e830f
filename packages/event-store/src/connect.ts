import type { Socket } from 'node:net'
import {
  Client,
  type ClientBase,
  type ClientConfig,
  type CustomTypesConfig,
  Pool,
  type PoolClient,
  type PoolConfig,
  types,
} from 'pg'
import { parseIntoClientConfig } from 'pg-connection-string'
import { clientOfHosts, needsSearch, readAddress } from './hosts.ts'
import { checkLedgerName, type LedgerRole, roleName } from './ledger.ts'
import { type StoreLogger, silentLogger } from './queryable.ts'

/** How to connect to one ledger. */
export interface ConnectOptions {
  ledger: string
  /** Switches to the role `<ledger>_<role>`: only if the address is the owner's. A service with its own address omits it. */
  role?: LedgerRole | undefined
  /** Shown in pg_stat_activity and in the server's log. */
  applicationName?: string
  logger?: StoreLogger
}

export interface PoolOptions extends ConnectOptions {
  /** The most connections at a time. */
  max?: number
  /**
   * Milliseconds after which a connection is closed if an answer is due (absent: no limit). A half-open connection gives neither an answer
   * nor an error until TCP gives up, after a quarter of an hour. For pools whose statements are all short; a COPY is not limited.
   */
  answerWithin?: number
  /** Milliseconds after which the database itself cancels a statement (absent: never). */
  statementTimeout?: number
  /**
   * Milliseconds after which a statement gives up waiting for a lock (absent: never), and certainly did nothing. Without it, a statement
   * whose caller has given up still waits in the server, and keeps its connection there.
   */
  lockTimeout?: number
  /**
   * The signal of the caller for whose work the connection is taken; it fires when nobody waits for that work any more. Then the connection
   * is closed, and the database cancels the statement.
   */
  wanted?: () => AbortSignal | undefined
  /** Prepares each new connection before its first statement; if it fails, the connection is closed. */
  onConnect?: (client: ClientBase) => Promise<void>
}

/**
 * Opens a pool on one ledger. Nothing is sent before the first query. Every connection begins with its search path, role and limits set
 * by start-up parameters, so set-up costs no round trip; behind PgBouncer, which ignores them, users need them as their own settings (docs/operations.md).
 *
 * int8 comes as a number (positions stay far below 2^53) and `date` as its text (a Date would move it to the local midnight).
 * A connection that dies while idle is reported to the logger and replaced; it never ends the process.
 */
export function openPool(url: string, options: PoolOptions): Pool {
  const { onConnect } = options
  const config = { ...clientConfig(url, options), max: options.max ?? 10, ...(onConnect && { onConnect }) }
  const pool = options.wanted === undefined ? new Pool(config) : new WantedPool(config, options.wanted)
  const logger = options.logger ?? silentLogger
  pool.on('error', (error) => logger.warn({ err: error }, 'an idle database connection was lost'))
  // A checked-out client between two queries has no other listener, and an 'error' without a listener ends the process.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const { answerWithin } = options
  if (answerWithin !== undefined) pool.on('connect', (client) => limitAnswers(client, answerWithin))
  return pool
}

type Connected = (error: Error | undefined, client: PoolClient | undefined, done: (release?: unknown) => void) => void

/** Gives connections only to work that somebody waits for, and closes them when nobody waits any more. */
class WantedPool extends Pool {
  readonly #wanted: () => AbortSignal | undefined

  constructor(config: PoolConfig, wanted: () => AbortSignal | undefined) {
    super(config)
    this.#wanted = wanted
  }

  override connect(): Promise<PoolClient>
  override connect(callback: Connected): void
  override connect(callback?: Connected): Promise<PoolClient> | void {
    // `query` of the pool takes its connection with a callback, all other code with a promise.
    if (callback === undefined) return this.#connect()
    void this.#answer(callback)
  }

  async #answer(callback: Connected): Promise<void> {
    let client: PoolClient
    try {
      client = await this.#connect()
    } catch (error) {
      callback(error as Error, undefined, () => undefined)
      return
    }
    callback(undefined, client, (release) => client.release(release as boolean))
  }

  async #connect(): Promise<PoolClient> {
    const signal = this.#wanted()
    signal?.throwIfAborted()
    const client = await super.connect()
    if (signal !== undefined) closeWhenUnwanted(client, signal)
    return client
  }
}

function closeWhenUnwanted(client: PoolClient, signal: AbortSignal): void {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
  const close = () => stream.destroy(new Error('Connection terminated: nobody waits for the answer.'))
  const release = client.release
  client.release = (error) => {
    signal.removeEventListener('abort', close)
    release.call(client, error)
  }
  if (signal.aborted) close()
  else signal.addEventListener('abort', close, { once: true })
}

/** The caller that waits for the answer gets the error that the connection is lost, and the pool does not use it again. */
function limitAnswers(client: PoolClient, milliseconds: number): void {
  const { connection } = client as unknown as { connection: { stream: Socket } }
  const query = client.query as (...given: unknown[]) => unknown
  const limitedQuery = (...given: unknown[]): unknown => {
    const timer = setTimeout(() => connection.stream.destroy(noAnswer(milliseconds)), milliseconds)
    const answered = () => clearTimeout(timer)
    const callback = given.at(-1)
    if (isCallback(callback)) {
      const answer = (...result: unknown[]) => {
        answered()
        callback(...result)
      }
      return query.apply(client, [...given.slice(0, -1), answer])
    }
    const result = query.apply(client, given)
    if (result instanceof Promise) result.then(answered, answered)
    else answered()
    return result
  }
  client.query = limitedQuery as typeof client.query
}

/** The error that the system itself would report if it had noticed. */
function noAnswer(milliseconds: number): Error {
  return Object.assign(new Error(`No answer within ${milliseconds} ms.`), { code: 'ETIMEDOUT', syscall: 'read' })
}

/** Creates clients of one ledger that are not connected yet. */
export function clientFactory(url: string, options: ConnectOptions): () => Client {
  const { Client: OurClient = Client, ...config } = clientConfig(url, options)
  return () => {
    const client = new OurClient(config)
    client.on('error', () => undefined)
    return client
  }
}

/** In node-postgres, `options` in the address override ours, so ours are appended to those. */
function clientConfig(url: string, options: PoolOptions): ClientConfig & { Client?: typeof Client } {
  const whole = readAddress(url)
  const { options: given, ...address } = parseIntoClientConfig(whole.single)
  const settings = startSettings(options).map(([name, value]) => `-c ${name}=${value}`)
  return {
    ...address,
    ...(needsSearch(whole) && { Client: clientOfHosts(whole) }),
    options: [given, ...settings].filter(Boolean).join(' '),
    application_name: options.applicationName ?? address.application_name ?? 'commitments',
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    connectionTimeoutMillis: 5_000,
    types: { getTypeParser: parserOf as CustomTypesConfig['getTypeParser'] },
  }
}

/** The text form of values. Server, database and role can each change it, and then what we read and serve would change too. */
const textForms: readonly [string, string][] = [
  ['DateStyle', 'ISO'],
  ['IntervalStyle', 'postgres'],
  ['TimeZone', 'UTC'],
  ['extra_float_digits', '1'],
  ['bytea_output', 'hex'],
  ['standard_conforming_strings', 'on'],
]

/** In the syntax of a server's command line, where a space in a value is escaped by a backslash. */
function startSettings({
  ledger,
  role,
  statementTimeout = 0,
  lockTimeout = 0,
  wanted,
}: PoolOptions): [string, string][] {
  const settings: [string, string][] = [
    // pg_temp last, or a temporary table could stand in for one of ours.
    ['search_path', `${checkLedgerName(ledger)},pg_temp`],
    ['default_transaction_isolation', 'read\\ committed'],
    // A cancelled wait for a synchronous standby reports success for a commit that no standby has.
    ['statement_timeout', String(statementTimeout)],
    ['lock_timeout', String(lockTimeout)],
    // Postgres compiles what it expects to be long. It expects a cost of 3.6e8 for the sums of a portfolio, which take 40 ms.
    ['jit', 'off'],
    ...textForms,
  ]
  // By default, Postgres checks only between statements whether the client is still connected.
  if (wanted !== undefined) settings.push(['client_connection_check_interval', '250'])
  return role ? [...settings, ['role', roleName(ledger, role)]] : settings
}

function isCallback(value: unknown): value is (...result: unknown[]) => void {
  return typeof value === 'function'
}

/** Type numbers of pg_type; node-postgres has no names for array types. */
const oids = { int8: 20, date: 1082, dateArray: 1182, textArray: 1009 }

function parserOf(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  const parserIn = types.getTypeParser as (type: number, form: 'text' | 'binary') => (value: string) => unknown
  if (format === 'binary') return parserIn(oid, format)
  if (oid === oids.int8) return Number
  if (oid === oids.date) return String
  return parserIn(oid === oids.dateArray ? oids.textArray : oid, 'text')
}
