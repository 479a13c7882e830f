import type { ClientBase, QueryConfig, QueryResultRow } from 'pg'
import { pause, runLoop, withTimeout } from './background.ts'
import { type ConnectOptions, openPool } from './connect.ts'
import { appendedChannel } from './ledger.ts'
import { sqlState } from './pg-errors.ts'
import { type Queryable, type StoreLogger, silentLogger } from './queryable.ts'

/**
 * Why `next` returned: something was announced; a look found that something has changed, or may have while nobody looked; it is time to read
 * anyway; or the follower is closed.
 */
type WokenBy = 'hint' | 'change' | 'poll' | 'closed'

/** Tells one reader of the log (one loop) when to read on. */
export interface Listener {
  /**
   * Waits for a reason to read the log. What came since the last call is taken at once, so the loop "read all there is, then next" misses
   * nothing. Rejects with the signal's reason when that aborts.
   */
  next(signal?: AbortSignal): Promise<WokenBy>
}

/** Waits for a reason at most so many milliseconds, and no longer than until the signal fires; null: there was none. */
export async function nextWithin(
  listener: Listener,
  milliseconds: number,
  signal: AbortSignal,
): Promise<WokenBy | null> {
  if (signal.aborted) return null
  const over = new AbortController()
  const end = () => over.abort()
  const timer = setTimeout(end, milliseconds)
  signal.addEventListener('abort', end)
  try {
    return await listener.next(over.signal).catch(() => null)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
  }
}

/** Follows the log for one reader, and for others with their own listener. */
export interface Follower<Row extends QueryResultRow = QueryResultRow> extends Listener {
  /** For another loop, which misses nothing either, whoever else took it. It lives as long as the follower. */
  listener(): Listener
  /** What the last look found; null before the first. It stays while the database is away. */
  readonly seen: Row | null
  /** Whether notifications can come at this moment. */
  readonly listening: boolean
  /** Its one connection, for other statements that are as short: notifications wait for them. */
  readonly connection: Queryable
  /** Wakes all listeners of this process, as a look does that found a change: nobody has to wait for the next look. */
  wake(): void
  /** Ends the connection and all waiting calls. */
  close(): Promise<void>
}

interface FollowOptions extends ConnectOptions {
  /** The connection must have its own session (no transaction pooling). */
  readonly url: string
  /** A statement with one row, cheap enough for two a second: whatever changes in the row wakes all listeners. Default: the end of the log. */
  readonly look?: QueryConfig
  readonly times?: Partial<FollowTimes>
}

/** Milliseconds. */
export interface FollowTimes {
  /** Between two looks: within this time, a change is found of which no notification came. */
  readonly lookEvery: number
  /** The same without LISTEN; and after so long `next` returns while nothing can be found out. */
  readonly pollEvery: number
  /** After so long `next` returns although nothing has changed. */
  readonly quietFor: number
  /** For a look. A half-open connection gives neither an answer nor an error. */
  readonly lookLimit: number
}

const usualTimes: FollowTimes = { lookEvery: 500, pollEvery: 250, quietFor: 60_000, lookLimit: 1_000 }

const endOfLog: QueryConfig = {
  name: 'read-end-of-log',
  text: 'SELECT position, event_id FROM events ORDER BY position DESC LIMIT 1',
}

/** Milliseconds after which a connection without an answer is given up. */
const answerWithin = 5_000

/** Failed looks in a row. */
const saidAfter = 3

/** SQLSTATE of a statement that a standby refuses. */
const readOnly = '25006'
const noListen = 'this server is a standby, which has no LISTEN: the log is polled'

interface State<Row> {
  readonly times: FollowTimes
  readonly listeners: ListenerState[]
  seen: Row | null
  /** The last row as text, to see whether it has changed. */
  mark: string
  /** Looks get no answer, so nobody knows whether anything has changed. */
  isBlind: boolean
  /** A server without LISTEN was met, and that was said. */
  isPolling: boolean
  /** The connection that listens. */
  listening: ClientBase | null
  closed: boolean
}

interface ListenerState {
  readonly waiters: Set<(reason: WokenBy) => void>
  /** What came while nobody waited. */
  missed: 'hint' | 'change' | null
}

/**
 * Follows the log over one connection: it listens for notifications, and looks whether anything has changed that nobody was notified of
 * (notifications get lost, and standbys have none). So readers that wait for both ask the database nothing while nothing happens.
 *
 * It works from the start: while the database cannot be reached, listeners are woken from time to time, and find that out themselves.
 */
export function followLog<Row extends QueryResultRow = QueryResultRow>(options: FollowOptions): Follower<Row> {
  const { url, look = endOfLog, times, ...connect } = options
  const state: State<Row> = {
    times: { ...usualTimes, ...times },
    listeners: [],
    seen: null,
    mark: '',
    isBlind: true,
    isPolling: false,
    listening: null,
    closed: false,
  }
  const logger = options.logger ?? silentLogger
  const onConnect = (client: ClientBase) => listen(state, client, appendedChannel(options.ledger), logger)
  const pool = openPool(url, { ...connect, max: 1, answerWithin, onConnect })
  const stop = new AbortController()
  const turn = async () => {
    const { rows } = await withTimeout(state.times.lookLimit, pool.query<Row>(look))
    see(state, rows[0] ?? null)
    await pause(state.listening === null ? state.times.pollEvery : state.times.lookEvery, stop.signal)
  }
  const onFailure = (error: unknown, failures: number) => {
    if (failures === 1) goBlind(state)
    // A machine that is busy for a moment is no news.
    if (failures === saidAfter) logger.warn({ err: error }, 'the log cannot be followed, and is polled until it can')
  }
  const running = runLoop({ turn, stopping: stop.signal, onFailure })
  let ended: Promise<void> | undefined
  return {
    ...listener(state),
    listener: () => listener(state),
    get seen() {
      return state.seen
    },
    get listening() {
      return state.listening !== null
    },
    connection: pool,
    wake: () => wakeAll(state, 'change'),
    close: async () => {
      state.closed = true
      stop.abort()
      for (const own of state.listeners) wake(own, 'closed')
      ended ??= pool.end()
      await Promise.all([running, ended])
    },
  }
}

/** Before the first statement of a new connection. */
async function listen<Row>(state: State<Row>, client: ClientBase, channel: string, logger: StoreLogger): Promise<void> {
  client.on('notification', () => wakeAll(state, 'hint'))
  client.on('end', () => {
    if (state.listening === client) state.listening = null
  })
  try {
    await withTimeout(answerWithin, client.query(`LISTEN ${channel}`))
    state.listening = client
  } catch (error) {
    if (sqlState(error) !== readOnly) throw error
    if (!state.isPolling) logger.warn({ err: error }, noListen)
    state.isPolling = true
  }
  // Announcements while nobody listened are lost; and it may be another server.
  wakeAll(state, 'change')
}

function see<Row>(state: State<Row>, row: Row | null): void {
  const mark = JSON.stringify(row)
  const isChanged = state.isBlind || mark !== state.mark
  Object.assign(state, { seen: row, mark, isBlind: false })
  if (isChanged) wakeAll(state, 'change')
}

function goBlind<Row>(state: State<Row>): void {
  state.isBlind = true
  for (const own of state.listeners) wake(own, 'poll')
}

function listener<Row>(state: State<Row>): Listener {
  const own: ListenerState = { waiters: new Set(), missed: null }
  state.listeners.push(own)
  return { next: (signal) => next(state, own, signal) }
}

function wakeAll<Row>({ listeners }: State<Row>, reason: 'hint' | 'change'): void {
  for (const own of listeners) {
    if (own.waiters.size > 0) wake(own, reason)
    else if (own.missed !== 'change') own.missed = reason
  }
}

function wake({ waiters }: ListenerState, reason: WokenBy): void {
  const all = [...waiters]
  waiters.clear()
  for (const waiter of all) waiter(reason)
}

async function next<Row>(state: State<Row>, own: ListenerState, signal?: AbortSignal): Promise<WokenBy> {
  signal?.throwIfAborted()
  if (state.closed) return 'closed'
  const { missed } = own
  own.missed = null
  return missed ?? (await wait(state, own, signal))
}

function wait<Row>(
  { isBlind, times }: State<Row>,
  { waiters }: ListenerState,
  signal: AbortSignal | undefined,
): Promise<WokenBy> {
  const { promise, resolve, reject } = Promise.withResolvers<WokenBy>()
  const abort = () => reject(signal?.reason)
  const timer = setTimeout(resolve, isBlind ? times.pollEvery : times.quietFor, 'poll')
  waiters.add(resolve)
  signal?.addEventListener('abort', abort)
  return promise.finally(() => {
    clearTimeout(timer)
    waiters.delete(resolve)
    signal?.removeEventListener('abort', abort)
  })
}
