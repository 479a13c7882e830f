/** Answers and problems of operations, for the OpenAPI document. */
import { z } from 'zod'
import type { ProblemCode } from '../problems/problem.ts'
import type { ProblemTypes } from '../problems/problem-types.ts'
import { ndjson } from '../request/lines.ts'
import type { ResponseDefinition } from '../route/responses.ts'
import { problemCodesOf, type RouteDefinition } from '../route/route.ts'
import { componentName } from './inheritance.ts'
import { type Components, toJsonSchema } from './schema-components.ts'

type Json = Record<string, unknown>

/** Bodies of answers, by operation, status and media type. */
export type AnswerExamples = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>

export interface ResponseContext {
  readonly components: Components
  readonly examples: AnswerExamples
  readonly types: ProblemTypes
  /** Problem answers that operations share, by their codes. */
  readonly shared: Map<string, { name: string; response: Json }>
}

const problemContent = 'application/problem+json'

export const ProblemSchema = z
  .looseObject({
    type: z.string().max(2000).meta({ format: 'uri-reference', description: 'A page that explains what to do.' }),
    title: z.string().max(200).describe('The kind of fault, as a short sentence.'),
    status: z.int().min(400).max(599).describe('The HTTP status of the answer.'),
    detail: z.string().max(10_000).describe('The fault in this case, and what would be accepted.'),
    instance: z.string().max(20_000).optional().describe('Path of the request.'),
    code: z.string().max(100).describe('Stable, for programs; the last part of `type`.'),
    requestId: z.string().max(64).optional().describe('Quote it when you report a fault.'),
    errors: z
      .array(
        z.object({
          path: z.string().max(1000).describe('The faulty member, such as `data.amount.currency` or `query.limit`.'),
          message: z.string().max(1000).describe('What is wrong with it, and what is accepted.'),
        }),
      )
      .max(10_000)
      .optional()
      .describe(
        'For `invalid`: every fault of the input. For a refused wish: the members of the wish whose event is refused.',
      ),
  })
  .meta({ id: 'Problem', description: 'A problem document (RFC 9457). Problem types add further members.' })

export function describeResponses(context: ResponseContext, route: RouteDefinition): Json {
  const responses: Record<string, Json> = {}
  for (const [status, response] of Object.entries(route.responses)) {
    responses[status] = describeResponse(context, response, context.examples[route.operationId]?.[status] ?? {})
  }
  for (const [status, codes] of byStatus(context.types, problemCodesOf(route))) {
    const own = responses[status]
    responses[status] = own === undefined ? shareProblem(context, route, status, codes) : besideProblem(own, codes)
  }
  return responses
}

function describeResponse(
  { components }: ResponseContext,
  response: ResponseDefinition,
  examples: Readonly<Record<string, unknown>>,
): Json {
  const { contentTypes = response.schema === undefined ? [] : ['application/json'], schema } = response
  const content = contentTypes.map((type) => {
    const own = response.schemas?.[type] ?? (type.includes('json') ? schema : undefined)
    const described = own === undefined ? { schema: unparsed(type) } : describeContent(components, type, own, 'output')
    return [type, { ...described, ...(type in examples ? { example: examples[type] } : {}) }]
  })
  return {
    description: response.description,
    headers: headerReferences([...(response.headers ?? []), 'X-Request-Id']),
    ...(contentTypes.length === 0 ? {} : { content: Object.fromEntries(content) }),
  }
}

/**
 * A body with its media type. NDJSON is text to every generator and every proxy that checks bodies. The schema is that of a line, so it is
 * given separately, under our own name, and in the description: as the place of a component, because a reference may stand only where a schema may.
 */
export function describeContent(components: Components, type: string, schema: z.ZodType, io: 'input' | 'output'): Json {
  const described = toJsonSchema(components, schema, io)
  if (type !== ndjson) return { schema: described }
  const { $ref } = described
  const lines = 'Lines that each end in LF. Each line is JSON'
  if (typeof $ref !== 'string') return { schema: { type: 'string', description: `${lines}.` } }
  const description = `${lines} with the schema \`${componentName($ref)}\` (\`x-line-schema\`).`
  return { schema: { type: 'string', description }, 'x-line-schema': $ref }
}

/** Text, or bytes that no client generator should take for text. */
function unparsed(type: string): Json {
  return { type: 'string', ...(type === 'application/octet-stream' ? { format: 'binary' } : {}) }
}

function headerReferences(names: readonly string[]): Json {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}

function byStatus(types: ProblemTypes, codes: readonly ProblemCode[]): [status: string, codes: string[]][] {
  const grouped = Map.groupBy(codes, (code) => {
    const type = types[code]
    if (type === undefined) throw new Error(`No problem type is catalogued under the code ${code}.`)
    return type.status
  })
  return [...grouped].toSorted(([a], [b]) => a - b).map(([status, group]) => [String(status), group.toSorted()])
}

/** Headers that a status always has. */
const headersOfStatus: Readonly<Record<string, string[]>> = {
  401: ['WWW-Authenticate'],
  415: ['Accept-Post'],
  429: ['Retry-After'],
  503: ['Retry-After'],
}

function shareProblem(
  { types, shared }: ResponseContext,
  route: RouteDefinition,
  status: string,
  codes: string[],
): Json {
  const key = codes.join()
  const name = shared.get(key)?.name ?? nameOf(route, status, codes)
  if (!shared.has(key)) shared.set(key, { name, response: describeProblem(types, status, codes) })
  return { $ref: `#/components/responses/${name}` }
}

/**
 * Made from the codes; if there are many, from the first operation that has them, in a form that no generator uses for an operation itself.
 */
function nameOf({ operationId }: RouteDefinition, status: string, codes: readonly string[]): string {
  return codes.length > 4 ? `ProblemsOf${pascal(operationId)}With${status}` : codes.map(pascal).join('Or')
}

function pascal(code: string): string {
  return code.replace(/(?:^|-)(.)/g, (_all, letter: string) => letter.toUpperCase())
}

function describeProblem(types: ProblemTypes, status: string, codes: readonly string[]): Json {
  const list = codes.map((code) => `- \`${code}\`: ${types[code]?.title}`).join('\n')
  return {
    description: `Problem, by its \`code\`:\n\n${list}`,
    headers: headerReferences([...(headersOfStatus[status] ?? []), 'X-Request-Id']),
    content: problemOf(codes),
  }
}

function problemOf(codes: readonly string[]): Json {
  const description = 'One of the problems of this answer.'
  const code = { type: 'object', properties: { code: { type: 'string', enum: codes, description } } }
  return { [problemContent]: { schema: { allOf: [{ $ref: '#/components/schemas/Problem' }, code] } } }
}

/** A status can have both its own answer and problems. */
function besideProblem(own: Json, codes: readonly string[]): Json {
  return { ...own, content: { ...(own.content as Json | undefined), ...problemOf(codes) } }
}
