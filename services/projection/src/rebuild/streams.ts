/** The log in the order of streams: each proposal's lines together, one proposal after the other, in bounded memory. */
import type { Pool, PoolClient } from 'pg'
import type { LogLine } from '../projector/apply.ts'

export interface Stream {
  readonly proposalId: string
  readonly entries: readonly LogLine[]
}

/** Lines of one read, and their bytes: small enough that a service which rebuilds still answers between two. */
const range = 1_000
const rangeBytes = 2 * 1024 * 1024

const rangeQuery = {
  name: 'read-streams-range',
  text: `SELECT "proposalId", version, position, line FROM (
      SELECT proposal_id AS "proposalId", version, position, line,
        sum(octet_length(line)) OVER (ORDER BY proposal_id, version ROWS UNBOUNDED PRECEDING) - octet_length(line) AS before
        FROM events WHERE (proposal_id, version) > ($1, $2) AND position <= $3
       ORDER BY proposal_id, version LIMIT ${range}) e
    WHERE before < ${rangeBytes} ORDER BY "proposalId", version`,
}

/**
 * Every stream as it stood at position `upTo`, by proposal id. The log never changes, so no long transaction is needed
 * to see it as it was. One stream must fit into memory, nothing more.
 */
export async function* streamsInOrder(pool: Pool, upTo: number): AsyncGenerator<Stream> {
  const client = await pool.connect()
  try {
    // By the index: a sort of the whole log would go to disk before the first line came out.
    await client.query('SET enable_sort = off; SET enable_seqscan = off; SET enable_bitmapscan = off; SET jit = off')
    yield* grouped(ranges(client, upTo))
  } finally {
    // Not given back to the pool with these settings.
    client.release(true)
  }
}

/** The next range is asked for before the last one is worked on, so that database and fold work side by side. */
async function* ranges(client: PoolClient, upTo: number): AsyncGenerator<LogLine[]> {
  let coming = readRange(client, ['', 0], upTo)
  for (;;) {
    const lines = await coming
    const last = lines.at(-1)
    if (last === undefined) return
    coming = readRange(client, [last.proposalId, last.version], upTo)
    // Should the consumer stop here, nobody awaits this one any more.
    coming.catch(() => {})
    yield lines
  }
}

async function readRange(
  client: PoolClient,
  [proposalId, version]: [string, number],
  upTo: number,
): Promise<LogLine[]> {
  const { rows } = await client.query({ ...rangeQuery, values: [proposalId, version, upTo] })
  return rows
}

/** Cuts ranges of lines into streams, whatever the edges of the ranges are. */
export async function* grouped(ranges: AsyncIterable<LogLine[]>): AsyncGenerator<Stream> {
  let entries: LogLine[] = []
  for await (const lines of ranges) {
    for (const line of lines) {
      const proposalId = entries[0]?.proposalId
      if (proposalId !== undefined && proposalId !== line.proposalId) {
        yield { proposalId, entries }
        entries = []
      }
      entries.push(line)
    }
  }
  const proposalId = entries[0]?.proposalId
  if (proposalId !== undefined) yield { proposalId, entries }
}
