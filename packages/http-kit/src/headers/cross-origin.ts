/** CORS (https://fetch.spec.whatwg.org/#http-cors-protocol): the origins whose pages may call, and what these pages may send and read. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { responseHeaders } from './response-headers.ts'

/** Exact origins, or any. */
export type AllowedOrigins = ReadonlySet<string> | '*'

const sent = 'Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, traceparent'
const readable = Object.keys(responseHeaders).join(', ')
/** Seconds for which a browser need not ask again. */
const maxAge = '600'

interface Openness {
  /** Pages that may call every route; undefined: none. */
  readonly allowed: AllowedOrigins | undefined
  /** URLs of routes that every page may read. */
  readonly open: ReadonlySet<string>
  /** The methods of each url. */
  readonly offered: ReadonlyMap<string, readonly string[]>
}

/**
 * Lets pages of these origins call every route and read every answer, also errors and streams. Cookies are never sent: a page sends its key
 * in `Authorization`, or has none.
 */
export function allowOrigins(app: FastifyInstance, { allowed, open, offered }: Openness): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { url = '' } = request.routeOptions
    const methods = isPreflight(request) ? offered.get(url) : undefined
    const who = open.has(url) ? '*' : allowed
    if (who === undefined || !allowReading(who, request, reply) || methods === undefined) return done()
    void answerPreflight(reply, methods)
  })
}

/** Sets the headers that let a page read the answer. False if the caller is not a page of an allowed origin. */
export function allowReading(allowed: AllowedOrigins, request: FastifyRequest, reply: FastifyReply): boolean {
  // Caches must keep answers to different origins apart, also an answer to a request without one.
  if (allowed !== '*') addVary(reply, 'origin')
  const { origin } = request.headers
  if (origin === undefined || !(allowed === '*' || allowed.has(origin))) return false
  reply.header('access-control-allow-origin', allowed === '*' ? '*' : origin)
  reply.header('access-control-expose-headers', readable)
  return true
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
}

function answerPreflight(reply: FastifyReply, methods: readonly string[]): FastifyReply {
  return reply
    .code(204)
    .headers({
      'access-control-allow-methods': methods.join(', '),
      'access-control-allow-headers': sent,
      'access-control-max-age': maxAge,
    })
    .send()
}

/** Adds a request header that the answer depends on. */
export function addVary(reply: FastifyReply, name: string): void {
  const before = reply.getHeader('vary')
  if (before === undefined) reply.header('vary', name)
  else if (!String(before).split(', ').includes(name)) reply.header('vary', `${String(before)}, ${name}`)
}
