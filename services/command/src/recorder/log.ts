import {
  type Appended,
  appendEvents,
  appendNothing,
  classifyFault,
  type EventToAppend,
  haltedState,
  readKeys,
  readLogIdentity,
  readStreams,
  sqlState,
  withTimeout,
} from '@commitments/event-store'
import type { Pool, PoolClient } from 'pg'
import { Unavailable } from './requests.ts'

/** The recorder's view of the log. */
export interface Log {
  /**
   * One call of append_events.
   *
   * @throws NotSent if there was no connection: certainly nothing was recorded
   * @throws the driver's errors otherwise; `classifyFault` says what each one means
   */
  append(events: readonly EventToAppend[], options?: AppendOptions): Promise<Appended[]>
  /**
   * Every line of each stream, in order of version; a proposal that does not exist has no entry.
   *
   * @throws Unavailable, like every read
   */
  readStreams(proposalIds: readonly string[]): Promise<Map<string, string[]>>
  /** The recorded line of each known key, by its digest. */
  readKeys(digests: readonly string[]): Promise<Map<string, string>>
  /** The identity of the log. */
  readIdentity(): Promise<string>
  /** The first append that got no answer since the last that got one; null if the last one got one. */
  readonly unanswered: Unanswered | null
  /**
   * Finds out whether the log takes writes, without writing. If it does, nothing is unanswered any more.
   *
   * @throws NotSent, and the driver's errors
   */
  probe(): Promise<void>
}

interface Unanswered {
  /** On the clock of `performance`. */
  readonly since: number
  readonly cause: unknown
}

interface AppendOptions {
  readonly allOrNone?: boolean
  /** Milliseconds that this attempt may take; the log also has its own limit. */
  readonly withinMs?: number
}

/** There was no connection, so nothing was sent. */
export class NotSent extends Error {
  override readonly name = 'NotSent'
}

export interface LogTimeouts {
  /** How long one attempt may take before its connection is abandoned and the batch sent again over another. */
  readonly tryMs: number
  readonly readMs: number
}

/** Two attempts fit into the ten seconds for which a batch is sent again. */
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
  let unanswered: Unanswered | null = null
  /** Refusals of the content, and of a log that is halted, are answers too. */
  const noting = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      const result = await work
      unanswered = null
      return result
    } catch (cause) {
      const isAnswer = classifyFault(cause) === 'content' || sqlState(cause) === haltedState
      unanswered = isAnswer ? null : { since: unanswered?.since ?? performance.now(), cause }
      throw cause
    }
  }
  return {
    get unanswered() {
      return unanswered
    },
    append(events, { allOrNone = false, withinMs = timeouts.tryMs } = {}) {
      const limit = Math.min(withinMs, timeouts.tryMs)
      return noting(withConnection(pool, limit, (client) => appendEvents(client, events, { allOrNone })))
    },
    probe: () => noting(withConnection(pool, timeouts.tryMs, appendNothing)),
    readStreams: (proposalIds) => read((client) => readStreams(client, proposalIds)),
    readKeys: async (digests) => (digests.length === 0 ? new Map() : read((client) => readKeys(client, digests))),
    readIdentity: () => read(async (client) => (await readLogIdentity(client)).logId),
  }
}

/**
 * Runs one piece of work on its own connection. If the work fails or takes too long, the connection is closed and never used again: a late
 * answer must not be taken for the next one's. The statement itself is not cancelled, because cancelling a commit that waits for its
 * standby would report success for something that the standby does not have.
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
    // If it still arrives, return it to the pool.
    connecting.then((client) => client.release()).catch(() => {})
    throw new NotSent('no connection to the database', { cause })
  }
}

/** The identity of the log that is written to, as last read. */
export interface KnownIdentity {
  logId: string
  /** On the clock of `performance`. */
  readAt: number
}

/** An accepted restore is noticed within a second, even by a service whose connections outlive it. */
const readIdentityEveryMs = 1_000

/**
 * Whether the log is another one than at the last look, as after an accepted restore. Then everything in memory is about events that may
 * never have existed.
 *
 * @throws Unavailable if the log cannot be read
 */
export async function isAnotherLog(log: Log, identity: KnownIdentity): Promise<boolean> {
  if (performance.now() - identity.readAt < readIdentityEveryMs) return false
  const logId = await log.readIdentity()
  const isAnother = logId !== identity.logId
  identity.logId = logId
  identity.readAt = performance.now()
  return isAnother
}
