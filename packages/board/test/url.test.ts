import * as fc from 'fast-check'
import t from 'tap'
import { conditions, endings, kinds, roles, stages } from '../src/url/codes.ts'
import { carriedOf, filtersOf, isPast, momentOf, wasKnown, withoutMoment } from '../src/url/moment.ts'
import { parsePath, pathOf } from '../src/url/pages.ts'
import { formatQuery, languages, parseQuery, type Query, sorts } from '../src/url/query.ts'

const slug = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/)
const day = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))
const some = <Value>(value: fc.Arbitrary<Value>) => fc.uniqueArray(value, { minLength: 1, maxLength: 5 })
const position = fc.integer({ min: 1, max: 999_999_999 })

const queries: fc.Arbitrary<Query> = fc.record(
  {
    q: fc.string({ minLength: 1, maxLength: 50, unit: 'binary' }).filter((text) => !text.includes('\0')),
    stage: some(fc.constantFrom(...stages)),
    condition: some(fc.constantFrom(...conditions)),
    ending: some(fc.constantFrom(...endings, 'none' as const)),
    kind: some(fc.constantFrom(...kinds)),
    party: some(slug),
    role: some(fc.constantFrom(...roles)),
    country: some(fc.stringMatching(/^[A-Z]{2}$/)),
    field: some(slug),
    parent: slug,
    hasParts: fc.constantFrom('true' as const, 'false' as const),
    contested: fc.constantFrom('true' as const, 'false' as const),
    ids: some(slug),
    sort: fc.constantFrom(...sorts, '-title' as const, '-committed' as const),
    currency: fc.stringMatching(/^[A-Z]{3}$/),
    view: fc.constantFrom('table' as const, 'programmes' as const, 'dates' as const),
    order: fc.constantFrom('oldest' as const, 'newest' as const),
    type: some(slug),
    before: position,
    asOf: day,
    knownAtPosition: position,
    lang: fc.constantFrom(...languages),
    theme: fc.constantFrom('light' as const, 'dark' as const),
  },
  { requiredKeys: [] },
)

t.test('a query is read back from its URL unchanged', async (t) => {
  fc.assert(
    fc.property(queries, (query) => {
      const { query: again, ignored } = parseQuery(formatQuery(query))
      t.same(ignored, [])
      t.same(again, query)
    }),
    { numRuns: 500 },
  )
})

t.test('any typed URL has its normal form after one reading', async () => {
  const typed = fc
    .array(
      fc.tuple(
        fc.oneof(fc.constantFrom('stage', 'q', 'asOf', 'sort', 'lang', 'ids', 'nope'), fc.string()),
        fc.string(),
      ),
    )
    .map((pairs) => new URLSearchParams(pairs).toString())
  fc.assert(
    fc.property(typed, (search) => {
      const once = formatQuery(parseQuery(search).query)
      return formatQuery(parseQuery(once).query) === once && parseQuery(once).ignored.length === 0
    }),
    { numRuns: 500 },
  )
})

t.test('unknown names and invalid values are reported and have no effect', async (t) => {
  const { query, ignored } = parseQuery('?stage=funded,bogus&foo=1&asOf=2023-02-29&knownAtPosition=0&country=VN')
  t.same(query, { stage: ['funded'], country: ['VN'] })
  t.same(ignored, [
    { name: 'stage', value: 'bogus', known: true },
    { name: 'foo', value: '1', known: false },
    { name: 'asOf', value: '2023-02-29', known: true },
    { name: 'knownAtPosition', value: '0', known: true },
  ])
})

t.test('an instant that the API refuses has no effect', async (t) => {
  for (const instant of ['2026-11-29T07:50:43Z', '2026-11-29T23:59:59.123456+14:00', '0001-01-02T00:00:00-13:59'])
    t.same(parseQuery(new URLSearchParams({ knownAt: instant }).toString()).query, { knownAt: instant })
  for (const instant of [
    '2026-11-29T24:00:00Z',
    '2026-11-29T07:50:43+14:30',
    '2026-11-29T07:50:43-15:00',
    '2026-11-29',
  ])
    t.same(parseQuery(new URLSearchParams({ knownAt: instant }).toString()), {
      query: {},
      ignored: [{ name: 'knownAt', value: instant, known: true }],
    })
})

t.test('alternatives can be separated by commas or repeated', async (t) => {
  t.same(parseQuery('stage=agreed&stage=funded,agreed').query, { stage: ['agreed', 'funded'] })
})

t.test('equal queries give equal URLs, in whatever order they were built', async (t) => {
  t.equal(
    formatQuery({ country: ['VN'], q: 'bán dẫn', stage: ['funded', 'agreed'] }),
    formatQuery(parseQuery('stage=funded,agreed&country=VN&q=b%C3%A1n+d%E1%BA%ABn').query),
  )
  t.equal(formatQuery({}), '')
})

t.test('a link keeps the selected moment, and no filter', async (t) => {
  const { query } = parseQuery('stage=agreed&asOf=2023-12-31&knownAtPosition=150&lang=ko')
  t.same(carriedOf(query), { asOf: '2023-12-31', knownAtPosition: 150, lang: 'ko' })
  t.same(momentOf(query), { asOf: '2023-12-31', knownAtPosition: 150 })
  t.same(filtersOf(query), { stage: ['agreed'] })
  t.ok(isPast(query))
  t.notOk(isPast(withoutMoment(query)))
})

t.test('paths lead to pages and back, also below a path prefix', async (t) => {
  for (const base of ['', '/below/here']) {
    for (const path of ['/', '/proposals', '/proposals/vkist-phase-2', '/activity', '/ledger']) {
      t.equal(pathOf(parsePath(base + path, base), base), base + path)
      t.not(parsePath(base + path, base).name, 'nowhere')
    }
  }
  t.same(parsePath('/v1/proposals'), { name: 'nowhere', path: '/v1/proposals' })
})

t.test(
  'what was recorded in the millisecond of the selected moment was known then only if it came first',
  async (t) => {
    const recorded = { position: 7, recordedAt: '2026-11-30T13:40:12.043524Z' }
    for (const knownAt of [
      '2026-11-30T13:40:12.043524Z',
      '2026-11-30T20:40:12.0435241+07:00',
      '2026-11-30T13:40:12.044Z',
    ])
      t.equal(wasKnown({ knownAt }, recorded), true, knownAt)
    for (const knownAt of ['2026-11-30T13:40:12.043523Z', '2026-11-30T20:40:12.043+07:00', '2026-11-30T13:40:12Z'])
      t.equal(wasKnown({ knownAt }, recorded), false, knownAt)
    t.equal(wasKnown({ knownAtPosition: 7 }, recorded), true)
    t.equal(wasKnown({ knownAtPosition: 6 }, recorded), false)
    t.equal(wasKnown({}, recorded), true)
  },
)
