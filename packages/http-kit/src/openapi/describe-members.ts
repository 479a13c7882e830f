/**
 * The descriptions of members that are named in a table and not in their schemas: a word for one thing is written once, for the vocabulary, the
 * pages and this document alike.
 */
import type { JsonSchema } from './schema-components.ts'

/** What a member of a component means; undefined where the table does not know it. */
export type MeaningOfMember = (component: string, member: string) => string | undefined

/** Components with every member described that is neither described by itself nor a reference to another component. */
export function describeMembers(
  schemas: Readonly<Record<string, unknown>>,
  meaningOf: MeaningOfMember = () => undefined,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(schemas).map(([component, schema]) => [
      component,
      describeWithin(schema, (member) => meaningOf(component, member)),
    ]),
  )
}

function describeWithin(value: unknown, meaningOf: (member: string) => string | undefined): unknown {
  if (Array.isArray(value)) return value.map((part) => describeWithin(part, meaningOf))
  if (value === null || typeof value !== 'object') return value
  const parts = Object.entries(value as JsonSchema).map(([name, part]) => {
    if (name === 'examples') return [name, part]
    if (name !== 'properties') return [name, describeWithin(part, meaningOf)]
    return [name, describeProperties(part as Readonly<Record<string, JsonSchema>>, meaningOf)]
  })
  return Object.fromEntries(parts)
}

function describeProperties(
  properties: Readonly<Record<string, JsonSchema>>,
  meaningOf: (member: string) => string | undefined,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).map(([member, schema]) => {
      const within = describeWithin(schema, meaningOf) as JsonSchema
      const description = '$ref' in within ? undefined : (within.description ?? meaningOf(member))
      return [member, description === undefined ? within : { ...within, description }]
    }),
  )
}
