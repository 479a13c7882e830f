/** The OpenAPI 3.1 document of a service, from nothing but its routes: no server, no database. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { offersOf } from './guard.ts'
import { type ProblemTypes, problemTypes } from './problem-types.ts'
import type { ProblemCode } from './problem.ts'
import { responseHeaders } from './response-headers.ts'
import type { BodyDefinition, ResponseDefinition, RouteDefinition } from './route.ts'
import {
  type Components,
  createComponents,
  type JsonSchema,
  settleComponents,
  toJsonSchema,
} from './schema-components.ts'

export interface ApiDescription {
  title: string
  description: string
  version: string
  routes: readonly RouteDefinition[]
  /** In addition to those of the kit. */
  problemTypes?: ProblemTypes
  /** Absolute; absent: the document speaks of the server that it came from. */
  publicUrl?: string | undefined
  /** Descriptions of the tags that the routes use. */
  tags?: Readonly<Record<string, string>>
}

type Json = Record<string, unknown>

const problemContent = 'application/problem+json'

const ProblemSchema = z
  .looseObject({
    type: z.string().max(2000).meta({ format: 'uri-reference', description: 'A page that says what to do.' }),
    title: z.string().max(200),
    status: z.int().min(400).max(599),
    detail: z.string().max(10_000).describe('What was wrong in this case, and what would be accepted.'),
    instance: z.string().max(20_000).optional().describe('Path of the request.'),
    code: z.string().max(100).describe('Stable, for programs; the last part of `type`.'),
    requestId: z.string().max(64).optional().describe('Name it when you report a fault.'),
    errors: z
      .array(z.object({ path: z.string().max(1000), message: z.string().max(1000) }))
      .max(10_000)
      .optional()
      .describe('For `invalid`: every fault of the input.'),
  })
  .meta({ id: 'Problem', description: 'What went wrong (RFC 9457). Problem types add members of their own.' })

/** The document of a running app; after `ready`. */
export function openApiDocument(app: FastifyInstance): object {
  return app.swagger()
}

/** The document of an API. */
export function describeApi(api: ApiDescription): Json {
  const components = createComponents()
  const types: ProblemTypes = { ...problemTypes, ...api.problemTypes }
  toJsonSchema(components, ProblemSchema, 'output')
  const paths: Record<string, Json> = {}
  for (const route of api.routes) {
    const path = route.url.replace(/:([A-Za-z]+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeOperation(components, types, route) }
  }
  const { schemas, document } = settleComponents(components, paths)
  return {
    openapi: '3.1.0',
    info: describeInfo(api),
    servers: [{ url: api.publicUrl ?? '/' }],
    tags: describeTags(api),
    paths: document,
    components: { schemas, headers: describeHeaders(api.routes), securitySchemes: { bearer } },
  }
}

const bearer = {
  type: 'http',
  scheme: 'bearer',
  description: 'A key that the operator gave you, in `Authorization: Bearer <key>`.',
}

function describeInfo({ title, description, version }: ApiDescription): Json {
  return { title, description, version, license: { name: 'Proprietary', identifier: 'LicenseRef-Proprietary' } }
}

function describeTags({ routes, tags = {} }: ApiDescription): Json[] {
  const names = [...new Set(routes.map(({ tag }) => tag))]
  return names.map((name) => ({ name, description: tags[name] ?? kitTags[name] ?? `${name}.` }))
}

const kitTags: Readonly<Record<string, string>> = {
  Operations: 'For those who run the service: health, metrics, this document, and the pages of the problem types.',
}

function describeHeaders(routes: readonly RouteDefinition[]): Json {
  const used = new Set<string>(['X-Request-Id', 'WWW-Authenticate', 'Retry-After', 'Accept-Post'])
  for (const { responses } of routes) {
    for (const { headers = [] } of Object.values(responses)) for (const header of headers) used.add(header)
  }
  const described = Object.entries(responseHeaders).filter(([name]) => used.has(name))
  return Object.fromEntries(
    described.map(([name, description]) => [name, { description, schema: { type: 'string', maxLength: 8000 } }]),
  )
}

function describeOperation(components: Components, types: ProblemTypes, route: RouteDefinition): Json {
  const parameters = describeParameters(components, route)
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    security: describeSecurity(route),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : { requestBody: describeBody(components, route.body) }),
    responses: describeResponses(components, types, route),
  }
}

/** Whether `read` and `audit` need a key is a matter of configuration, so both ways are written down. */
function describeSecurity({ access }: RouteDefinition): Json[] {
  if (access === 'public') return []
  const open = access.scope === 'read' || access.scope === 'audit'
  return open ? [{ bearer: [] }, {}] : [{ bearer: [] }]
}

function describeParameters(components: Components, route: RouteDefinition): Json[] {
  return [
    ...describePart(components, route.params, 'path'),
    ...describePart(components, route.query, 'query'),
    ...describePart(components, route.headers, 'header'),
  ]
}

function describePart(
  components: Components,
  schema: z.ZodType | undefined,
  place: 'path' | 'query' | 'header',
): Json[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = inline(components, toJsonSchema(components, schema, 'input')) as {
    properties?: Record<string, JsonSchema>
    required?: string[]
  }
  return Object.entries(properties).map(([name, property]) => {
    const { description, examples, ...rest } = property
    const [example] = (examples as unknown[] | undefined) ?? []
    return {
      name: place === 'header' ? canonicalName(name) : name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description === undefined ? {} : { description }),
      ...(example === undefined ? {} : { example }),
      schema: rest,
    }
  })
}

/** A part of the input that is a component by itself is needed member by member. */
function inline(components: Components, schema: JsonSchema): JsonSchema {
  const reference = schema.$ref
  return typeof reference === 'string' ? (components.input.get(reference.split('/').at(-1) ?? '') ?? schema) : schema
}

function canonicalName(name: string): string {
  return name === 'traceparent'
    ? name
    : name.replace(/(^|-)([a-z])/g, (_all, dash, letter) => dash + letter.toUpperCase())
}

function describeBody(components: Components, body: BodyDefinition): Json {
  const schema = body.schema === undefined ? { type: 'string' } : toJsonSchema(components, body.schema, 'input')
  return {
    required: true,
    ...(body.description === undefined ? {} : { description: body.description }),
    content: Object.fromEntries(body.contentTypes.map((type) => [type, { schema }])),
  }
}

function describeResponses(components: Components, types: ProblemTypes, route: RouteDefinition): Json {
  const responses: Record<string, Json> = {}
  for (const [status, response] of Object.entries(route.responses)) {
    responses[status] = describeResponse(components, response)
  }
  for (const [status, codes] of byStatus(types, codesOf(route))) {
    // A status may have both an answer of its own and problems (readiness: 503).
    responses[status] ??= describeProblem(types, status, codes)
  }
  return responses
}

function describeResponse(components: Components, response: ResponseDefinition): Json {
  const { contentTypes = response.schema === undefined ? [] : ['application/json'] } = response
  const schema =
    response.schema === undefined ? { type: 'string' } : toJsonSchema(components, response.schema, 'output')
  const content = Object.fromEntries(
    contentTypes.map((type) => [type, { schema: type.includes('json') ? schema : { type: 'string' } }]),
  )
  return {
    description: response.description,
    headers: headerReferences([...(response.headers ?? []), 'X-Request-Id']),
    ...(contentTypes.length === 0 ? {} : { content }),
  }
}

function headerReferences(names: readonly string[]): Json {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}

/** Problems that a route can answer with: its own, and those that the kit finds by itself. */
export function codesOf(route: RouteDefinition): ProblemCode[] {
  const codes: ProblemCode[] = [...route.problems, 'internal', 'invalid', 'malformed']
  if (route.access !== 'public') codes.push('unauthenticated', 'forbidden', 'too-many-requests')
  if (offersOf(route).length > 0) codes.push('not-acceptable')
  if (route.body !== undefined) codes.push('unsupported-media-type')
  if (route.body !== undefined && route.body.limit !== Number.POSITIVE_INFINITY) codes.push('too-large')
  return [...new Set(codes)]
}

function byStatus(types: ProblemTypes, codes: readonly ProblemCode[]): Map<string, string[]> {
  const grouped = new Map<string, string[]>()
  for (const code of codes) {
    const type = types[code]
    if (type === undefined) throw new Error(`No problem type is catalogued under the code ${code}.`)
    const status = String(type.status)
    grouped.set(status, [...(grouped.get(status) ?? []), code])
  }
  return new Map([...grouped].sort(([a], [b]) => Number(a) - Number(b)))
}

/** Headers that a status always brings. */
const headersOfStatus: Readonly<Record<string, string[]>> = {
  401: ['WWW-Authenticate'],
  403: ['WWW-Authenticate'],
  415: ['Accept-Post'],
  429: ['Retry-After'],
  503: ['Retry-After'],
}

function describeProblem(types: ProblemTypes, status: string, codes: readonly string[]): Json {
  const sorted = codes.toSorted()
  const list = sorted.map((code) => `- \`${code}\`: ${types[code]?.title}`).join('\n')
  const schema = {
    allOf: [{ $ref: '#/components/schemas/Problem' }, { type: 'object', properties: { code: { enum: sorted } } }],
  }
  return {
    description: `Problem, by its \`code\`:\n\n${list}`,
    headers: headerReferences([...(headersOfStatus[status] ?? []), 'X-Request-Id']),
    content: { [problemContent]: { schema } },
  }
}
