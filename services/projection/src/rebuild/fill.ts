/** Fills a generation in bulk: what the projector's steps would have written, without their round trips. */
import type { Pool } from 'pg'
import type { Projection } from '../projector/projection.ts'
import { type Copy, type CopyTarget, copyInto, copyLine } from './copy-rows.ts'
import { streamsInOrder } from './streams.ts'

export interface FillOptions {
  readonly pool: Pool
  readonly projection: Projection
  readonly generation: number
  /** Of the ledger. */
  readonly timeZone: string
  /** The last position that is folded. */
  readonly upTo: number
  /** Told of the events of each stream once they are folded. */
  readonly onFolded: (events: number) => void
}

/** Text of COPY collected before it is sent, in UTF-16 units. */
const chunkLength = 128 * 1024

/** Writes the whole log up to the position into the tables. @throws what the database throws */
export async function fill(options: FillOptions): Promise<void> {
  const { pool, projection, generation } = options
  const targets = projection.targets(generation)
  await copyInto(pool, targets, (copies) => foldInto(options, targets, copies))
}

async function foldInto(
  { pool, projection, timeZone, upTo, onFolded }: FillOptions,
  targets: readonly CopyTarget[],
  copies: readonly Copy[],
): Promise<void> {
  const tables = targets.map((target, index) => ({ target, copy: copies[index] as Copy, text: '' }))
  for await (const { entries } of streamsInOrder(pool, upTo)) {
    const rows = projection.rowsOf(entries, timeZone)
    for (const [index, table] of tables.entries()) {
      for (const row of rows[index] ?? []) table.text += copyLine(table.target, row)
      if (table.text.length >= chunkLength) await flush(table)
    }
    onFolded(entries.length)
  }
  for (const table of tables) await flush(table)
}

async function flush(table: { readonly copy: Copy; text: string }): Promise<void> {
  const { copy, text } = table
  table.text = ''
  await copy.write(Buffer.from(text))
}
