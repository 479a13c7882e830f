/** One operation of the OpenAPI document. */
import type { z } from 'zod'
import { tokenScopes } from '../keys/key-entries.ts'
import type { BodyDefinition, RouteDefinition } from '../route/route.ts'
import { describeContent, describeResponses, type ResponseContext } from './responses.ts'
import { type Components, type JsonSchema, toJsonSchema } from './schema-components.ts'

type Json = Record<string, unknown>

export function describeOperation(context: ResponseContext, route: RouteDefinition): Json {
  const { components } = context
  const parameters = describeParameters(components, route)
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    security: describeSecurity(route),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : { requestBody: describeBody(components, route.body) }),
    responses: describeResponses(context, route),
  }
}

/** Configuration decides whether `read` and `audit` need a key, so both ways are documented. */
function describeSecurity({ access }: RouteDefinition): Json[] {
  if (access === 'public') return []
  const open = access.scope === 'read' || access.scope === 'audit'
  const byToken = tokenScopes.some((scope) => scope === access.scope)
  return [{ bearer: [] }, ...(byToken ? [{ token: [] }] : []), ...(open ? [{}] : [])]
}

function describeParameters(components: Components, route: RouteDefinition): Json[] {
  return [
    ...describePart(components, route.params, 'path'),
    ...describePart(components, route.query, 'query'),
    ...describePart(components, route.headers, 'header'),
  ]
}

export function describePart(
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
    const { description, examples, example, ...rest } = property
    const isRequired = place === 'path' || required.includes(name)
    const [first] = (examples as unknown[] | undefined) ?? []
    const { words, offered } = isRequired
      ? { words: description, offered: example ?? first }
      : { words: inWords(description, first), offered: example }
    return {
      name: place === 'header' ? canonicalName(name) : documentedName(name),
      in: place,
      required: isRequired,
      ...(words === undefined ? {} : { description: words }),
      ...(offered === undefined ? {} : { example: offered }),
      schema: rest,
    }
  })
}

/**
 * "Try it out" fills in every example. Examples of all optional parameters together would make a request that nobody wants: conditions that
 * exclude each other, two moments at once. So the text names them; `example` (in `meta`) is for one that should be filled in.
 */
function inWords(description: unknown, example: unknown): unknown {
  if (example === undefined) return description
  const text = `For example \`${typeof example === 'string' ? example : JSON.stringify(example)}\`.`
  return typeof description === 'string' ? `${description.replace(/([^.!?])$/, '$1.')} ${text}` : text
}

/** An input part that is itself a component is needed member by member. */
function inline(components: Components, schema: JsonSchema): JsonSchema {
  const reference = schema.$ref
  return typeof reference === 'string' ? (components.input.get(reference.split('/').at(-1) ?? '') ?? schema) : schema
}

/** OpenAPI has no parameter for the rest of a path; it is documented as an ordinary one, whose value can contain slashes. */
function documentedName(name: string): string {
  return name === '*' ? 'path' : name
}

function canonicalName(name: string): string {
  return name === 'traceparent'
    ? name
    : name.replace(/(^|-)([a-z])/g, (_all, dash: string, letter: string) => dash + letter.toUpperCase())
}

function describeBody(components: Components, body: BodyDefinition): Json {
  const content = body.contentTypes.map((type) => {
    const { schema } = body
    const described =
      schema === undefined ? { schema: { type: 'string' } } : describeContent(components, type, schema, 'input')
    return [type, { ...described, ...(body.examples === undefined ? {} : { examples: body.examples }) }]
  })
  return {
    required: true,
    ...(body.description === undefined ? {} : { description: body.description }),
    content: Object.fromEntries(content),
  }
}
