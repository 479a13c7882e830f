/** A real answer, short enough to be read as an example, and still valid. */
import { type Document, type Json, resolved } from './schemas.ts'

/** So many members of a list, and entries of a map, are enough to see what they are. */
const most = 2

/** The value with the first members of every list, and the first entries of every map; members that its schema does not name are left out. */
export function shortened(value: unknown, schema: Json, document: Document): unknown {
  const own = optionFor(value, resolved(document, schema), document)
  if (Array.isArray(value)) {
    return value.slice(0, most).map((part) => shortened(part, (own.items ?? {}) as Json, document))
  }
  if (value === null || typeof value !== 'object') return value
  const properties = (own.properties ?? {}) as Readonly<Record<string, Json>>
  const ofMap = typeof own.additionalProperties === 'object' ? (own.additionalProperties as Json) : {}
  const isMap = own.properties === undefined
  const entries = Object.entries(value).filter(([name]) => isMap || name in properties)
  const kept = isMap ? entries.slice(0, most) : entries
  return Object.fromEntries(kept.map(([name, part]) => [name, shortened(part, properties[name] ?? ofMap, document)]))
}

/** Of alternatives, the one that the value is: it has every required member, and as many as possible of the value's. */
function optionFor(value: unknown, schema: Json, document: Document): Json {
  const options = (schema.oneOf ?? schema.anyOf) as Json[] | undefined
  if (options === undefined || value === null || typeof value !== 'object') return schema
  const fitting = options
    .map((option) => optionFor(value, resolved(document, option), document))
    .filter((option) => fits(value as Json, option))
  const known = ({ properties = {} }: Json) => Object.keys(value).filter((name) => name in (properties as Json)).length
  return fitting.toSorted((a, b) => known(b) - known(a))[0] ?? schema
}

function fits(value: Json, { type, properties = {}, required = [] }: Json): boolean {
  if (type !== (Array.isArray(value) ? 'array' : 'object')) return false
  return (
    (required as string[]).every((name) => name in value) &&
    Object.entries(properties as Record<string, Json>).every(
      ([name, property]) => !(name in value) || !Array.isArray(property.enum) || property.enum.includes(value[name]),
    )
  )
}
