/**
 * JSON Schema from zod for OpenAPI 3.1: every schema with an id becomes a component. A schema whose input differs from its output
 * (defaults, text that becomes a number) becomes two; the name of the input one ends in `Input`.
 */
import { z } from 'zod'

export type JsonSchema = Record<string, unknown>
type Io = 'input' | 'output'

export interface Components {
  input: Map<string, JsonSchema>
  output: Map<string, JsonSchema>
}

export function createComponents(): Components {
  return { input: new Map(), output: new Map() }
}

const place = '#/components/schemas/'
/** Marks a reference of the input side until it is known whether the two sides differ. */
const inputPlace = '#/input/'

/** The schema at one place of the document; its named parts are added to the components. */
export function toJsonSchema(components: Components, schema: z.ZodType, io: Io): JsonSchema {
  // Inside an array, even a schema with its own id comes out as a reference.
  const override = ({ zodSchema, jsonSchema }: { zodSchema: unknown; jsonSchema: Converted }) =>
    refine(io, zodSchema, jsonSchema)
  const converted = z.toJSONSchema(z.array(schema), { io, target: 'draft-2020-12', override }) as {
    items: JsonSchema
    $defs?: Record<string, JsonSchema>
  }
  for (const [id, definition] of Object.entries(converted.$defs ?? {})) {
    components[io].set(id, relink(definition, io) as JsonSchema)
  }
  return relink(converted.items, io) as JsonSchema
}

type Converted = z.core.JSONSchema.BaseSchema

function refine(io: Io, zodSchema: unknown, jsonSchema: Converted): void {
  if (zodSchema instanceof z.ZodDiscriminatedUnion) discriminate(zodSchema, jsonSchema)
  // No OpenAPI tool knows this format, and some warn about it at each place.
  if (jsonSchema.format === 'base64url') delete jsonSchema.format
  // zod also writes formats as patterns of several lines.
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern
  // Generators use 32 bits for an integer without a format; positions can be larger.
  if (jsonSchema.type === 'integer') jsonSchema.format = 'int64'
  // Many tools do not know `const` yet, but all know a list with one value.
  if (jsonSchema.const !== undefined) {
    jsonSchema.enum = [jsonSchema.const]
    delete jsonSchema.const
  }
  // Members may be added to answers: only what is strict in zod is closed in the document.
  if (zodSchema instanceof z.ZodObject && zodSchema.def.catchall === undefined) delete jsonSchema.additionalProperties
  // zod omits the default if text is converted first, as in every query.
  if (zodSchema instanceof z.ZodDefault) jsonSchema.default ??= zodSchema.def.defaultValue
  if (io === 'output' && zodSchema instanceof z.ZodType) completeExamples(zodSchema, jsonSchema)
}

/** Examples are written as input; examples of answers must have what the schema adds. */
function completeExamples(schema: z.ZodType, jsonSchema: Converted): void {
  const examples = jsonSchema.examples
  if (!Array.isArray(examples)) return
  jsonSchema.examples = examples.map((example: unknown) => schema.safeParse(example).data ?? example)
}

/** If a value is one of several variants told apart by one member, generated clients need the table of names. */
function discriminate({ def }: z.ZodDiscriminatedUnion, jsonSchema: Converted): void {
  const mapping = Object.fromEntries(def.options.flatMap((option) => namesOf(option, def.discriminator)))
  if (jsonSchema.anyOf !== undefined) {
    jsonSchema.oneOf = jsonSchema.anyOf
    delete jsonSchema.anyOf
  }
  jsonSchema.discriminator = { propertyName: def.discriminator, mapping }
}

function namesOf(option: z.core.$ZodType, discriminator: string): [value: string, reference: string][] {
  const id = z.globalRegistry.get(option)?.id
  const member: unknown = option instanceof z.ZodObject ? option.shape[discriminator] : undefined
  if (id === undefined || !(member instanceof z.ZodLiteral)) return []
  return [...member.values].map((value) => [String(value), `#/$defs/${id}`])
}

/** Turns `#/$defs/X` into a reference to the component, and drops what only a separate document would need. */
function relink(value: unknown, io: Io): unknown {
  if (typeof value === 'string') {
    return value.startsWith('#/$defs/') ? (io === 'input' ? inputPlace : place) + value.slice('#/$defs/'.length) : value
  }
  if (Array.isArray(value)) return value.map((part) => relink(part, io))
  if (value === null || typeof value !== 'object') return value
  const schema = value as JsonSchema
  const parts = Object.entries(schema).filter(([name, part]) => !isOwnName(name, part, schema))
  return Object.fromEntries(parts.map(([name, part]) => [name, relink(part, io)]))
}

/** `id` as zod's registry writes it, unlike a property with that name. */
function isOwnName(name: string, part: unknown, schema: JsonSchema): boolean {
  if (name === '$schema' || name === '$id') return true
  return (
    name === 'id' &&
    typeof part === 'string' &&
    ('type' in schema || 'oneOf' in schema || 'anyOf' in schema || 'allOf' in schema || '$ref' in schema)
  )
}

/** Settles the names of both sides in a whole document, and returns the finished components. */
export function settleComponents<Document>(components: Components, document: Document) {
  const apart = differing(components)
  const settle = (value: unknown): unknown => rename(value, components, apart)
  const schemas: Record<string, unknown> = {}
  for (const [id, schema] of components.output) schemas[id] = settle(schema)
  for (const [id, schema] of components.input) schemas[nameOfInput(id, components, apart)] = settle(schema)
  const sorted = Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  return { schemas: sorted, document: settle(document) as Document }
}

function nameOfInput(id: string, components: Components, apart: ReadonlySet<string>): string {
  return components.output.has(id) && apart.has(id) ? `${id}Input` : id
}

function rename(value: unknown, components: Components, apart: ReadonlySet<string>): unknown {
  if (typeof value === 'string') {
    if (!value.startsWith(inputPlace)) return value
    return place + nameOfInput(value.slice(inputPlace.length), components, apart)
  }
  if (Array.isArray(value)) return value.map((part) => rename(part, components, apart))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, rename(part, components, apart)]))
}

/** Ids whose two sides differ, by themselves or through something that they refer to. */
function differing(components: Components): Set<string> {
  const apart = new Set<string>()
  let size = -1
  while (size !== apart.size) {
    size = apart.size
    for (const [id, input] of components.input) {
      const output = components.output.get(id)
      if (output !== undefined && !isSame(input, output, apart)) apart.add(id)
    }
  }
  return apart
}

function isSame(input: JsonSchema, output: JsonSchema, apart: ReadonlySet<string>): boolean {
  const text = JSON.stringify(input)
  if (text.replaceAll(inputPlace, place) !== JSON.stringify(output)) return false
  return ![...apart].some((id) => text.includes(`"${inputPlace}${id}"`))
}
