import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool, PoolClient } from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { contentOf } from './copy-content.ts'
import { readHead } from './read-log.ts'

/** How many positions one COPY reads: some megabytes, so that a download holds a connection briefly and queries rarely. */
const rangeLength = 5_000

/**
 * The lines after position `after` up to and including `upTo`, each with its LF, as the bytes of the log, in chunks of any length. Read the
 * head first and pass it as `upTo`: everything up to it can be read, whatever is appended meanwhile.
 *
 * A connection of the pool is held during a range and released between ranges. Nothing more is read than is consumed. A consumer that stops
 * early costs the pool the connection of the interrupted range.
 */
export async function* streamLog(
  pool: Pick<Pool, 'connect'>,
  { after, upTo }: { after: number; upTo: number },
): AsyncGenerator<Buffer, void, undefined> {
  assertPositions(after, upTo)
  for (let from = after; from < upTo; from += rangeLength) {
    yield* streamRange(pool, from, Math.min(from + rangeLength, upTo))
  }
}

/** Milliseconds between two looks for a server that has the range, and how many looks. */
const lookAgain = { every: 100, times: 50 }

async function* streamRange(pool: Pick<Pool, 'connect'>, from: number, to: number): AsyncGenerator<Buffer, void> {
  const client = await connectToOneWith(pool, to)
  let complete = false
  try {
    const rows = client.query(copyTo(copyStatement(from, to, linesOfRow(await longestLine(client, from, to)))))
    // If the connection is closed during an unfinished COPY, node-postgres reports it to the stream, which nobody listens to any more.
    rows.on('error', () => undefined)
    yield* contentOf(rows as AsyncIterable<Buffer>)
    complete = true
  } finally {
    // In the middle of a COPY, a connection cannot be used for anything else.
    client.release(!complete)
  }
}

/**
 * A connection to a server that has the log up to the position. Connections of a pool can lead to several standbys, and one that has less
 * than the others would leave a gap in the middle of a download.
 */
async function connectToOneWith(pool: Pick<Pool, 'connect'>, position: number): Promise<PoolClient> {
  for (let looks = 1; ; looks += 1) {
    const client = await pool.connect()
    try {
      const { position: last } = await readHead(client)
      if (last >= position) return client
      if (looks === lookAgain.times) throw new Error(`The log ends at position ${last}, before ${position}.`)
    } catch (error) {
      client.release(true)
      throw error
    }
    client.release()
    await sleep(lookAgain.every)
  }
}

/**
 * Lines of one row of a COPY. The server puts a row together in memory, in some five copies, so that rows of long lines have fewer of them: a
 * row has at most 2 MiB.
 *
 * @param longest bytes of the longest line
 */
export function linesOfRow(longest: number): number {
  return Math.max(1, Math.min(256, Math.floor(2 ** 21 / (longest + 1))))
}

/** In bytes; 0 where there is no line. The server reads no line for this that it has stored apart because it is long. */
async function longestLine(client: PoolClient, from: number, to: number): Promise<number> {
  const { rows } = await client.query<{ longest: number }>({
    name: 'longest-line',
    text: 'SELECT coalesce(max(octet_length(line)), 0) AS longest FROM events WHERE position > $1 AND position <= $2',
    values: [from, to],
  })
  return rows[0]?.longest ?? 0
}

/**
 * Many lines in a row, in the binary format. In the other formats the server looks at every byte for what it would have to escape, and the driver takes
 * each line from the connection by itself; both together cost more than everything else (docs/decisions/0049-rows-that-resist.md). COPY takes no
 * parameters; all three are checked integers.
 */
function copyStatement(from: number, to: number, lines: number): string {
  return `COPY (SELECT lines
    FROM (SELECT before FROM generate_series(${from}::bigint, ${to - 1}::bigint, ${lines}) AS before ORDER BY before) starts
    CROSS JOIN LATERAL (SELECT coalesce(string_agg(line, E'\\n' ORDER BY position) || E'\\n', '') AS lines FROM events
      WHERE position > before AND position <= least(before + ${lines}, ${to})) together
    ORDER BY before) TO STDOUT (FORMAT binary)`
}

function assertPositions(...positions: number[]): void {
  const wrong = positions.find((position) => !Number.isSafeInteger(position) || position < 0)
  if (wrong !== undefined) throw new RangeError(`a position is a whole number from 0, not ${wrong}`)
}
