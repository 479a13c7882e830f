import type { Pool } from 'pg'
import { withTimeout } from './background.ts'
import { appendedChannel } from './ledger.ts'
import { type StoreLogger, silentLogger } from './queryable.ts'

/** Tells followers how far the log reaches. A hint, never a promise: followers also look. */
export interface Announcer {
  /** Call it after the commit. Never throws and never waits; of many calls during one notification only the highest position is sent. */
  announce(position: number): void
}

interface AnnounceOptions {
  readonly pool: Pool
  readonly ledger: string
  readonly logger?: StoreLogger
}

/**
 * The notification comes once its own transaction is committed. That has nothing to keep, so it does not wait until it is on disk, or on a
 * standby.
 */
const announcement = {
  name: 'announce',
  text: `SELECT pg_notify($1, $2), set_config('synchronous_commit', 'off', true)`,
}

/** Milliseconds for one notification. */
const limit = 5_000

interface State extends AnnounceOptions {
  latest: number
  sent: number
  sending: boolean
}

/**
 * Sends NOTIFY after the commit: inside the append it would hold a lock of the whole instance until the commit is durable. A notification
 * that cannot be sent is left out; the next one says more.
 */
export function startAnnouncer(options: AnnounceOptions): Announcer {
  const state: State = { ...options, latest: 0, sent: 0, sending: false }
  return {
    announce: (position) => {
      state.latest = Math.max(state.latest, position)
      void send(state)
    },
  }
}

async function send(state: State): Promise<void> {
  if (state.sending) return
  state.sending = true
  try {
    while (state.sent < state.latest) await sendLatest(state)
  } catch (error) {
    const { logger = silentLogger, latest } = state
    logger.warn({ err: error, position: latest }, 'a position could not be announced')
  } finally {
    state.sending = false
  }
}

async function sendLatest(state: State): Promise<void> {
  const { latest: position, pool, ledger } = state
  const client = await pool.connect()
  let broken = true
  try {
    await withTimeout(limit, client.query({ ...announcement, values: [appendedChannel(ledger), String(position)] }))
    state.sent = position
    broken = false
  } finally {
    client.release(broken)
  }
}
