import { appendEvents, readEvent, readKeys, readStreams } from '@commitments/event-store'
import type { Pool, PoolClient } from 'pg'
import { type Log, NotSent } from './log.ts'

export interface LogTimeouts {
  /** How long one try may take before its connection is given up and the batch sent again over another. */
  readonly tryMs: number
  readonly readMs: number
}

/** Two tries fit into the ten seconds within which a lost answer is settled. */
export const logTimeouts: LogTimeouts = { tryMs: 4_000, readMs: 4_000 }

/** The log behind a pool of connections to Postgres. */
export function openLog(pool: Pool, timeouts: LogTimeouts = logTimeouts): Log {
  const read = <Result>(work: (client: PoolClient) => Promise<Result>) => withConnection(pool, timeouts.readMs, work)
  return {
    append: (events, options) =>
      withConnection(pool, timeouts.tryMs, (client) => appendEvents(client, events, options ?? {})),
    readStreams: (proposalIds) => read((client) => readStreams(client, proposalIds)),
    readKeys: (digests) => read((client) => readKeys(client, digests)),
    readEvent: (proposalId, version) => read((client) => readEvent(client, proposalId, version)),
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
  const client = await pool.connect().catch((cause: unknown) => {
    throw new NotSent('no connection to the database', { cause })
  })
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer from the database within ${limitMs} ms`)), limitMs)
  })
  try {
    const result = await Promise.race([work(client), tooLong])
    client.release()
    return result
  } catch (error) {
    client.release(true)
    throw error
  } finally {
    clearTimeout(timer)
  }
}
