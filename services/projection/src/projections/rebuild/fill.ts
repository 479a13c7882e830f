/** Fills a generation in bulk: what the projector's steps would have written, without their round trips. */
import { drained } from '@commitments/domain'
import type { Pool } from 'pg'
import { type CopyTarget, createRowBytes, putRow, type RowBytes } from '../../copy-binary.ts'
import { type IdRange, streamsInOrder } from '../../streams/streams-in-order.ts'
import { type Projection, targetsOf } from '../projection.ts'
import { type Copy, copyInto } from './copy-rows.ts'

export interface FillOptions {
  readonly pool: Pool
  readonly projection: Projection
  readonly generation: number
  /** Of the ledger. */
  readonly timeZone: string
  /** The last position that is folded. */
  readonly upTo: number
  /** Called with the number of further events that are folded. */
  readonly onFolded: (events: number) => void
  /** The ids whose streams are folded, range by range; each range is taken when the previous one is done. Absent: all ids. */
  readonly ranges?: Iterable<IdRange>
  /** Stops the fill early. */
  readonly signal?: AbortSignal
}

/** Bytes of COPY collected before they are sent. */
const chunkSize = 192 * 1024

/** Room for rows that exceed the chunk. */
const moreThanChunk = 16 * 1024

/**
 * Writes the log up to the position into the tables.
 * @throws any error of the database, or the reason of the signal
 */
export async function fill(options: FillOptions): Promise<void> {
  const { pool, projection, generation } = options
  const targets = targetsOf(projection, generation)
  await copyInto(pool, targets, (copies) => foldInto(options, targets, copies))
}

async function foldInto(
  { pool, projection, timeZone, upTo, onFolded, ranges, signal }: FillOptions,
  targets: readonly CopyTarget[],
  copies: readonly Copy[],
): Promise<void> {
  const tables = targets.map((target, index) => ({ target, copy: copies[index] as Copy, rows: emptyChunk() }))
  for await (const streams of streamsInOrder(pool, projection.name, upTo, ranges)) {
    signal?.throwIfAborted()
    const rows = drained(projection.rowsOf(streams, timeZone))
    for (const [index, table] of tables.entries()) {
      for (const row of rows[index] ?? []) {
        putRow(table.rows, table.target, row)
        if (table.rows.length >= chunkSize) await flush(table)
      }
    }
    onFolded(streams.reduce((events, { entries }) => events + entries.length, 0))
  }
  for (const table of tables) await flush(table)
}

function emptyChunk(): RowBytes {
  return createRowBytes(chunkSize + moreThanChunk)
}

/** From now on, the bytes belong to the connection, which may send them later. */
async function flush(table: { readonly copy: Copy; rows: RowBytes }): Promise<void> {
  const { buffer, length } = table.rows
  table.rows = emptyChunk()
  await table.copy.write(buffer.subarray(0, length))
}
