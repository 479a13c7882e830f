import t from 'tap'
import { documentOf, type Json, resolved, schemasOf, services } from './contract/schemas.ts'

/** Words that say nothing by themselves. */
const fillers = new Set(['a', 'an', 'the', 'of', 'its', 'this', 'is', 'that', 'for', 'to', 'in', 'it', 'here'])

for (const service of services) {
  const document = documentOf(service)
  const schemas = schemasOf(document)

  t.test(`${service}: every property is described, and not by its name alone`, async (t) => {
    const properties = schemas.filter(({ path }) => /(^|\/)properties\/[^/]+$/.test(path))
    t.ok(properties.length > 500)
    const poor = properties.filter(({ path, schema }) => {
      const description = schema.description ?? resolved(document, schema).description
      return typeof description !== 'string' || saysNothing(path.split('/').at(-1) ?? '', description)
    })
    t.same(
      poor.map(({ path, schema }) => `${path}: ${String(schema.description)}`),
      [],
    )
  })

  t.test(`${service}: alternatives are named, so that generators have a type for them`, async (t) => {
    const nameless = schemas.filter(({ path, schema }) => path.includes('/') && alternativesOf(schema).length > 1)
    t.same(
      nameless.map(({ path }) => path),
      [],
    )
  })

  t.test(`${service}: every component is described`, async (t) => {
    const { schemas: components = {} } = document.components
    t.same(
      Object.keys(components).filter((name) => typeof components[name]?.description !== 'string'),
      [],
    )
  })
}

/** Components of which a schema allows one. */
function alternativesOf({ anyOf, oneOf }: Json): Json[] {
  return ((anyOf ?? oneOf ?? []) as Json[]).filter(({ $ref }) => $ref !== undefined)
}

t.test('a description that only repeats the name is found', async (t) => {
  for (const text of ['The proposal id.', 'Proposal ids', 'proposalId', 'The id of the proposal.', ' ']) {
    t.equal(saysNothing('proposalId', text), true, text)
  }
  t.equal(saysNothing('proposalId', 'The id of the proposal; it never changes.'), false)
})

/** Whether a text has no word beside those of the name. */
function saysNothing(name: string, text: string): boolean {
  const own = wordsOf(name)
  return [...wordsOf(text)].every((word) => own.has(word) || fillers.has(word))
}

function wordsOf(text: string): Set<string> {
  const words =
    text
      .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .match(/[\p{L}\d]+/gu) ?? []
  return new Set(words.map((word) => word.replace(/(?<=..)s$/, '')))
}
