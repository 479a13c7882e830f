/** The answers of a route: as its definition declares them, and as its handler returns them. */
import type { z } from 'zod'
import type { Coding } from '../headers/content-coding.ts'
import type { ResponseHeader } from '../headers/response-headers.ts'

export interface ResponseDefinition {
  description: string
  /** Checked against every answer in tests (`strictAnswers`); absent if there is no body, or no JSON. */
  schema?: z.ZodType
  /** Default: `application/json` if there is a schema, otherwise nothing. */
  contentTypes?: readonly string[]
  /** Schemas of the media types whose form differs from `schema`. */
  schemas?: Readonly<Record<string, z.ZodType>>
  headers?: readonly ResponseHeader[]
}

/**
 * The answer of a handler. `body`: an object is written as JSON; a string, Buffer or stream is sent unchanged, with `type` as its media
 * type (default: the first that the response declares).
 */
export interface Answer {
  status: number
  headers?: Record<string, string>
  type?: string
  body?: unknown
  /** The same bytes compressed, if they are already there. Each form gets its own tag, made from that of the answer. */
  compressed?: Readonly<Partial<Record<Coding, Buffer>>>
}

/**
 * Returned by a handler that sends the answer itself. It must not return the reply: that is a thenable, so `await` would wait for the end
 * of the answer, and a live stream would keep its turn at the gate all the time.
 */
export const answered = Symbol('answered')

export type HandlerResult = Answer | typeof answered

/** The part of a route that declares its answers. */
interface Responding {
  readonly responses: Readonly<Record<number, ResponseDefinition>>
}

const typesOf = new WeakMap<Responding, readonly string[]>()

/** Media types of a route's answers other than problems; empty if it never has a body. */
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
