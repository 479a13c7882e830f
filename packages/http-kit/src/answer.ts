/** From the value that a handler returns to the wire. */
import type { FastifyReply } from 'fastify'
import type { Kit } from './kit.ts'
import type { Answer, HandlerResult, ResponseDefinition, RouteDefinition } from './route.ts'

/** Writes the answer; a reply that the handler has dealt with on its own is left alone. */
export function sendResult(
  kit: Kit,
  route: RouteDefinition,
  reply: FastifyReply,
  result: HandlerResult | undefined,
): void {
  if (result === undefined || result === reply) return
  const answer = result as Answer
  const response = route.responses[answer.status]
  const body = kit.strictAnswers ? checkedBody(route, response, answer) : answer.body
  reply.code(answer.status)
  if (kit.life.closing) reply.header('connection', 'close')
  if (answer.headers !== undefined) reply.headers(answer.headers)
  if (body === undefined) {
    reply.send()
    return
  }
  reply.type(wireType(answer.type ?? response?.contentTypes?.[0] ?? 'application/json'))
  reply.send(typeof body === 'object' && !isRaw(body) ? JSON.stringify(body) : body)
}

/** With its charset, or Fastify would take the type apart to add it. */
function wireType(type: string): string {
  return type === 'application/json' ? 'application/json; charset=utf-8' : type
}

/** Bytes and streams go out as they are. */
function isRaw(body: object | null): boolean {
  if (body === null) return false
  return Buffer.isBuffer(body) || typeof (body as { pipe?: unknown }).pipe === 'function'
}

/**
 * For tests: an answer that the route does not declare is a mistake of ours. What the schema does not know is refused
 * by it too where it is strict, since production writes the body as it is.
 */
function checkedBody(route: RouteDefinition, response: ResponseDefinition | undefined, answer: Answer): unknown {
  if (response === undefined) throw new Error(`${route.operationId} does not declare a response ${answer.status}.`)
  const { body, type = 'application/json' } = answer
  if (response.schema === undefined || body === undefined || !type.startsWith('application/json')) return body
  if (typeof body !== 'string') return response.schema.parse(body)
  response.schema.parse(JSON.parse(body))
  return body
}
