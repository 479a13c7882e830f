/** The log in the order of streams: the lines of each proposal together, one proposal after the other, in bounded memory. */

import { escapeLiteral, type Pool, type PoolClient } from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { copyHeader, readLines } from '../copy-binary.ts'
import { type ProjectionName } from '../projection-names.ts'
import { type LogLine } from './log-line.ts'
import { cutAt, readSetAside } from './read-set-aside.ts'

export interface Stream {
  readonly proposalId: string
  readonly entries: readonly LogLine[]
}

/** Proposals from one id to another, in byte order. */
export interface IdRange {
  readonly from: string
  /** Exclusive; null if there is no end. */
  readonly before: string | null
}

const allIds: IdRange = { from: '', before: null }

/** Lines of one COPY, so that no statement of a rebuild is long. */
const linesAtOnce = 20_000

/**
 * Every stream of the ranges as it was at position `upTo`: range after range, and in each by proposal id; streams that arrive together are
 * returned together. The log never changes, so no long transaction is needed to see it as it was. One stream must fit into memory, and
 * little more: nothing is read faster than it is taken, and a range is taken when the one before it has been read.
 */
export async function* streamsInOrder(
  pool: Pool,
  projection: ProjectionName,
  upTo: number,
  ranges: Iterable<IdRange> = [allIds],
): AsyncGenerator<Stream[]> {
  const client = await pool.connect()
  try {
    const aside = await readSetAside(client, projection)
    // By the index: a sort of the whole log would go to disk before the first line came out.
    await client.query('SET enable_sort = off; SET enable_seqscan = off; SET enable_bitmapscan = off; SET jit = off')
    for (const range of ranges) yield* grouped(withoutSetAside(linesOf(client, range, upTo), aside))
  } finally {
    // Not returned to the pool with these settings.
    client.release(true)
  }
}

/** An event that was set aside is left out, and so is everything after it in its stream. */
async function* withoutSetAside(
  ranges: AsyncIterable<LogLine[]>,
  aside: ReadonlyMap<string, number>,
): AsyncGenerator<LogLine[]> {
  for await (const lines of ranges) yield aside.size === 0 ? lines : lines.flatMap((line) => cutAt(line, aside))
}

async function* linesOf(client: PoolClient, range: IdRange, upTo: number): AsyncGenerator<LogLine[]> {
  let last: LogLine | undefined
  for (;;) {
    let count = 0
    for await (const lines of readSome(client, range, last, upTo)) {
      count += lines.length
      last = lines.at(-1) ?? last
      yield lines
    }
    if (count < linesAtOnce) return
  }
}

/** COPY takes no parameters; ids are quoted as literals, and the rest are numbers. */
async function* readSome(
  client: PoolClient,
  { from, before }: IdRange,
  after: LogLine | undefined,
  upTo: number,
): AsyncGenerator<LogLine[]> {
  const begin = `(${escapeLiteral(after?.proposalId ?? from)}, ${after?.version ?? 0})`
  const end = before === null ? '' : `AND proposal_id < ${escapeLiteral(before)}`
  const rows = client.query(
    copyTo(`COPY (SELECT proposal_id, version, position, line FROM events
      WHERE (proposal_id, version) > ${begin} ${end} AND position <= ${upTo}
      ORDER BY proposal_id, version LIMIT ${linesAtOnce}) TO STDOUT (FORMAT binary)`),
  )
  // If the connection is closed during an unfinished COPY, node-postgres reports it to the stream, which nobody listens to any more.
  rows.on('error', () => undefined)
  let unread: Buffer = noBytes
  let at = copyHeader.length
  for await (const chunk of rows as AsyncIterable<Buffer>) {
    const bytes: Buffer = unread.length === 0 ? chunk : Buffer.concat([unread, chunk])
    const lines: LogLine[] = []
    at = readLines(bytes, at, lines)
    if (lines.length > 0) yield lines
    unread = bytes.subarray(at)
    at = Math.max(0, at - bytes.length)
  }
}

const noBytes = Buffer.alloc(0)

/** Divides ranges of lines into streams, whatever the borders of the ranges are, and returns the streams that a range completes. */
export async function* grouped(ranges: AsyncIterable<LogLine[]>): AsyncGenerator<Stream[]> {
  let last = null as Open | null
  for await (const lines of ranges) {
    const whole: Stream[] = []
    for (const line of lines) {
      if (last?.proposalId !== line.proposalId) {
        if (last) whole.push(last)
        last = { proposalId: line.proposalId, entries: [] }
      }
      last.entries.push(line)
    }
    if (whole.length > 0) yield whole
  }
  if (last) yield [last]
}

/** Puts streams together until there are at least so many, for callers that pay a round trip for each batch. */
export async function* inBatches(all: AsyncIterable<Stream[]>, size: number): AsyncGenerator<Stream[]> {
  let batch: Stream[] = []
  for await (const streams of all) {
    batch.push(...streams)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** A stream that more lines may belong to. */
interface Open extends Stream {
  readonly entries: LogLine[]
}
