import type pg from 'pg'
import { appendedChannel } from './ledger.ts'
import { closeLink, openLink } from './link.ts'
import { sqlState } from './pg-errors.ts'
import { type StoreLogger, silentLogger } from './queryable.ts'

/**
 * Why `next` returned: something was announced (or may have been while nobody listened), it is time to look anyway, or the follower is
 * closed.
 */
type WokenBy = 'hint' | 'poll' | 'closed'

/** Tells one reader of the log (one loop) when to read on. */
export interface Listener {
  /**
   * Waits for a reason to read the log. A notification since the last call is taken at once, so the loop "read all there is, then next"
   * misses none. Rejects with the signal's reason when that aborts.
   */
  next(signal?: AbortSignal): Promise<WokenBy>
}

/** Follows the log for one reader, and for others with their own listener. */
export interface Follower extends Listener {
  /** For another loop, which misses no notification either, whoever else took it. It lives as long as the follower. */
  listener(): Listener
  /** The highest announced position, 0 before the first notification: the log has at least so many events, if announcers are right. */
  readonly hintedPosition: number
  /** Whether notifications can come at this moment. */
  readonly listening: boolean
  /** Ends the connection and all waiting calls. */
  close(): Promise<void>
}

interface FollowOptions {
  /** Creates clients for LISTEN, from `clientFactory`. The connection must have its own session (no transaction pooling). */
  connect: () => pg.Client
  ledger: string
  /** Milliseconds after which `next` returns without a notification (500): notifications get lost, and standbys and poolers have none. */
  pollEvery?: number
  /** Milliseconds between signs of life of the connection. */
  heartbeatEvery?: number
  logger?: StoreLogger
}

/** SQLSTATE of a statement that a standby refuses. */
const readOnly = '25006'
const noListen = 'this server is a standby, which has no LISTEN: the log is polled'

interface State {
  readonly pollEvery: number
  readonly listeners: ListenerState[]
  hintedPosition: number
  closed: boolean
}

interface ListenerState {
  readonly waiters: Set<(reason: WokenBy) => void>
  /** A notification came while nobody waited. */
  hintWaiting: boolean
}

/** Starts to listen. From the start it also polls, even if the database cannot be reached or does not support LISTEN. */
export function followLog(options: FollowOptions): Follower {
  const { connect, ledger, pollEvery = 500, heartbeatEvery = 5_000, logger = silentLogger } = options
  const state: State = { pollEvery, listeners: [], hintedPosition: 0, closed: false }
  const link = openLink({
    purpose: 'following the log',
    connect,
    heartbeatEvery,
    logger,
    prepare: (client) => listen(state, client, appendedChannel(ledger)),
    // Announcements while nobody listened are lost.
    onUp: () => hint(state),
  })
  return {
    ...listener(state),
    listener: () => listener(state),
    get hintedPosition() {
      return state.hintedPosition
    },
    get listening() {
      return link.client !== null
    },
    close: async () => {
      state.closed = true
      for (const own of state.listeners) wake(own, 'closed')
      await closeLink(link)
    },
  }
}

async function listen(state: State, client: pg.Client, channel: string): Promise<void> {
  client.on('notification', (message) => {
    const position = Number(message.payload)
    if (Number.isSafeInteger(position)) state.hintedPosition = Math.max(state.hintedPosition, position)
    hint(state)
  })
  await client.query(`LISTEN ${channel}`).catch((cause: unknown) => {
    throw sqlState(cause) === readOnly ? new Error(noListen, { cause }) : cause
  })
}

function listener(state: State): Listener {
  const own: ListenerState = { waiters: new Set(), hintWaiting: false }
  state.listeners.push(own)
  return { next: (signal) => next(state, own, signal) }
}

function hint(state: State): void {
  for (const own of state.listeners) {
    if (own.waiters.size === 0) own.hintWaiting = true
    else wake(own, 'hint')
  }
}

function wake({ waiters }: ListenerState, reason: WokenBy): void {
  const all = [...waiters]
  waiters.clear()
  for (const waiter of all) waiter(reason)
}

async function next(state: State, own: ListenerState, signal?: AbortSignal): Promise<WokenBy> {
  signal?.throwIfAborted()
  if (state.closed) return 'closed'
  if (own.hintWaiting) {
    own.hintWaiting = false
    return 'hint'
  }
  return await wait(state, own, signal)
}

function wait({ pollEvery }: State, { waiters }: ListenerState, signal: AbortSignal | undefined): Promise<WokenBy> {
  const { promise, resolve, reject } = Promise.withResolvers<WokenBy>()
  const abort = () => reject(signal?.reason)
  const timer = setTimeout(resolve, pollEvery, 'poll')
  waiters.add(resolve)
  signal?.addEventListener('abort', abort)
  return promise.finally(() => {
    clearTimeout(timer)
    waiters.delete(resolve)
    signal?.removeEventListener('abort', abort)
  })
}
