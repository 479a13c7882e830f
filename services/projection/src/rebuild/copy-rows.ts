/** Rows into the table of a new generation, by COPY. */

import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Pool } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { Row } from '../projector/row.ts'
import { rowColumns, rowTypes } from '../projector/write.ts'

/** Text of COPY collected before it is sent, in UTF-16 units. */
const chunkLength = 128 * 1024

/** Writes all rows, in one transaction, into the table of a generation that is not attached yet. */
export async function copyRows(pool: Pool, generation: number, rows: AsyncIterable<Row>): Promise<void> {
  const client = await pool.connect()
  let broken = true
  try {
    const columns = ['generation', ...rowColumns].join(', ')
    const stream = client.query(copyFrom(`COPY proposal_status_${generation} (${columns}) FROM STDIN`))
    await writeAll(stream, generation, rows)
    broken = false
  } finally {
    // A COPY that was not finished leaves the connection in the middle of it.
    client.release(broken)
  }
}

async function writeAll(stream: Writable, generation: number, rows: AsyncIterable<Row>): Promise<void> {
  const end = finished(stream)
  // Looked at again below; until then a failure here must not count as unhandled.
  end.catch(() => {})
  let refused = false
  stream.once('error', () => {
    refused = true
  })
  let chunk = ''
  for await (const row of rows) {
    chunk += `${generation}\t${copyLine(row)}`
    if (chunk.length < chunkLength) continue
    // A COPY that has failed must not be written to; why it failed, `end` says.
    if (refused) break
    if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), end])
    chunk = ''
  }
  if (!refused) stream.end(chunk)
  await end
}

/** One row in the text format of COPY (PostgreSQL documentation, COPY, Text Format). */
export function copyLine(row: Row): string {
  return `${rowColumns.map((name) => copyValue(row[name], rowTypes[name])).join('\t')}\n`
}

function copyValue(value: Row[keyof Row], type: string): string {
  if (value === null) return '\\N'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return escaped(value)
  return escaped(type === 'jsonb' ? JSON.stringify(value) : arrayText(value as string[]))
}

/** An array literal of text or days, every member in quotes. */
function arrayText(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`).join(',')}}`
}

const special = /[\\\t\n\r]/g
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

function escaped(text: string): string {
  return text.replace(special, (character) => escapes[character] as string)
}
