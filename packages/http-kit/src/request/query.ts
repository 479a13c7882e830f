/** Types of query parameters (text on the wire, a value for the handler, the value's schema in the OpenAPI document), and cursors. */
import { z } from 'zod'
import { invalid } from '../problems/problem.ts'

/** A whole number in decimal digits. */
export function queryInteger(minimum: number, maximum: number) {
  return z.preprocess(toInteger, z.int().min(minimum).max(maximum))
}

/** A parameter that can be repeated (`stage=agreed&stage=funded`) or given as a list with commas. A repeated value counts once. */
export function queryList<Item extends z.ZodType>(item: Item, maximum = 100) {
  return z.preprocess(toList, z.array(item).min(1).max(maximum))
}

function toInteger(text: unknown): unknown {
  // Not Number() alone: that would also accept '', ' 5', '0x10' and '1e3', and round what is too long.
  if (typeof text !== 'string' || !/^-?\d{1,16}$/.test(text)) return text
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : text
}

function toList(given: unknown): unknown {
  if (given === undefined) return undefined
  const parts: unknown[] = Array.isArray(given) ? given : [given]
  return [...new Set(parts.flatMap((part) => (typeof part === 'string' ? part.split(',') : [part])))]
}

// Opaque cursors: base64url of JSON. Not signed: a cursor gives no rights, and what it says is checked on return.

/** @example linkHeader([{ target: `?cursor=${encodeCursor({ after: 17 })}`, rel: 'next' }]) */
export function encodeCursor(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** The content of a cursor, if it is one of ours; anything else is 400 `invalid`. */
export function decodeCursor<Schema extends z.ZodType>(schema: Schema, cursor: string): z.output<Schema> {
  const parsed = schema.safeParse(readJson(cursor))
  if (parsed.success) return parsed.data
  const message = 'must be a cursor of an earlier answer to the same question; begin again without one'
  throw invalid([{ path: 'query.cursor', message }])
}

function readJson(cursor: string): unknown {
  if (!/^[A-Za-z0-9_-]*$/.test(cursor)) return undefined
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}
