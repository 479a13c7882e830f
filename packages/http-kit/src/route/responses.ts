/** What a route answers: as its definition declares it, and as its handler gives it. */
import type { z } from 'zod'
import type { Coding } from '../headers/content-coding.ts'
import type { ResponseHeader } from '../headers/response-headers.ts'

export interface ResponseDefinition {
  description: string
  /** Checked against every answer in tests (`strictAnswers`); absent where there is no body or not JSON. */
  schema?: z.ZodType
  /** Default: `application/json` where there is a schema, nothing otherwise. */
  contentTypes?: readonly string[]
  /** For media types whose form is another than `schema`, by the type. */
  schemas?: Readonly<Record<string, z.ZodType>>
  headers?: readonly ResponseHeader[]
}

/**
 * What a handler answers. `body`: an object is written as JSON; a string, Buffer or stream goes out as it is, with
 * `type` as its media type (default: the first that the response declares).
 */
export interface Answer {
  status: number
  headers?: Record<string, string>
  type?: string
  body?: unknown
  /** The same bytes compressed, where they are at hand. Each has a tag of its own, made from that of the answer. */
  compressed?: Readonly<Partial<Record<Coding, Buffer>>>
}

/**
 * Returned by a handler that sends the answer itself. Never the reply: it is a thenable, so that an `await` of it would wait for the end of the
 * answer, and a live stream would keep its turn at the gate for as long as it lasts.
 */
export const answered = Symbol('answered')

export type HandlerResult = Answer | typeof answered

/** The part of a route that says what it answers. */
interface Responding {
  readonly responses: Readonly<Record<number, ResponseDefinition>>
}

const typesOf = new WeakMap<Responding, readonly string[]>()

/** Media types of a route's answers that are no problems; empty where it never has a body. */
export function responseTypesOf(route: Responding): readonly string[] {
  let types = typesOf.get(route)
  if (types === undefined) {
    types = collectTypes(route)
    typesOf.set(route, types)
  }
  return types
}

function collectTypes({ responses }: Responding): readonly string[] {
  const types = Object.entries(responses).flatMap(([status, { contentTypes, schema }]) =>
    Number(status) < 300 ? (contentTypes ?? (schema === undefined ? [] : ['application/json'])) : [],
  )
  return [...new Set(types)]
}
