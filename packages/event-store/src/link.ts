import type pg from 'pg'
import { pause, withTimeout } from './background.ts'
import type { StoreLogger } from './queryable.ts'

/** The parts of a link. */
interface LinkOptions {
  /** What the connection is for; shown in the log. */
  purpose: string
  /** Creates a client that is not connected yet. */
  connect: () => pg.Client
  /** Milliseconds between two signs of life, and the time limit of any answer. */
  heartbeatEvery: number
  logger: StoreLogger
  /** Prepares a new connection; the link is up once this has resolved. */
  prepare?: (client: pg.Client) => Promise<void>
  /** Called each time the link comes up. */
  onUp: () => void
}

/** One connection that is opened again whenever it is lost, until it is closed. */
export interface Link {
  readonly options: LinkOptions
  readonly stop: AbortController
  /** The connection, while it is up. */
  client: pg.Client | null
  /** A statement is running: the heartbeat does nothing meanwhile, because the statement has its own limit. */
  busy: boolean
  running: Promise<void>
}

const firstPause = 50
const longestPause = 5_000

/** Opens a link. Faults are logged and never thrown. */
export function openLink(options: LinkOptions): Link {
  const link: Link = { options, stop: new AbortController(), client: null, busy: false, running: Promise.resolve() }
  link.running = keepUp(link)
  return link
}

/** Closes it for good; resolves when the connection is closed. */
export async function closeLink(link: Link): Promise<void> {
  link.stop.abort()
  await link.running
}

/**
 * Sends one statement on a link that is up. An answer that takes longer than a heartbeat means a dead link: it is dropped and opened again.
 * One statement at a time.
 */
export async function sendOnLink(link: Link, query: pg.QueryConfig): Promise<void> {
  const { client } = link
  if (!client) throw new Error(`the connection for ${link.options.purpose} is not up`)
  link.busy = true
  try {
    await withTimeout(link.options.heartbeatEvery, client.query(query))
  } catch (error) {
    drop(client)
    throw error
  } finally {
    link.busy = false
  }
}

async function keepUp(link: Link): Promise<void> {
  // What was said last, so that a fault that lasts, such as a standby that has no LISTEN, is said once and not every few seconds.
  let said: string | null = null
  for (let rest = firstPause; !link.stop.signal.aborted; rest = Math.min(rest * 2, longestPause)) {
    const since = Date.now()
    try {
      await runSession(link)
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error)
      if (Date.now() - since > longestPause || fault !== said) warn(link.options, error)
      said = fault
    }
    if (Date.now() - since > longestPause) rest = firstPause
    await pause(rest, link.stop.signal)
  }
}

function warn({ logger, purpose }: LinkOptions, error: unknown): void {
  logger.warn(
    { err: error },
    `the connection for ${purpose} was lost and is opened again; said once until something changes`,
  )
}

/** From connecting to the loss of the connection. */
async function runSession(link: Link): Promise<void> {
  const { connect, prepare, onUp, heartbeatEvery } = link.options
  const client = connect()
  const over = new AbortController()
  const lost = lossOf(client, link.stop.signal, over.signal)
  try {
    await Promise.race([lost, withTimeout(heartbeatEvery, openSession(client, prepare))])
    if (link.stop.signal.aborted) return
    link.client = client
    onUp()
    await beat(link, lost)
  } finally {
    link.client = null
    over.abort()
    drop(client)
  }
}

async function openSession(client: pg.Client, prepare: LinkOptions['prepare']): Promise<void> {
  await client.connect()
  await prepare?.(client)
}

/** A link whose other end disappeared silently gives no error: only an unanswered query shows it. */
async function beat(link: Link, lost: Promise<void>): Promise<void> {
  while (!link.stop.signal.aborted) {
    await Promise.race([lost, pause(link.options.heartbeatEvery, link.stop.signal)])
    if (!link.busy && !link.stop.signal.aborted) await Promise.race([lost, sendOnLink(link, { text: 'SELECT 1' })])
  }
}

/** Rejects when the connection is lost, resolves when the link is closed. `over` removes its listeners for both. */
function lossOf(client: pg.Client, closed: AbortSignal, over: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  client.on('error', reject)
  client.on('end', () => reject(new Error('the server closed the connection')))
  closed.addEventListener('abort', () => resolve(), { once: true, signal: over })
  promise.catch(() => undefined)
  return promise
}

/** `end` waits for the other side, which may be gone. These connections do not need a clean end. */
function drop(client: pg.Client): void {
  client.connection.stream.destroy()
}
