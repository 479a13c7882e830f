import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { eventTypes, wordLanguages } from '@commitments/domain'
import t from 'tap'
import { vocabulary } from '../src/vocabulary.ts'
import { openLedger, startService } from './support.ts'

type Node = Readonly<Record<string, unknown>>

const root = fileURLToPath(new URL('../../..', import.meta.url))
const documents = ['command', 'projection'].map((name) => JSON.parse(textOf(`openapi/${name}.json`)) as Node)
const components = new Map(
  documents.flatMap((document) => Object.entries((document.components as { schemas: Record<string, Node> }).schemas)),
)

function textOf(file: string): string {
  return readFileSync(`${root}/${file}`, 'utf8')
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null
}

/** Values that other standards define, what only a balancer sends, and booleans: no person reads them. */
const noCodes = [['true', 'false'], ['1.0'], ['application/json'], ['header'], ['signing']]

/** Every closed set of texts below a part of a document, with its place. */
function enumsIn(node: unknown, place: string): { readonly place: string; readonly codes: string[] }[] {
  if (!isNode(node)) return []
  const given = Array.isArray(node.enum) ? node.enum : 'const' in node ? [node.const] : []
  const codes = given.filter((code) => typeof code === 'string')
  const own = codes.length > 0 && !noCodes.some((others) => others.join() === codes.join()) ? [{ place, codes }] : []
  // Recorded data may name anything: examples are not schemas.
  const parts = Object.entries(node).filter(([name]) => name !== 'example' && name !== 'examples')
  return [...own, ...parts.flatMap(([name, part]) => enumsIn(part, `${place}/${name}`))]
}

/** One table must have words for all codes of a set: words of another set that happens to have the same code do not count. */
function hasWords(codes: readonly string[]): boolean {
  const known = Object.values(vocabulary)
  // A minus before the name of a member reverses the order.
  const names = codes.map((code) => code.replace(/^-/, ''))
  return known.some((table) => names.every((code) => Object.hasOwn(table, code)))
}

t.test('every code of an enum in the OpenAPI documents has words, all codes of one enum in one table', async (t) => {
  const enums = documents.flatMap((document, index) => enumsIn(document, ['command', 'projection'][index] ?? ''))
  t.ok(enums.length > 100)
  t.same(
    enums.filter(({ codes }) => !hasWords(codes)),
    [],
  )
})

t.test('an enum with a code that has no words is found', async (t) => {
  t.same(enumsIn({ schema: { enum: ['agreed', 'dreamt'] } }, 'x'), [{ place: 'x/schema', codes: ['agreed', 'dreamt'] }])
  t.notOk(hasWords(['agreed', 'dreamt']))
})

/** Members of the objects below a schema, with the component or event type that they belong to; references are followed. */
function membersOf(node: unknown, owner: string, seen: Set<string>): string[] {
  if (!isNode(node)) return []
  const reference = typeof node.$ref === 'string' ? (node.$ref.split('/').at(-1) ?? '') : undefined
  if (reference !== undefined) {
    if (seen.has(reference)) return []
    seen.add(reference)
    return membersOf(components.get(reference), reference, seen)
  }
  const properties = isNode(node.properties) ? Object.entries(node.properties) : []
  const branches = [node.anyOf, node.allOf, node.oneOf].flatMap((list) => (Array.isArray(list) ? list : []))
  return [
    ...properties.flatMap(([name, part]) => [`${owner}.${name}`, ...membersOf(part, owner, seen)]),
    ...[...branches, node.items, node.additionalProperties].flatMap((part) => membersOf(part, owner, seen)),
  ]
}

function withoutWords(members: readonly string[]): string[] {
  const { members: known = {} } = vocabulary
  return members.filter((member) => {
    const name = member.slice(member.lastIndexOf('.') + 1)
    return !Object.hasOwn(known, member) && !Object.hasOwn(known, name)
  })
}

t.test('every member of the data of every type of event has words', async (t) => {
  const types = new Map(
    eventTypes.map((type) => [type.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase()), type]),
  )
  for (const [component, type] of types) {
    t.same(withoutWords(membersOf(components.get(component), type, new Set())), [], type)
  }
})

t.test('every member of a status, a portfolio and an item of a history has words', async (t) => {
  for (const component of ['ProposalStatus', 'Portfolio', 'EventItem', 'RecordedFunded']) {
    t.same(withoutWords(membersOf(components.get(component), component, new Set())), [], component)
  }
})

t.test('every field of activity of the portfolio has words', async (t) => {
  const used = textOf('data/portfolio.ndjson')
    .trim()
    .split('\n')
    .flatMap((line) => (JSON.parse(line) as { data: { fields?: string[] } }).data.fields ?? [])
  t.same(
    [...new Set(used)].filter((field) => !Object.hasOwn(vocabulary.fields ?? {}, field)),
    [],
  )
})

const written = { en: /[a-z]/i, vi: /\p{Script=Latin}/u, ko: /\p{Script=Hangul}/u }

t.test('every code has a short label and a whole sentence in each of the three languages', async (t) => {
  for (const [group, table] of Object.entries(vocabulary)) {
    for (const [code, words] of Object.entries(table)) {
      for (const language of wordLanguages) {
        const { label, description } = words[language]
        const place = `${group} ${code} ${language}`
        t.match(label, written[language], place)
        t.match(description, written[language], place)
        t.equal(label, label.trim(), place)
        t.ok(group === 'problems' || label.length <= 40, `${place}: the label is short`)
        t.match(description, /[.…]$/, `${place}: the description is a sentence`)
        t.equal(`${label}${description}`, `${label}${description}`.normalize('NFC'), place)
      }
    }
  }
})

t.test('one language is given on request, with its own tag, and nothing is sent again', async (t) => {
  const service = await startService(t, await openLedger(t))
  const all = await service.get('/v1/vocabulary')
  t.same(all.json(), { vocabulary })
  const korean = await service.get('/v1/vocabulary?lang=ko')
  t.same(korean.json().vocabulary.stages.agreed, { ko: vocabulary.stages?.agreed?.ko })
  t.same(Object.keys(korean.json().vocabulary), Object.keys(vocabulary))
  t.not(korean.headers.etag, all.headers.etag)
  const again = await service.get('/v1/vocabulary?lang=ko', { 'if-none-match': String(korean.headers.etag) })
  t.equal(again.statusCode, 304)
  t.match((await service.get('/v1/vocabulary?lang=fr')).json(), {
    status: 400,
    code: 'invalid',
    errors: [{ path: 'query.lang' }],
  })
})

t.test('a type of event says in each language in which states it is possible', async (t) => {
  for (const type of eventTypes) {
    const words = vocabulary.eventTypes[type]
    for (const language of wordLanguages) t.match(words?.[language].from, written[language], `${type} ${language}`)
  }
})
