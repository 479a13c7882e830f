import type pg from 'pg'
import { appendedChannel } from './ledger.ts'
import { closeLink, type Link, openLink, sendOnLink } from './link.ts'
import { type StoreLogger, silentLogger } from './queryable.ts'

/** Tells followers how far the log reaches. A hint, never a promise. */
export interface Announcer {
  /** Call it after the commit. Never throws and never waits; of many calls during one notification only the highest position is sent. */
  announce(position: number): void
  close(): Promise<void>
}

interface AnnounceOptions {
  /** Makes clients, from `clientFactory`. */
  connect: () => pg.Client
  ledger: string
  /** Milliseconds between signs of life of the connection, and the longest that one notification may take. */
  heartbeatEvery?: number
  logger?: StoreLogger
}

/** Prepared once a connection: it is sent hundreds of times a second. */
const announcement = { name: 'announce', text: 'SELECT pg_notify($1, $2)' }

interface State {
  readonly channel: string
  readonly logger: StoreLogger
  latest: number
  sent: number
  sending: boolean
}

/**
 * Sends NOTIFY on a separate connection, after the commit: inside the append it would hold a lock of the whole instance until the commit is
 * durable. A notification that cannot be sent waits for the connection; followers also poll.
 */
export function startAnnouncer(options: AnnounceOptions): Announcer {
  const { connect, ledger, heartbeatEvery = 5_000, logger = silentLogger } = options
  const state: State = { channel: appendedChannel(ledger), logger, latest: 0, sent: 0, sending: false }
  const link = openLink({
    purpose: 'announcing positions',
    connect,
    heartbeatEvery,
    logger,
    onUp: () => void send(state, link),
  })
  return {
    announce: (position) => {
      state.latest = Math.max(state.latest, position)
      void send(state, link)
    },
    close: () => closeLink(link),
  }
}

async function send(state: State, link: Link): Promise<void> {
  if (state.sending) return
  state.sending = true
  try {
    while (link.client && state.sent < state.latest) await sendLatest(state, link)
  } catch (error) {
    state.logger.warn({ err: error, position: state.latest }, 'a position could not be announced')
  } finally {
    state.sending = false
  }
}

async function sendLatest(state: State, link: Link): Promise<void> {
  const position = state.latest
  await sendOnLink(link, { ...announcement, values: [state.channel, String(position)] })
  state.sent = position
}
