/** From the value that a handler returns to the wire. */
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
 * Writes the answer; what the handler has sent itself is left alone. Gives the bytes of a large one, which its reader takes in
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
  // A 304 as well: caches take its headers for those of the answer that they keep (RFC 9110, 15.4.5).
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

/** One of the forms that are at hand, with its tag; what comes as it is may be compressed when it is sent (compress-answers.ts). */
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

/** Without a body. For HEAD Fastify would call it 0 bytes long, which is not what a GET has (RFC 9110, 8.6). */
export function sendNothing(reply: FastifyReply): FastifyReply {
  return reply.request.method === 'HEAD' ? reply.send(Readable.from([])) : reply.send()
}

/** Headers whose paths a caller follows: behind a proxy that serves under a path of its own, they lead past it without that. */
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

/** Fastify would read a whole stream to answer HEAD; its length is not known either way. */
function unread(body: Readable): Readable {
  body.destroy()
  return Readable.from([])
}

/** With its charset, or Fastify would take the type apart to add it. */
function wireType(type: string): string {
  return type === 'application/json' ? 'application/json; charset=utf-8' : type
}

function isStream(body: unknown): body is Readable {
  return body instanceof Stream
}

/**
 * For tests: an answer that the route does not declare is a mistake of ours. What the schema does not know is refused
 * by it too where it is strict, since production writes the body as it is.
 */
function checkedBody(route: RouteDefinition, response: ResponseDefinition | undefined, answer: Answer): unknown {
  if (response === undefined) throw new Error(`${route.operationId} does not declare a response ${answer.status}.`)
  const { body, type = 'application/json' } = answer
  // The schema of NDJSON is that of a line.
  if (type === ndjson) return body
  const schema = response.schemas?.[type] ?? (type.startsWith('application/json') ? response.schema : undefined)
  if (schema === undefined || body === undefined) return body
  if (typeof body !== 'string' && !Buffer.isBuffer(body)) return schema.parse(body)
  schema.parse(JSON.parse(body.toString()))
  return body
}

/** Headers that an answer has only where they apply: where there is a next page, where the event was there before. */
const occasional: ReadonlySet<ResponseHeader> = new Set([
  'Content-Disposition',
  'Idempotency-Replayed',
  'Link',
  'Log-Alarm',
])

/** For tests: a header that the route declares has to be there. */
function checkHeaders(route: RouteDefinition, response: ResponseDefinition | undefined, reply: FastifyReply): void {
  const missing = response?.headers?.filter((name) => !occasional.has(name) && !reply.hasHeader(name)) ?? []
  if (missing.length === 0) return
  throw new Error(`${route.operationId} declares ${missing.join(', ')} for ${reply.statusCode} and does not send it.`)
}
