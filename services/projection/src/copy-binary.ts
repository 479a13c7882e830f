/**
 * Rows in the binary format of COPY (PostgreSQL documentation, COPY, Binary Format). Nothing is escaped in it, so nothing is read byte by
 * byte.
 */

import type { LogLine } from './streams/log-line.ts'

type Value = string | number | null | readonly string[] | object

/** A table into which rows of a generation are written, and the types of its columns without the generation. */
export interface CopyTarget {
  readonly table: string
  readonly generation: number
  readonly types: Readonly<Record<string, ColumnType>>
}

/** A buffer that rows are appended to. */
export interface RowBytes {
  buffer: Buffer
  /** Bytes in use. */
  length: number
}

/** The beginning of a COPY: its signature, no flags, no extension. */
export const copyHeader: Buffer = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')

/** The end of a COPY: -1 instead of a number of columns. */
export const copyTrailer: Buffer = Buffer.from([0xff, 0xff])

export function createRowBytes(size: number): RowBytes {
  return { buffer: Buffer.allocUnsafeSlow(size), length: 0 }
}

/** Appends one row. */
export function putRow(bytes: RowBytes, { generation, types }: Omit<CopyTarget, 'table'>, row: object): void {
  const columnsAt = bytes.length
  let columns = 1
  makeRoom(bytes, 10)
  bytes.length += 2
  putField(bytes, 'integer', generation)
  for (const name in types) {
    putField(bytes, types[name] as ColumnType, (row as Record<string, Value | undefined>)[name] ?? null)
    columns += 1
  }
  bytes.buffer.writeInt16BE(columns, columnsAt)
}

/** A value after its length; null has the length -1. */
function putField(bytes: RowBytes, type: ColumnType, value: Value): void {
  makeRoom(bytes, 4)
  const begin = bytes.length
  bytes.length += 4
  if (value !== null) put[type](bytes, value as never)
  bytes.buffer.writeInt32BE(value === null ? -1 : bytes.length - begin - 4, begin)
}

const put = {
  text: putText,
  'text[]': (bytes: RowBytes, values: readonly string[]) => putArray(bytes, values, textOid, 'text'),
  jsonb: putJson,
  integer: putInteger,
  bigint: putBigInteger,
  date: (bytes: RowBytes, day: string) => putInteger(bytes, dayNumber(day)),
  'date[]': (bytes: RowBytes, days: readonly string[]) => putArray(bytes, days, dateOid, 'date'),
  timestamptz: putTime,
  uuid: putUuid,
}

export type ColumnType = keyof typeof put

/** The type's OID in pg_type. */
const textOid = 25
const dateOid = 1082

/** Up to this length a loop over the characters is faster than a call out of JavaScript. */
const shortText = 32

function putText(bytes: RowBytes, text: string): void {
  // At most three bytes for each UTF-16 unit.
  makeRoom(bytes, text.length * 3)
  const { buffer, length: begin } = bytes
  let at = 0
  if (text.length <= shortText) {
    for (; at < text.length; at++) {
      const unit = text.charCodeAt(at)
      if (unit > 0x7f) break
      buffer[begin + at] = unit
    }
  }
  bytes.length += at < text.length || at === 0 ? buffer.write(text, begin) : at
}

/** The version of the format, then the text, which the database parses like any other. */
function putJson(bytes: RowBytes, value: object): void {
  makeRoom(bytes, 1)
  bytes.buffer[bytes.length++] = 1
  putText(bytes, jsonText(value))
}

/** Rows of one proposal share objects, so their texts are made once. */
function jsonText(value: object): string {
  const known = jsonTexts.get(value)
  if (known !== undefined) return known
  const text = JSON.stringify(value)
  jsonTexts.set(value, text)
  return text
}

const jsonTexts = new WeakMap<object, string>()

/**
 * Dimensions, whether there are nulls, and the type of the members; then size and lower bound of the one dimension. An empty array has
 * neither.
 */
function putArray(bytes: RowBytes, values: readonly string[], oid: number, type: ColumnType): void {
  const header = values.length === 0 ? [0, 0, oid] : [1, 0, oid, values.length, 1]
  for (const number of header) putInteger(bytes, number)
  for (const value of values) putField(bytes, type, value)
}

function putInteger(bytes: RowBytes, value: number): void {
  makeRoom(bytes, 4)
  bytes.length = bytes.buffer.writeInt32BE(value, bytes.length)
}

const twoTo32 = 2 ** 32

/** Without a BigInt, which would immediately become garbage. */
function putBigInteger(bytes: RowBytes, value: number): void {
  const high = Math.floor(value / twoTo32)
  putInteger(bytes, high)
  putInteger(bytes, (value - high * twoTo32) | 0)
}

/** Days and times count from the first day of 2000. */
const epochMilliseconds = Date.UTC(2000, 0, 1)
const dayMilliseconds = 86_400_000

const infinity = 0x7fffffff
/** An invalid day gets this number, which the database refuses, as it would refuse the text: a date out of range. */
const noDay = infinity - 1

/** The same days occur again and again; a ledger has few different ones. */
const dayNumbers = new Map<string, number>([['infinity', infinity]])
const mostDayNumbers = 50_000

function dayNumber(day: string): number {
  const known = dayNumbers.get(day)
  if (known !== undefined) return known
  const number = readDay(day)
  if (dayNumbers.size < mostDayNumbers) dayNumbers.set(day, number)
  return number
}

function readDay(day: string): number {
  const time = Date.parse(`${day}T00:00:00Z`)
  // A day that a month does not have would be read as a day of the next month.
  const isDay = !Number.isNaN(time) && new Date(time).toISOString().startsWith(`${day}T`)
  return isDay ? (time - epochMilliseconds) / dayMilliseconds : noDay
}

/** An invalid time gets this number, after the last one that the database knows; it is refused too. */
const noTime = 2 ** 63 - 2 ** 10

/** `2026-11-22T08:00:00.000123Z`: microseconds, while a Date keeps only milliseconds. */
function putTime(bytes: RowBytes, time: string): void {
  const [, seconds, fraction = ''] = /^(.{19})(?:\.(\d{1,6}))?Z$/.exec(time) ?? []
  const milliseconds = Date.parse(`${seconds}Z`) - epochMilliseconds
  putBigInteger(bytes, Number.isNaN(milliseconds) ? noTime : milliseconds * 1_000 + Number(fraction.padEnd(6, '0')))
}

function putUuid(bytes: RowBytes, uuid: string): void {
  makeRoom(bytes, 16)
  bytes.length += bytes.buffer.write(uuid.replaceAll('-', ''), bytes.length, 'hex')
}

function makeRoom(bytes: RowBytes, more: number): void {
  const { buffer, length } = bytes
  if (length + more <= buffer.length) return
  bytes.buffer = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, length + more))
  buffer.copy(bytes.buffer, 0, 0, length)
}

/** Bytes of a row without its id and its line: the number of columns, the length of each, and two numbers. */
const rowOverhead = 2 + 4 * 4 + 4 + 8

/**
 * Reads the complete rows, in the binary format of COPY, and returns where the next one begins. Nothing is escaped in it. Each line is
 * decoded separately: most are ASCII, and one that is not would make the text of all others twice as wide and slower to read.
 */
export function readLines(bytes: Buffer, begin: number, lines: LogLine[]): number {
  let at = begin
  while (at + rowOverhead <= bytes.length) {
    const idAt = at + 6
    const idEnd = idAt + bytes.readInt32BE(at + 2)
    if (idEnd + rowOverhead - 6 > bytes.length) return at
    const lineAt = idEnd + rowOverhead - 6
    const end = lineAt + bytes.readInt32BE(lineAt - 4)
    if (end > bytes.length) return at
    lines.push({
      proposalId: bytes.toString('utf8', idAt, idEnd),
      version: bytes.readInt32BE(idEnd + 4),
      position: bytes.readInt32BE(idEnd + 12) * 2 ** 32 + bytes.readUInt32BE(idEnd + 16),
      line: bytes.toString('utf8', lineAt, end),
    })
    at = end
  }
  return at
}
