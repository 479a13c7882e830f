/** Requests that a service sends to others (`webhooks` of OpenAPI 3.1), described from the schemas of what is sent. */
import type { z } from 'zod'
import { describePart } from './operation.ts'
import { type Components, toJsonSchema } from './schema-components.ts'

type Json = Record<string, unknown>

/** A request that the service sends with POST. */
export interface SentRequest {
  operationId: string
  tag: string
  summary: string
  description: string
  /** By lower-case name of the header. */
  headers: z.ZodType
  contentType: string
  body: z.ZodType
  /** What an answer of the receiver means, by status (`2XX`: each of that class). */
  answers: Readonly<Record<string, string>>
}

/** Under their `operationId`. */
export function describeSent(components: Components, requests: readonly SentRequest[]): Json {
  return Object.fromEntries(
    requests.map((request) => [request.operationId, { post: describeRequest(components, request) }]),
  )
}

function describeRequest(components: Components, request: SentRequest): Json {
  const { operationId, tag, summary, description, headers, contentType, body, answers } = request
  return {
    operationId,
    tags: [tag],
    summary,
    description,
    // The receiver needs no key of ours; it checks the signature.
    security: [],
    parameters: describePart(components, headers, 'header'),
    requestBody: { required: true, content: { [contentType]: { schema: toJsonSchema(components, body, 'output') } } },
    responses: Object.fromEntries(Object.entries(answers).map(([status, words]) => [status, { description: words }])),
  }
}
