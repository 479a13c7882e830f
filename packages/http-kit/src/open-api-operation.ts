/** One operation of the OpenAPI document. */
import type { z } from 'zod'
import { describeResponses, type ResponseContext } from './open-api-responses.ts'
import type { BodyDefinition, RouteDefinition } from './route.ts'
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
      name: place === 'header' ? canonicalName(name) : documentedName(name),
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

/** OpenAPI knows no rest of a path: it is a parameter like others there, whose value may hold slashes. */
function documentedName(name: string): string {
  return name === '*' ? 'path' : name
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
