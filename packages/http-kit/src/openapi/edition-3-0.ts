/**
 * The same document in OpenAPI 3.0, for generators that do not read 3.1. Its schemas are an older dialect of JSON Schema, so every keyword has its
 * rule here: a keyword without one is an error, because to leave it out silently would be to describe another API.
 *
 * Where 3.0, or what its generators make of it, cannot say what 3.1 says, a schema here allows more than that of 3.1, and never less. Two things are
 * for generators alone: {@link nullable} and {@link withOneSuccess}. Who checks answers uses 3.1.
 */
import { type Components, componentName, withInheritance } from './inheritance.ts'
import type { JsonSchema } from './schema-components.ts'

type Json = Record<string, unknown>

/** Keywords that mean the same in both. */
const same = new Set(
  `title description type format default enum nullable deprecated readOnly writeOnly example discriminator required
  maxLength minLength pattern maximum minimum multipleOf maxItems minItems uniqueItems maxProperties minProperties`.split(
    /\s+/,
  ),
)

/** Keywords that only narrow what is allowed, and that 3.0 does not have. */
const leftOut = new Set(['propertyNames', 'contentEncoding', 'contentMediaType'])

/** @throws Error on a keyword of JSON Schema that has no rule */
export function editionOf30(document: object): Json {
  const { openapi: _, info, webhooks, paths, externalDocs: __, components = {}, ...others } = document as Json
  const { schemas = {}, ...shared } = components as Json
  const named = schemas as Components
  return {
    openapi: '3.0.3',
    info: withoutLicenseId(info as Json),
    ...others,
    paths: convert(withOneSuccess(paths as Paths), named),
    // 3.0 has no webhooks; several tools know them under this name.
    ...(webhooks === undefined ? {} : { 'x-webhooks': convert(webhooks, named) }),
    components: { schemas: mapped(withInheritance(named), named), ...(convert(shared, named) as Json) },
  }
}

type Paths = Readonly<Record<string, Readonly<Record<string, Json>>>>

/**
 * Each operation with one form of successful answer, because generators make one type for each operation, and take that of the lowest status: for
 * a recording that would be the answer to a dry run. The form of the highest stays, which is that of the usual call, at each status that has it.
 */
function withOneSuccess(paths: Paths): Paths {
  return mapValues(paths, (path) => mapValues(path, (operation) => ({ ...operation, responses: usualOf(operation) })))
}

function usualOf({ responses }: Json): Json {
  const all = Object.entries(responses as Record<string, Json>)
  const successes = all.filter(([status, { content }]) => status.startsWith('2') && content !== undefined)
  const usual = formOf(successes.at(-1)?.[1])
  return Object.fromEntries(all.filter((one) => !successes.includes(one) || formOf(one[1]) === usual))
}

/** What an answer holds, without its examples. */
function formOf(answer: Json | undefined): string {
  const content = Object.entries((answer?.content ?? {}) as Record<string, Json>)
  return JSON.stringify(content.map(([type, { schema }]) => [type, schema]))
}

function mapValues<Value, Made>(values: Readonly<Record<string, Value>>, make: (value: Value) => Made) {
  return Object.fromEntries(Object.entries(values).map(([name, value]): [string, Made] => [name, make(value)]))
}

/** 3.0 knows the license by its name only. */
function withoutLicenseId(info: Json): Json {
  if (info.license === undefined) return info
  const { identifier: _, ...license } = info.license as Json
  return { ...info, license }
}

/** Everything around the schemas is the same in both. */
function convert(value: unknown, named: Components): unknown {
  if (Array.isArray(value)) return value.map((part) => convert(part, named))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, part]: [string, unknown]) => {
      if (name === 'example' || name === 'examples') return [name, part]
      if (name === 'schema') return [name, schemaOf30(part, named)]
      return [name, convert(part, named)]
    }),
  )
}

function mapped(schemas: Readonly<Record<string, unknown>>, named: Components): Json {
  return mapValues(schemas, (schema) => schemaOf30(schema, named))
}

/**
 * A schema in the dialect of 3.0.
 *
 * @param named the schemas of the components, to know the type of what is referred to
 * @throws Error on a keyword that has no rule
 */
export function schemaOf30(schema: unknown, named: Components = {}): JsonSchema {
  if (schema === true) return {}
  if (schema === false) return { not: {} }
  const { $ref, ...others } = schema as JsonSchema
  if ($ref === undefined) return typesOf30(others, named)
  const converted = typesOf30(others, named)
  // Nothing may stand beside a reference: every reader of 3.0 ignores it.
  return Object.keys(converted).length === 0 ? { $ref } : { allOf: [{ $ref }], ...converted }
}

/** 3.0 has no type `null`: what can be null is `nullable`. */
function typesOf30(schema: JsonSchema, named: Components): JsonSchema {
  if (Array.isArray(schema.type)) return typesOf30({ ...schema, ...alternativesOf(schema) }, named)
  const name = schema.anyOf === undefined ? 'oneOf' : 'anyOf'
  const { [name]: options, ...beside } = schema
  if (options === undefined) return keywordsOf30(schema, named)
  const values = (options as JsonSchema[]).filter(({ type }) => type !== 'null')
  if (values.length === (options as JsonSchema[]).length) return alternativesOf30(schema, name, values, named)
  const [value] = values
  const one = values.length === 1 ? schemaOf30(value, named) : alternativesOf30({}, name, values, named)
  return { ...nullable(one, named), ...keywordsOf30(beside, named) }
}

/** `type: [a, b]`, as alternatives with one type each. */
function alternativesOf({ type }: JsonSchema): JsonSchema {
  const types = type as string[]
  const values = types.filter((one) => one !== 'null')
  if (values.length !== 1) throw new Error(`OpenAPI 3.0 has no rule for the types ${types.join()}.`)
  return { type: values[0], ...(values.length < types.length ? { nullable: true } : {}) }
}

/**
 * The strict meaning of 3.0 is that what is referred to cannot become null by a `nullable` beside it. Generators read it so all the same (the
 * usual form in the documents of .NET), and any other form costs them the name of the type. Texts and maps have no type of their own in
 * generated code, so they are put in the place of the reference, and then both agree.
 */
function nullable(schema: JsonSchema, named: Components): JsonSchema {
  if (typeof schema.$ref !== 'string') {
    const values = schema.enum as unknown[] | undefined
    return { ...schema, ...(values === undefined ? {} : { enum: [...values, null] }), nullable: true }
  }
  const target = named[componentName(schema.$ref)] ?? {}
  const { type } = target
  if (typeof type !== 'string') throw new Error(`OpenAPI 3.0: ${schema.$ref} can be null and has no single type.`)
  const hasItsOwn = target.properties !== undefined || target.enum !== undefined
  return hasItsOwn ? { type, nullable: true, allOf: [schema] } : { ...schemaOf30(target, named), nullable: true }
}

/** Generators have a type for one of several objects, and none for a text or a number: that becomes any value. */
function alternativesOf30(
  schema: JsonSchema,
  name: 'anyOf' | 'oneOf',
  values: readonly JsonSchema[],
  named: Components,
): JsonSchema {
  const { [name]: _, ...beside } = schema
  const all = values.every(({ $ref }) => typeof $ref === 'string' && isObject(named[componentName($ref)] ?? {}))
  return { ...(all ? { [name]: values.map((value) => schemaOf30(value, named)) } : {}), ...keywordsOf30(beside, named) }
}

function isObject({ type, oneOf, anyOf }: JsonSchema): boolean {
  return type === 'object' || oneOf !== undefined || anyOf !== undefined
}

function keywordsOf30(schema: JsonSchema, named: Components): JsonSchema {
  const narrowed = narrowing(schema)
  if (narrowed !== undefined) return narrowed
  const parts = Object.entries(schema).map(([name, value]) => keywordOf30(name, value, named))
  const converted = Object.assign({}, ...parts) as JsonSchema
  // Generators make texts of the values of an enum, and then a text of a boolean.
  if (converted.type === 'boolean') delete converted.enum
  return converted
}

/** A component, and namelessly what of it is possible here: generators make a type of its own of each, or take the first and complain. */
function narrowing({ allOf, ...beside }: JsonSchema): JsonSchema | undefined {
  const [reference, ...nameless] = (allOf ?? []) as JsonSchema[]
  const isOne = typeof reference?.$ref === 'string' && nameless.every(({ $ref }) => $ref === undefined)
  return isOne && nameless.length > 0 && Object.keys(beside).length === 0 ? reference : undefined
}

function keywordOf30(name: string, value: unknown, named: Components): JsonSchema {
  if (name === 'type' && value === 'null') throw new Error('OpenAPI 3.0 has no rule for what is always null.')
  if (name.startsWith('x-') || same.has(name)) return { [name]: value }
  if (leftOut.has(name)) return {}
  switch (name) {
    case 'properties':
      return { properties: mapped(value as Json, named) }
    case 'items':
    case 'not':
      return { [name]: schemaOf30(value, named) }
    case 'additionalProperties':
      return { [name]: typeof value === 'boolean' ? value : schemaOf30(value, named) }
    case 'allOf':
      return { allOf: (value as unknown[]).map((part) => schemaOf30(part, named)) }
    case 'const':
      return { enum: [value] }
    case 'examples':
      return { example: (value as unknown[])[0] }
    case 'exclusiveMinimum':
      return { minimum: value, exclusiveMinimum: true }
    case 'exclusiveMaximum':
      return { maximum: value, exclusiveMaximum: true }
    default:
      throw new Error(`OpenAPI 3.0 has no rule for the keyword ${name}.`)
  }
}
