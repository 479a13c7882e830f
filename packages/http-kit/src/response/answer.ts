/** Sends the value that a handler returned. */
import { Readable, Stream } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { codedTag, codingOf } from '../headers/content-coding.ts'
import { addVary } from '../headers/cross-origin.ts'
import { tagOfKept } from '../headers/etag.ts'
import type { ResponseHeader } from '../headers/response-headers.ts'
import { ndjson } from '../request/lines.ts'
import type { AppContext } from '../route/app-context.ts'
import {
  type Answer,
  answered,
  type HandlerResult,
  type ResponseDefinition,
  responseTypesOf,
} from '../route/responses.ts'
import { type RouteDefinition } from '../route/route.ts'
import { isLarge } from './portions.ts'

/**
 * Writes the answer; if the handler has sent it already, does nothing. Returns the bytes of a large answer, which its reader takes in
 * portions.
 */
export function sendResult(
  context: AppContext,
  route: RouteDefinition,
  reply: FastifyReply,
  result: HandlerResult,
): number {
  if (result === answered) return 0
  const answer: Answer = result
  const response = route.responses[answer.status]
  const plain = context.strictAnswers ? checkedBody(route, response, answer) : answer.body
  reply.code(answer.status)
  if (context.life.closing) reply.header('connection', 'close')
  if (answer.headers !== undefined) reply.headers(throughPublicUrl(context.publicUrl, answer.headers))
  // Also for a 304: caches apply its headers to the answer that they keep (RFC 9110, 15.4.5).
  if (responseTypesOf(route).length > 1) addVary(reply, 'accept')
  const body = inItsForm(reply, answer, plain)
  if (context.strictAnswers) checkHeaders(route, response, reply)
  if (body === undefined) {
    sendNothing(reply)
    return 0
  }
  reply.type(wireType(answer.type ?? response?.contentTypes?.[0] ?? 'application/json'))
  const payload = payloadOf(body, reply.request.method)
  const sent = isLarge(payload) && typeof payload === 'string' ? Buffer.from(payload) : payload
  reply.send(sent)
  return isLarge(sent) ? sent.length : 0
}

/** One of the prepared forms, with its tag. An uncompressed one may still be compressed when it is sent (compress-answers.ts). */
function inItsForm(reply: FastifyReply, { status, compressed }: Answer, plain: unknown): unknown {
  const { headers } = reply.request
  const tag = reply.getHeader('etag') as string | undefined
  if (status === 304 && tag !== undefined) {
    addVary(reply, 'accept-encoding')
    reply.header('etag', tagOfKept(headers['if-none-match'], tag, codingOf(headers['accept-encoding']).coding))
  }
  if (compressed === undefined) return plain
  addVary(reply, 'accept-encoding')
  const { coding } = codingOf(headers['accept-encoding'])
  const bytes = coding === null ? undefined : compressed[coding]
  if (coding === null || bytes === undefined) return plain
  reply.header('content-encoding', coding)
  if (tag !== undefined) reply.header('etag', codedTag(tag, coding))
  return bytes
}

/** An answer without a body. For HEAD, Fastify would set a length of 0 bytes, which is not the length for a GET (RFC 9110, 8.6). */
export function sendNothing(reply: FastifyReply): FastifyReply {
  return reply.request.method === 'HEAD' ? reply.send(Readable.from([])) : reply.send()
}

/** Headers with paths that a caller follows: if a proxy adds its own path prefix, these paths need it too. */
function throughPublicUrl(publicUrl: string, headers: Record<string, string>): Record<string, string> {
  if (publicUrl === '') return headers
  const led: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) led[name] = leadsThrough(publicUrl, name.toLowerCase(), value)
  return led
}

function leadsThrough(publicUrl: string, name: string, value: string): string {
  if (name === 'location') return value.startsWith('/') ? publicUrl + value : value
  return name === 'link' ? value.replaceAll('</', `<${publicUrl}/`) : value
}

function payloadOf(body: unknown, method: string): unknown {
  if (isStream(body)) return method === 'HEAD' ? unread(body) : body
  return typeof body === 'object' && !Buffer.isBuffer(body) ? JSON.stringify(body) : body
}

/** Fastify would read a whole stream to answer HEAD; its length is unknown in both cases. */
function unread(body: Readable): Readable {
  body.destroy()
  return Readable.from([])
}

/** The type with its charset; otherwise Fastify would parse the type to add one. */
function wireType(type: string): string {
  return type === 'application/json' ? 'application/json; charset=utf-8' : type
}

function isStream(body: unknown): body is Readable {
  return body instanceof Stream
}

/**
 * For tests: an answer that the route does not declare is our mistake. A strict schema also refuses unknown members, because production
 * writes the body unchanged.
 */
function checkedBody(route: RouteDefinition, response: ResponseDefinition | undefined, answer: Answer): unknown {
  if (response === undefined) throw new Error(`${route.operationId} does not declare a response ${answer.status}.`)
  const { body, type = 'application/json' } = answer
  // The schema of NDJSON is the schema of a line; a stream is checked by the test that reads it to its end.
  if (type === ndjson || isStream(body)) return body
  const schema = response.schemas?.[type] ?? (type.startsWith('application/json') ? response.schema : undefined)
  if (schema === undefined || body === undefined) return body
  if (typeof body !== 'string' && !Buffer.isBuffer(body)) return schema.parse(body)
  schema.parse(JSON.parse(body.toString()))
  return body
}

/** Headers that an answer has only in some cases, such as a next page, or an event that was recorded before. */
const occasional: ReadonlySet<ResponseHeader> = new Set([
  'Content-Disposition',
  'Idempotency-Replayed',
  'Link',
  'Log-Alarm',
])

/** For tests: a header that the route declares must be there. */
function checkHeaders(route: RouteDefinition, response: ResponseDefinition | undefined, reply: FastifyReply): void {
  const missing = response?.headers?.filter((name) => !occasional.has(name) && !reply.hasHeader(name)) ?? []
  if (missing.length === 0) return
  throw new Error(`${route.operationId} declares ${missing.join(', ')} for ${reply.statusCode} and does not send it.`)
}
