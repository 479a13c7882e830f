import { readFileSync } from 'node:fs'
import {
  definitionOf,
  describeEnvelope,
  describeEventTypes,
  EventTypeDescription,
  envelope,
  eventDefinitions,
  eventTypes,
  parseEventBody,
} from '@commitments/domain'
import t from 'tap'
import { registryFile, registryText } from '../../../scripts/generate-registry.ts'

t.test('the registry is what is generated from the folder of events', async (t) => {
  t.equal(readFileSync(registryFile, 'utf8'), registryText(), 'run npm run generate')
})

t.test('every definition has the type that its file is named after, and lies in the folder of its group', async (t) => {
  const files = [...registryText().matchAll(/events\/([a-z]+)\/([a-z-]+)\.ts/g)]
  const types = files.map(([, , type = '']) => type)
  t.same(
    eventTypes,
    types.toSorted((a, b) => (a < b ? -1 : 1)),
  )
  for (const [, group, type = ''] of files) t.equal(definitionOf(type)?.group, group, type)
  for (const definition of eventDefinitions) t.equal(definitionOf(definition.type), definition)
  t.equal(definitionOf('toString'), undefined)
})

t.test('the registry describes itself as plain JSON, with the schema of each data', async (t) => {
  const described = describeEventTypes()
  t.same(
    described.map(({ type }) => type),
    eventTypes,
  )
  t.same(JSON.parse(JSON.stringify(described)), described)
  for (const one of described) t.match(EventTypeDescription.safeParse(one), { success: true }, one.type)
  t.match(
    described.find(({ type }) => type === 'disbursed'),
    {
      group: 'money',
      schemaVersion: 1,
      words: { vi: { label: 'Giải ngân' } },
      from: { text: 'open, funded', accepts: 'open' },
      sourced: true,
      dataSchema: { type: 'object', required: ['transaction', 'line', 'amount'], additionalProperties: false },
    },
  )
})

t.test('what every event has beside type and data is described too', async (t) => {
  const { type, properties } = describeEnvelope()
  t.equal(type, 'object')
  t.same(Object.keys(properties as object), Object.keys(envelope))
})

t.test('every event has words in English, Vietnamese and Korean', async (t) => {
  for (const { type, words } of eventDefinitions) {
    for (const language of ['en', 'vi', 'ko'] as const) {
      t.ok(words[language].label.length > 0, `${type} ${language}`)
      t.match(words[language].description, /\.$/, `${type} ${language}`)
    }
  }
})

t.test('every event has a documented schema whose examples are valid', async (t) => {
  for (const { type, data } of eventDefinitions) {
    const meta = data.meta()
    t.match(meta, { id: /^[A-Z][A-Za-z]+Data$/, description: /\.$/ }, type)
    const examples = (meta?.examples ?? []) as unknown[]
    t.ok(examples.length > 0, type)
    for (const example of examples) {
      t.match(parseEventBody({ type, occurredOn: '2024', assertedBy: 'most-vn', data: example }), { ok: true }, type)
    }
  }
})
