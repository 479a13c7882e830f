import { isFound, type Proposal, searchOf, searchWords } from '@commitments/domain'
import { example, proposed, search } from '@commitments/test-kit'
import { constantFrom, sample, string } from 'fast-check'
import t from 'tap'
import { type Ledger, openLedger, startService, type TestService } from './support.ts'

t.setTimeout(120_000)

const doors = { now: '', 'at a moment': 'asOf=2999-01-01&', 'as known': 'knownAtPosition=10&' }

async function ids(service: TestService, query: string, door = ''): Promise<string[]> {
  const answer = await service.get(`/v1/proposals?${door}limit=500&q=${encodeURIComponent(query)}`)
  if (answer.statusCode !== 200) throw new Error(answer.body)
  return answer.json().proposals.map((proposal: { proposalId: string }) => proposal.proposalId)
}

async function fill(ledger: Ledger): Promise<number> {
  await ledger.record(
    'vkist',
    proposed({
      title: { vi: 'Viện Khoa học và Công nghệ Việt Nam – Hàn Quốc', ko: '한-베 과학기술연구원' },
      summary: { en: 'Industrial research.' },
      fields: ['science-technology'] as never,
      parties: [
        { party: 'koica-kr', name: { en: 'Korea International Cooperation Agency' }, roles: ['funder'] },
      ] as never,
    }),
  )
  await ledger.record('chips', proposed({ title: { vi: 'Đào tạo nhân lực công nghiệp bán dẫn' } }))
  return ledger.record('copy', proposed({ title: { en: 'Ban dan, typed without marks; Bản đồ' } }))
}

const cases: readonly (readonly [query: string, found: string[]])[] = [
  ['vien khoa hoc', ['vkist']],
  ['hoc KHOA viện', ['vkist']],
  ['ban dan', ['chips', 'copy']],
  ['bán dẫn', ['chips']],
  ['ban dẫn', ['chips']],
  ['bản', ['copy']],
  ['ＢＡＮ', ['chips', 'copy']],
  ['dao tao', ['chips']],
  ['đào', ['chips']],
  ['과학기술', ['vkist']],
  ['과하', ['vkist']],
  ['ㄱㅎㄱㅅ', ['vkist']],
  ['koica industrial', ['vkist']],
  ['vkist science-technology', ['vkist']],
  ['international agency hàn', ['vkist']],
  ['vkist bán', []],
  ['đ', ['chips', 'copy']],
]

t.test('a search finds what people mean, now, at a moment and as known, with and without an index', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  // Later events, so that what was known at position 10 differs from what is known now.
  for (let n = 0; n < 8; n += 1) await ledger.record(`other-${n}`, proposed({ title: { en: 'Zzz' } }))
  const position = await fill(ledger)
  await service.applied(position)
  await service.get(`/v1/portfolio?knownAtPosition=${position}`)
  for (const state of ['with', 'without']) {
    for (const [query, found] of cases) {
      t.same(await ids(service, query, doors.now), found, `${query}, now, ${state}`)
      t.same(await ids(service, query, doors['at a moment']), found, `${query}, at a moment, ${state}`)
      const known = found.filter((id) => id !== 'copy')
      t.same(await ids(service, query, doors['as known']), known, `${query}, as known, ${state}`)
      for (const sort of ['title', '-updated', 'plannedEnd'])
        t.same((await ids(service, query, `sort=${sort}&`)).toSorted(), found, `${query}, by ${sort}`)
    }
    await ledger.pool.query('DROP INDEX IF EXISTS proposal_search_texts, moment_facets_texts')
  }
})

t.test('a search finds the current title of a proposal, and at a moment the title of that time', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  const before = await ledger.record('lab', proposed({ title: { en: 'Old name' }, summary: { en: 'Lasers' } }))
  const update = { title: { en: 'New' }, summary: { en: 'Quanta' }, fields: ['quantum'] } as never
  const after = await ledger.record('lab', example('updated', update))
  await service.applied(after)
  for (const [query, then, now] of [
    ['old', 1, 0],
    ['new', 0, 1],
    ['lasers', 1, 0],
    ['quanta', 0, 1],
    ['quantum', 0, 1],
  ] as const) {
    t.equal((await ids(service, query)).length, now, query)
    t.equal((await ids(service, query, `knownAtPosition=${before}&`)).length, then, query)
    t.equal((await ids(service, query, `knownAtPosition=${after}&`)).length, now, query)
  }
})

t.test('an impossible search is refused with the reason, by every door', async (t) => {
  const service = await startService(t, await openLedger(t))
  const nothing = /must have a letter, a digit or another sign/
  const refused: readonly (readonly [string, RegExp])[] = [
    [' ', nothing],
    ['\u3000\t', nothing],
    ['\u0301', nothing],
    ['\u0301'.repeat(200), nothing],
    ['\u200b', nothing],
    ['', /text of 1 to 200 characters/],
    ['x'.repeat(201), /text of 1 to 200 characters/],
    ['a\0', /U\+0000/],
  ]
  for (const door of ['', 'asOf=2024-01-01&', 'knownAtPosition=0&']) {
    for (const accept of ['application/json', 'text/csv']) {
      for (const [query, message] of refused) {
        const answer = await service.get(`/v1/proposals?${door}q=${encodeURIComponent(query)}`, { accept })
        t.equal(answer.statusCode, 400, JSON.stringify(query))
        t.match(answer.json(), { code: 'invalid', errors: [{ path: 'query.q' }] })
        t.match(answer.json().errors[0].message, message)
      }
    }
  }
  const odd = await service.get('/v1/proposals?q=%ED%A0%80')
  t.ok(odd.statusCode === 400 || odd.statusCode === 200, 'half of a surrogate pair is no UTF-8, and no mistake of ours')
  for (const query of ['a', '&', `a${'\u0301'.repeat(199)}`, '('.repeat(200), 'é'.repeat(200), 'a b '.repeat(50)])
    t.equal((await service.get(`/v1/proposals?q=${encodeURIComponent(query)}`)).statusCode, 200, query.slice(0, 10))
})

const letter = constantFrom(...Array.from('aAáảđĐdeêềé베벹트ㅌ과학ㄱㅎ&%_.(1é \u0301'), 'ＡＢ')
const words = string({ unit: letter, minLength: 1, maxLength: 8 }).filter((text) => searchWords(text).length > 0)
const titles = string({ unit: letter, minLength: 1, maxLength: 14 }).filter((text) => /[a-z1]/.test(text))

t.test('the database finds what the domain finds, for any text and any query', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  const seeds = search(t, 40)
  const made = sample(titles, { ...seeds, numRuns: 60 })
  const events = made.map(
    (title, n) => [`p-${n}`, proposed({ title: { en: title }, summary: { vi: `x ${title}` } })] as const,
  )
  await service.applied(await ledger.recordAll(events))
  const { proposals } = (await service.get('/v1/proposals?limit=500')).json() as { proposals: Proposal[] }
  for (const query of sample(words, seeds)) {
    const expected = proposals.flatMap((one) => (isFound(searchOf(one), searchWords(query)) ? [one.proposalId] : []))
    for (const door of ['', 'asOf=2999-01-01&'])
      t.same(await ids(service, query, door), expected, JSON.stringify(query))
  }
})
