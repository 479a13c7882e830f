/** What generators of clients, and readers who try a call in the browser, need from the OpenAPI documents. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { secretOf } from '@commitments/test-kit'
import t from 'tap'
import { openCommandApp } from '../services/command/test/app-fixture.ts'

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required: boolean
  readonly example?: string
}
interface Media {
  readonly schema: Readonly<Record<string, unknown>>
  readonly examples?: Readonly<Record<string, { value: unknown }>>
  readonly 'x-line-schema'?: unknown
}
interface Operation {
  readonly operationId: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly responses: object; readonly schemas: object }
}

for (const name of ['command', 'projection']) {
  const text = readFileSync(join(import.meta.dirname, `../openapi/${name}.json`), 'utf8')
  const document = JSON.parse(text) as Document
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path))

  t.test(`${name}: schemas contain nothing that breaks client generators`, async (t) => {
    const found = new Set<string>()
    JSON.parse(text, (_key, value: unknown) => {
      const schema = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
      if ('const' in schema) found.add('const')
      if (schema['type'] === 'integer' && schema['format'] !== 'int64') found.add('an integer without int64')
      if (schema['format'] === 'base64url') found.add('base64url')
      return value
    })
    t.strictSame([...found], [])
  })

  t.test(`${name}: no component has the name that generators give to the answer of an operation`, async (t) => {
    const names = new Set(Object.keys(document.components.responses))
    for (const { operationId, responses } of operations) {
      for (const status of Object.keys(responses)) {
        const pascal = operationId[0]?.toUpperCase() + operationId.slice(1)
        for (const taken of [`${pascal}${status}`, `${pascal}Response`]) t.notOk(names.has(taken), taken)
      }
    }
  })

  t.test(`${name}: NDJSON is text, and the schema of a line is given separately`, async (t) => {
    const contents = operations.flatMap(({ requestBody, responses }) => [
      requestBody?.content,
      ...Object.values(responses).map((response) => response.content),
    ])
    const all = contents.flatMap((content) => content?.['application/x-ndjson'] ?? [])
    t.ok(all.length > 0)
    for (const media of all) {
      t.match(media.schema, { type: 'string', description: /x-line-schema/ })
      const [, name = ''] = /^#\/components\/schemas\/(\w+)$/.exec(String(media['x-line-schema'])) ?? []
      t.ok(name in document.components.schemas, 'the place of a component, not a reference')
    }
  })

  t.test(`${name}: the values filled in for optional parameters can be sent together`, async (t) => {
    const filledIn = operations.flatMap(({ operationId, parameters = [] }) =>
      parameters
        .filter(({ required, example }) => !required && example !== undefined)
        .map((one) => `${operationId} ${one.name}`),
    )
    t.strictSame(filledIn, name === 'command' ? ['recordEvent dryRun', 'keepInStep dryRun'] : [])
  })
}

t.test('the request that "Try it out" offers is accepted, and records nothing', async (t) => {
  const { app, database } = await openCommandApp(t)
  const { paths } = (await app.inject({ url: '/openapi.json' })).json() as Document
  const operation = paths['/v1/proposals/{proposalId}/events']?.['post']
  if (operation === undefined) throw new Error('the document lacks the call that records')
  const { parameters = [], requestBody } = operation
  const filledIn = (place: string) =>
    Object.fromEntries(
      parameters.flatMap((one) => (one.in === place && one.example !== undefined ? [[one.name, one.example]] : [])),
    )
  const examples = Object.entries(requestBody?.content['application/json']?.examples ?? {})
  t.strictSame(
    examples.slice(0, 4).map(([type]) => type),
    ['proposed', 'agreed', 'funded', 'delivered'],
  )
  const answer = await app.inject({
    method: 'POST',
    url: `/v1/proposals/${filledIn('path')['proposalId']}/events`,
    query: filledIn('query'),
    headers: {
      ...filledIn('header'),
      authorization: `Bearer ${secretOf('registry')}`,
      'content-type': 'application/json',
    },
    payload: JSON.stringify(examples[0]?.[1].value),
  })
  t.match(answer.json(), { dryRun: true, type: 'proposed', version: 1 })
  t.equal((await database.pool().query('SELECT FROM events')).rowCount, 0)
})
