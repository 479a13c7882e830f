import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { domainVocabulary } from '@commitments/domain'
import t from 'tap'
import { codesOf } from '../src/parts/codes-of-members.ts'

type Schema = Readonly<Record<string, unknown>>
const contract = join(import.meta.dirname, '../../../openapi/command.json')
const { schemas } = (JSON.parse(readFileSync(contract, 'utf8')) as { readonly components: Components }).components

interface Components {
  readonly schemas: Readonly<Record<string, Schema & { readonly enum?: readonly string[] }>>
}

t.test('every code in an event is shown as its word', async (t) => {
  const data = Object.entries(schemas).filter(([name]) => name.endsWith('Data'))
  t.ok(data.length > 30)
  const found = data.flatMap(([name, schema]) => codedMembers(schema, '').map((coded) => ({ name, ...coded })))
  t.ok(found.length > 8)
  for (const { name, member, codes } of found) {
    const groups = (codesOf[member] ?? []) as readonly (keyof typeof domainVocabulary)[]
    const without = codes.filter((code) => !groups.some((group) => Object.hasOwn(domainVocabulary[group], code)))
    t.same(without, [], `${member} of ${name}`)
  }
})

/** Members whose values are codes, at any depth. */
function codedMembers(
  schema: unknown,
  member: string,
  above: readonly string[] = [],
): { member: string; codes: readonly string[] }[] {
  if (typeof schema !== 'object' || schema === null) return []
  const { $ref, properties, examples: _, ...others } = schema as Schema & { readonly $ref?: string }
  const name = $ref?.replace(/^.*\//, '') ?? ''
  const named = schemas[name]
  const own = named?.enum === undefined || member === '' ? [] : [{ member, codes: named.enum }]
  const below = named === undefined || above.includes(name) ? [] : codedMembers(named, member, [...above, name])
  return [
    ...own,
    ...below,
    ...Object.entries(properties ?? {}).flatMap(([inner, value]) => codedMembers(value, inner, above)),
    ...Object.values(others).flatMap((value) => codedMembers(value, member, above)),
  ]
}
