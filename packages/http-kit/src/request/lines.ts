/** Lines of bytes, for NDJSON: bounded memory, no decoding (a decoder would hide broken UTF-8 behind U+FFFD). */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Problem, problem } from '../problems/problem.ts'
import { Pieces } from './pieces.ts'

export const ndjson = 'application/x-ndjson'

/** Numbers count from 1 and include blank lines, as in an editor. */
export type Line =
  | { number: number; bytes: Buffer; tooLarge?: never }
  | { number: number; tooLarge: true; bytes?: never }

interface Splitter {
  readonly maxBytes: number
  number: number
  /** The beginning of a line whose end has not arrived yet; dropped once it is too large. */
  begun: Pieces
  /** The bytes of that line that have arrived. */
  size: number
}

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** After so many lines, including blank ones, other work gets a turn of the event loop. */
const linesATurn = 250

/** Bytes of one line after which skipping is no longer worthwhile: a sender of so many will not reach the line's end. */
const endlessLine = 8 * 1024 * 1024

/**
 * The lines of a stream, ended by LF or CR LF (the last one perhaps by neither), without their ends. Blank lines are skipped but numbered,
 * and so is a byte order mark before the first line. A line of more than `maxBytes` is skipped to its end and reported; no more of it is
 * kept.
 *
 * @throws Problem 413 for a line that does not end within 8 MiB
 */
export async function* readLines(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Line, void, undefined> {
  for await (const lines of readPortions(stream, maxBytes)) yield* lines
}

/**
 * Like `readLines`, but gives the lines that a chunk has completed together: a promise for each line costs more than to find it. At least one, at most 250.
 *
 * @param hold gets, after each chunk, the number of the line that comes next or has begun, and the bytes that are kept of it; the next chunk is read when
 * what it returns has resolved
 */
export async function* readPortions(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
  hold?: (line: number, bytes: number) => Promise<void> | undefined,
): AsyncGenerator<readonly Line[], void, undefined> {
  const splitter: Splitter = { maxBytes, number: 0, begun: new Pieces(), size: 0 }
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let start = 0
    let lines: Line[] = []
    for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, start)) {
      const line = endLine(splitter, bytes, start, end)
      start = end + 1
      if (line !== null) lines.push(line)
      if (splitter.number % linesATurn !== 0) continue
      await nextTurn()
      if (lines.length > 0) yield lines
      lines = []
    }
    keep(splitter, bytes.subarray(start))
    if (lines.length > 0) yield lines
    const waits = hold?.(splitter.number + 1, splitter.begun.size)
    if (waits !== undefined) await waits
    if (splitter.size > Math.max(endlessLine, maxBytes + 1)) throw endless(splitter)
  }
  const last = endLine(splitter, Buffer.alloc(0), 0, 0)
  if (last !== null) yield [last]
}

function endless({ number }: Splitter): Problem {
  const detail = `Line ${number + 1} does not end within ${endlessLine} bytes. Nothing from this line on was read.`
  return problem('too-large', detail, { limit: endlessLine, headers: { connection: 'close' } })
}

/** Null for a blank line. */
function endLine(splitter: Splitter, chunk: Buffer, start: number, end: number): Line | null {
  splitter.number += 1
  const { number, maxBytes } = splitter
  // A blank line that arrived in one piece costs nothing: there may be a million of them.
  if (splitter.size === 0 && isBlank(chunk, start, withoutReturnAt(chunk, start, end))) return null
  const whole = wholeLine(splitter, chunk.subarray(start, end))
  if (whole === null) return { number, tooLarge: true }
  const bytes = withoutReturn(number === 1 ? withoutMark(whole) : whole)
  if (bytes.length > maxBytes) return { number, tooLarge: true }
  return isBlank(bytes, 0, bytes.length) ? null : { number, bytes }
}

/** Null if it is too large. */
function wholeLine(splitter: Splitter, rest: Buffer): Buffer | null {
  if (splitter.size === 0) return rest
  keep(splitter, rest)
  const { begun, size, maxBytes } = splitter
  splitter.begun = new Pieces()
  splitter.size = 0
  return size > maxBytes + spare ? null : begun.whole
}

/** Some more bytes may be kept of a line: the CR of its end, and a mark before the first line. */
const spare = 4

function keep(splitter: Splitter, bytes: Buffer): void {
  splitter.size += bytes.length
  if (splitter.size <= splitter.maxBytes + spare) splitter.begun.add(bytes)
  else if (splitter.begun.size > 0) splitter.begun = new Pieces()
}

function withoutReturn(bytes: Buffer): Buffer {
  return bytes.subarray(0, withoutReturnAt(bytes, 0, bytes.length))
}

/** Without the byte order mark that some programs put before UTF-8 (RFC 8259, 8.1 lets a reader ignore it). */
export function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
}

/** The end, without its CR, of the line between these two. */
function withoutReturnAt(bytes: Buffer, start: number, end: number): number {
  return end > start && bytes[end - 1] === carriageReturn ? end - 1 : end
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let index = start; index < end; index += 1) {
    if (bytes[index] !== 0x20 && bytes[index] !== 0x09) return false
  }
  return true
}

/** One value as a line of NDJSON, with its LF. `JSON.stringify` never writes a raw line end. */
export function ndjsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}
