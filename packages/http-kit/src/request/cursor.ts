/** Opaque cursors: base64url of JSON. Not signed: a cursor gives no rights, and what it says is checked on return. */
import type { z } from 'zod'
import { invalid } from '../problems/problem.ts'

/** @example linkHeader([{ target: `?cursor=${encodeCursor({ after: 17 })}`, rel: 'next' }]) */
export function encodeCursor(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** What a cursor says, if it is one of ours; whatever else the caller sends as one is 400 `invalid`. */
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
