/** Lines of bytes, for NDJSON: bounded memory, no decoding (a decoder would hide broken UTF-8 behind U+FFFD). */
import { Readable } from 'node:stream'

export const ndjson = 'application/x-ndjson'

/** Numbers count from 1 and include blank lines. */
export type Line =
  | { number: number; bytes: Buffer; tooLarge?: never }
  | { number: number; tooLarge: true; bytes?: never }

interface Splitter {
  readonly maxBytes: number
  number: number
  /** Beginning of a line whose end has not come yet, and its size; dropped once it is too large. */
  pending: Buffer[]
  size: number
}

const lineFeed = 0x0a
const carriageReturn = 0x0d

/**
 * The lines of a stream, ended by LF or CR LF (the last one perhaps by neither), without their ends. Blank lines are
 * skipped but numbered. A line of more than `maxBytes` is skipped to its end and reported; no more than that is kept.
 */
export async function* readLines(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Line, void, undefined> {
  const splitter: Splitter = { maxBytes, number: 0, pending: [], size: 0 }
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let start = 0
    for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, start)) {
      const line = endLine(splitter, bytes.subarray(start, end))
      start = end + 1
      if (line !== null) yield line
    }
    keep(splitter, bytes.subarray(start))
  }
  const last = endLine(splitter, Buffer.alloc(0))
  if (last !== null) yield last
}

function endLine(splitter: Splitter, rest: Buffer): Line | null {
  keep(splitter, rest)
  const { pending, size } = splitter
  splitter.pending = []
  splitter.size = 0
  splitter.number += 1
  const number = splitter.number
  // One byte more may have been kept, since it may have been the CR of the line's end.
  if (size > splitter.maxBytes + 1) return { number, tooLarge: true }
  const bytes = withoutReturn(pending.length === 1 ? (pending[0] as Buffer) : Buffer.concat(pending, size))
  if (bytes.length > splitter.maxBytes) return { number, tooLarge: true }
  return isBlank(bytes) ? null : { number, bytes }
}

function keep(splitter: Splitter, bytes: Buffer): void {
  if (bytes.length === 0) return
  splitter.size += bytes.length
  if (splitter.size > splitter.maxBytes + 1) splitter.pending = []
  else splitter.pending.push(bytes)
}

function withoutReturn(bytes: Buffer): Buffer {
  return bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes
}

function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) {
    if (byte !== 0x20 && byte !== 0x09) return false
  }
  return true
}

/** One value as a line of NDJSON, with its LF. `JSON.stringify` never writes a raw line end. */
export function ndjsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}

/** The values as a stream of NDJSON that waits for its reader. */
export function ndjsonStream(values: AsyncIterable<unknown> | Iterable<unknown>): Readable {
  return Readable.from(toLines(values), { objectMode: false })
}

async function* toLines(values: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<string> {
  for await (const value of values) yield ndjsonLine(value)
}
