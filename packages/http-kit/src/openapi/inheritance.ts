/**
 * Unions whose members are told apart by one member, as a general type and special ones. It is the form of OpenAPI 3.0 from which generators for Java
 * and C# make classes that can be given and taken: of `oneOf` they make one class with the members of all.
 */
import type { JsonSchema } from './schema-components.ts'

export type Components = Readonly<Record<string, JsonSchema>>

interface Union {
  readonly name: string
  /** What tells the members apart. */
  readonly discriminator: string
  readonly members: readonly string[]
}

export function componentName(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1)
}

/** The components with each such union as a general type, and its members as special ones. One that is in two unions stays as it is, with both. */
export function withInheritance(schemas: Components): Components {
  const unions = unionsOf(schemas)
  const once = unions.filter(
    ({ members }) => !members.some((member) => unions.filter((other) => other.members.includes(member)).length > 1),
  )
  return Object.assign({ ...schemas }, ...once.map((union) => inheriting(schemas, union))) as Components
}

function unionsOf(schemas: Components): Union[] {
  return Object.entries(schemas).flatMap(([name, { oneOf, discriminator }]) => {
    const { propertyName, mapping = {} } = (discriminator ?? {}) as { propertyName?: string; mapping?: object }
    if (oneOf === undefined || propertyName === undefined) return []
    const members = Object.values(mapping as Record<string, string>).map(componentName)
    return [{ name, discriminator: propertyName, members }]
  })
}

function inheriting(schemas: Components, { name, discriminator, members }: Union): Components {
  const all = members.map((member) => schemas[member] ?? {})
  const { oneOf: _, ...union } = schemas[name] ?? {}
  const common = commonProperties(all, discriminator)
  const general: JsonSchema = {
    type: 'object',
    ...union,
    properties: common,
    required: Object.keys(common).filter((one) => all.every((member) => requiredOf(member).includes(one))),
  }
  const special = members.map((member) => [member, specialOf(name, schemas[member] ?? {}, general)] as const)
  return { [name]: general, ...Object.fromEntries(special) }
}

/** The members that all have in the same form, and the one that tells them apart, with all its values. */
function commonProperties(all: readonly JsonSchema[], discriminator: string): Readonly<Record<string, JsonSchema>> {
  const [first = {}, ...others] = all
  const properties = Object.entries(propertiesOf(first)).flatMap(([name, property]) => {
    if (name === discriminator) {
      const values = all.flatMap((one) => (propertiesOf(one)[name]?.enum ?? []) as unknown[])
      return [[name, { ...property, enum: values }] as const]
    }
    const text = JSON.stringify(property)
    const everywhere = others.every((one) => JSON.stringify(propertiesOf(one)[name]) === text)
    return everywhere ? [[name, property] as const] : []
  })
  return Object.fromEntries(properties)
}

/** It is not closed, because nothing that is closed can have further members by `allOf`. */
function specialOf(name: string, schema: JsonSchema, general: JsonSchema): JsonSchema {
  const { properties: _, required: __, additionalProperties: ___, type: ____, description, ...others } = schema
  const own = Object.entries(propertiesOf(schema)).filter(([member]) => !(member in propertiesOf(general)))
  const required = requiredOf(schema).filter((member) => !requiredOf(general).includes(member))
  return {
    ...(description === undefined ? {} : { description }),
    allOf: [
      { $ref: `#/components/schemas/${name}` },
      {
        type: 'object',
        properties: Object.fromEntries(own),
        ...(required.length === 0 ? {} : { required }),
      },
    ],
    ...others,
  }
}

function propertiesOf({ properties }: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return (properties ?? {}) as Readonly<Record<string, JsonSchema>>
}

function requiredOf({ required }: JsonSchema): readonly string[] {
  return (required ?? []) as readonly string[]
}
