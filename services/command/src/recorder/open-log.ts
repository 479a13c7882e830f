import { appendEvents, readKeys, readLogIdentity, readStreams, withTimeout } from '@commitments/event-store'
import type { Pool, PoolClient } from 'pg'
import { Unavailable } from './faults.ts'
import { type Log, NotSent } from './log.ts'

export interface LogTimeouts {
  /** How long one try may take before its connection is given up and the batch sent again over another. */
  readonly tryMs: number
  readonly readMs: number
}

/** Two tries fit into the ten seconds within which a lost answer is settled. */
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
    readKeys: (digests) => read((client) => readKeys(client, digests)),
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
