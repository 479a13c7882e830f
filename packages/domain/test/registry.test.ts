import { readFileSync } from 'node:fs'
import { definitionOf, eventDefinitions, eventTypes, parseEventBody } from '@commitments/domain'
import t from 'tap'
import { registryFile, registryText } from '../../../scripts/generate-registry.ts'

t.test('the registry is what is generated from the folder of events', async (t) => {
  t.equal(readFileSync(registryFile, 'utf8'), registryText(), 'run npm run generate')
})

t.test('every definition stands under the type that its file is named for', async (t) => {
  const files = registryText().matchAll(/events\/([a-z-]+)\.ts/g)
  t.same(
    eventTypes,
    [...files].map(([, type]) => type),
  )
  for (const definition of eventDefinitions) t.equal(definitionOf(definition.type), definition)
  t.equal(definitionOf('toString'), undefined)
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
