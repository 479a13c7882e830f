/** The log in the order of streams: each proposal's lines together, one proposal after the other, in bounded memory. */
import { StringDecoder } from 'node:string_decoder'
import { escapeLiteral, type Pool, type PoolClient } from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import type { LogLine } from '../projector/apply.ts'

export interface Stream {
  readonly proposalId: string
  readonly entries: readonly LogLine[]
}

/** Lines of one COPY: no statement of a rebuild is a long one. */
const range = 20_000

/**
 * Every stream as it stood at position `upTo`, by proposal id. The log never changes, so no long transaction is needed
 * to see it as it was. One stream must fit into memory, and little more: nothing is read faster than it is taken.
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

async function* ranges(client: PoolClient, upTo: number): AsyncGenerator<LogLine[]> {
  let last: LogLine | undefined
  for (;;) {
    let count = 0
    for await (const lines of readRange(client, last, upTo)) {
      count += lines.length
      last = lines.at(-1) ?? last
      yield lines
    }
    if (count < range) return
  }
}

/** COPY takes no parameters; the id is quoted as a literal, and the rest are numbers. */
async function* readRange(client: PoolClient, after: LogLine | undefined, upTo: number): AsyncGenerator<LogLine[]> {
  const from = `(${escapeLiteral(after?.proposalId ?? '')}, ${after?.version ?? 0})`
  const rows = client.query(
    copyTo(`COPY (SELECT proposal_id, version, position, line FROM events
      WHERE (proposal_id, version) > ${from} AND position <= ${upTo}
      ORDER BY proposal_id, version LIMIT ${range}) TO STDOUT`),
  )
  // When the connection is closed under an unfinished COPY, node-postgres reports it to the stream, which nobody listens to any more.
  rows.on('error', () => undefined)
  const decoder = new StringDecoder('utf8')
  let begun = ''
  for await (const chunk of rows) {
    const text = begun + decoder.write(chunk as Buffer)
    const end = text.lastIndexOf('\n') + 1
    begun = text.slice(end)
    if (end > 0) yield readRows(text.slice(0, end - 1))
  }
}

/** Rows in the text format of COPY (PostgreSQL documentation, COPY, Text Format), separated by LF. */
function readRows(text: string): LogLine[] {
  return text.split('\n').map((row) => {
    const [proposalId = '', version, position, line = ''] = row.split('\t')
    return { proposalId: plain(proposalId), version: Number(version), position: Number(position), line: plain(line) }
  })
}

function plain(text: string): string {
  return text.includes('\\') ? text.replace(/\\(.)/g, (_all, letter: string) => escapes[letter] ?? letter) : text
}

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

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
