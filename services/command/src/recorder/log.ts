import {
  type Appended,
  appendEvents,
  type EventToAppend,
  readKeys,
  readLogIdentity,
  readStreams,
  withTimeout,
} from '@commitments/event-store'
import type { Pool, PoolClient } from 'pg'
import { Unavailable } from './requests.ts'

/** What the recorder asks of the log. */
export interface Log {
  /**
   * One call of append_events.
   * @throws NotSent where no connection could be had: certainly nothing was recorded
   * @throws the driver's errors as they are otherwise; `classifyFault` tells what each one means
   */
  append(events: readonly EventToAppend[], options?: AppendOptions): Promise<Appended[]>
  /**
   * Every line of each stream, in order of version; a proposal that does not exist has no entry.
   * @throws Unavailable, as every read does
   */
  readStreams(proposalIds: readonly string[]): Promise<Map<string, string[]>>
  /** The recorded line of each key that is known, by its digest. */
  readKeys(digests: readonly string[]): Promise<Map<string, string>>
  /** The identity of the log. */
  readIdentity(): Promise<string>
}

interface AppendOptions {
  readonly allOrNone?: boolean
  /** How long this try may take, in milliseconds; the log has a limit of its own as well. */
  readonly withinMs?: number
}

/** No connection could be had, so nothing was sent. */
export class NotSent extends Error {
  override readonly name = 'NotSent'
}

export interface LogTimeouts {
  /** How long one try may take before its connection is given up and the batch sent again over another. */
  readonly tryMs: number
  readonly readMs: number
}

/** Two tries fit into the ten seconds for which a batch is sent again. */
const defaultTimeouts: LogTimeouts = { tryMs: 4_000, readMs: 4_000 }

/** The log behind a pool of connections to Postgres. */
export function openLog(pool: Pool, timeouts: LogTimeouts = defaultTimeouts): Log {
  const read = async <Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result> => {
    try {
      return await withConnection(pool, timeouts.readMs, work)
    } catch (cause) {
      throw new Unavailable('the log cannot be read', { cause })
    }
  }
  return {
    append(events, { allOrNone = false, withinMs = timeouts.tryMs } = {}) {
      const limit = Math.min(withinMs, timeouts.tryMs)
      return withConnection(pool, limit, (client) => appendEvents(client, events, { allOrNone }))
    },
    readStreams: (proposalIds) => read((client) => readStreams(client, proposalIds)),
    readKeys: async (digests) => (digests.length === 0 ? new Map() : read((client) => readKeys(client, digests))),
    readIdentity: () => read(async (client) => (await readLogIdentity(client)).logId),
  }
}

/**
 * Runs one piece of work on a connection of its own. A connection whose work failed or took too long is closed and never used again:
 * an answer that comes late must not be taken for the next one's. The statement itself is not cancelled, since cancelling a commit
 * that waits for its standby would report as done what the standby does not have.
 */
async function withConnection<Result>(
  pool: Pool,
  limitMs: number,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  const began = performance.now()
  const client = await connectWithin(pool, limitMs)
  try {
    const result = await withTimeout(limitMs - (performance.now() - began), work(client))
    client.release()
    return result
  } catch (error) {
    client.release(true)
    throw error
  }
}

/** @throws NotSent */
async function connectWithin(pool: Pool, limitMs: number): Promise<PoolClient> {
  const connecting = pool.connect()
  try {
    return await withTimeout(limitMs, connecting)
  } catch (cause) {
    // It may come yet, and belongs back into the pool then.
    connecting.then((client) => client.release()).catch(() => {})
    throw new NotSent('no connection to the database', { cause })
  }
}

/** Which log is written to, as last read. */
export interface KnownIdentity {
  logId: string
  /** On the clock of `performance`. */
  readAt: number
}

/** An accepted restore is seen within a second, also by a service whose connections outlive it. */
const readIdentityEveryMs = 1_000

/**
 * Whether the log is another one than it was when last looked at, as it is after an accepted restore: then everything in memory is about events
 * that may never have been.
 *
 * @throws Unavailable where the log cannot be read
 */
export async function isAnotherLog(log: Log, identity: KnownIdentity): Promise<boolean> {
  if (performance.now() - identity.readAt < readIdentityEveryMs) return false
  const logId = await log.readIdentity()
  const isAnother = logId !== identity.logId
  identity.logId = logId
  identity.readAt = performance.now()
  return isAnother
}
