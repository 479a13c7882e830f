/** Writes rows into the tables of a new generation, by COPY. */

import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Pool, PoolClient } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { type CopyTarget, copyHeader, copyTrailer } from '../../copy-binary.ts'

/** A running COPY. */
export interface Copy {
  /**
   * Takes rows in the binary format of COPY. Resolves when more can be written, at the pace of the database. @throws what the COPY fails
   * with
   */
  write(rows: Uint8Array): Promise<void>
}

interface State {
  readonly stream: Writable
  /** Settles when the COPY has ended or failed. */
  readonly end: Promise<void>
  /** A failed COPY must not be written to; `end` has the reason. */
  failed: boolean
}

/**
 * Lets `write` fill the tables, each by one COPY on its own connection, which is one transaction. Resolves when all rows are committed.
 * @throws any error of the database; the tables are then partly filled, or not at all
 */
export async function copyInto(
  pool: Pool,
  targets: readonly CopyTarget[],
  write: (copies: readonly Copy[]) => Promise<void>,
): Promise<void> {
  const clients: PoolClient[] = []
  let broken = true
  try {
    const states: State[] = []
    for (const target of targets) {
      const client = await pool.connect()
      clients.push(client)
      states.push(begin(client, target))
    }
    await write(states.map((state) => ({ write: (rows) => writeRows(state, rows) })))
    await Promise.all(states.map(endCopy))
    broken = false
  } finally {
    // An unfinished COPY leaves its connection in the middle of it.
    for (const client of clients) client.release(broken)
  }
}

function begin(client: PoolClient, { table, types }: CopyTarget): State {
  const columns = Object.keys(types).join(', ')
  const stream = client.query(copyFrom(`COPY ${table} (generation, ${columns}) FROM STDIN (FORMAT binary)`))
  stream.write(copyHeader)
  const end = finished(stream)
  // Checked when more is written, and at the end; until then a failure must not count as unhandled.
  end.catch(() => {})
  const state: State = { stream, end, failed: false }
  stream.once('error', () => {
    state.failed = true
  })
  return state
}

async function writeRows(state: State, rows: Uint8Array): Promise<void> {
  const { stream, end } = state
  if (state.failed) await end
  if (rows.length > 0 && !stream.write(rows)) await Promise.race([once(stream, 'drain'), end])
}

async function endCopy({ stream, end, failed }: State): Promise<void> {
  if (!failed) stream.end(copyTrailer)
  await end
}
