/** Walks of the OpenAPI documents, for tests of their content. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export type Json = Readonly<Record<string, unknown>>

/** A schema of a document, and the path that leads to it. */
export interface Place {
  readonly path: string
  readonly schema: Json
}

export const services = ['command', 'projection'] as const

export type Document = Json & {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>
  readonly components: Readonly<Record<string, Readonly<Record<string, Json>>>>
}

/** A committed document: `command`, or `command-3.0`. */
export function documentOf(name: string): Document {
  const file = join(import.meta.dirname, '../../openapi', `${name}.json`)
  return JSON.parse(readFileSync(file, 'utf8')) as Document
}

const single = ['items', 'additionalProperties', 'not', 'propertyNames'] as const
const lists = ['oneOf', 'anyOf', 'allOf', 'prefixItems'] as const

/** Every schema of a document, at any depth; examples are none. */
export function schemasOf(document: Document): Place[] {
  const { schemas = {}, ...others } = document.components
  const named = Object.entries(schemas).flatMap(([name, schema]) => within(schema, name))
  const { paths, webhooks } = document
  return [...named, ...besideComponents({ paths, webhooks, ...others }, '')]
}

function besideComponents(value: unknown, path: string): Place[] {
  if (Array.isArray(value)) return value.flatMap((part, index) => besideComponents(part, `${path}/${index}`))
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([name, part]) => {
    if (name === 'example' || name === 'examples') return []
    return name === 'schema' ? within(part as Json, `${path}/${name}`) : besideComponents(part, `${path}/${name}`)
  })
}

function within(schema: Json, path: string): Place[] {
  const below: (readonly [string, unknown])[] = [
    ...single.map((name) => [name, schema[name]] as const),
    ...lists.flatMap((name) =>
      ((schema[name] ?? []) as Json[]).map((part, index) => [`${name}/${index}`, part] as const),
    ),
    ...Object.entries((schema.properties ?? {}) as Json).map(([name, part]) => [`properties/${name}`, part] as const),
  ]
  const schemas = below.filter(([, part]) => typeof part === 'object')
  return [{ path, schema }, ...schemas.flatMap(([name, part]) => within(part as Json, `${path}/${name}`))]
}

/** The schema that a reference leads to, or the schema itself. */
export function resolved(document: Document, schema: Json): Json {
  const { $ref } = schema
  if (typeof $ref !== 'string') return schema
  return document.components.schemas?.[$ref.split('/').at(-1) ?? ''] ?? {}
}
