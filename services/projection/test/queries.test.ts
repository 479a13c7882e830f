import { agreed, example, proposed } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { sparse } from '../src/past/bitemporal-rows.ts'
import { openLedger, startService, type TestService } from './support.ts'

t.setTimeout(120_000)

async function open(t: Test) {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  return { ledger, service }
}

/** Every read that takes `knownAt`, and those that take `updatedSince`. */
const doors = {
  knownAt: ['/v1/proposals/lab?', '/v1/proposals?', '/v1/portfolio?'],
  updatedSince: ['/v1/proposals?', '/v1/proposals?asOf=2999-01-01&', '/v1/proposals?sort=-updated&'],
}

async function faultsOf(service: TestService, url: string, headers = {}) {
  const answer = await service.get(url, headers)
  const { errors = [], ...rest } = answer.json()
  return { ...rest, errors: errors as { path: string; message: string }[] }
}

t.test(
  'an instant that its offset moves out of the years 1 to 9999 is 400 with one sentence, on every route',
  async (t) => {
    const { ledger, service } = await open(t)
    await service.applied(await ledger.record('lab', proposed()))
    const refused = [
      '0001-01-01T00:00:00%2B07:00',
      '0000-12-31T23:59:59Z',
      '0000-01-01T00:00:00Z',
      '9999-12-31T23:59:59-00:01',
      '9999-12-31T23:59:60Z',
      '2024-02-30T00:00:00Z',
      '2024-01-01T24:00:00Z',
      '2024-01-01T00:00:00%2B14:01',
      '2024-01-01T00:00:00',
      '2024-01-01',
      'yesterday',
      `2024-01-01T00:00:00.${'1'.repeat(200)}Z`,
      '',
    ]
    for (const [name, urls] of Object.entries(doors)) {
      for (const url of urls) {
        for (const instant of refused) {
          for (const headers of url.includes('proposals?') ? [{}, { accept: 'text/csv' }] : [{}]) {
            const { status, code, errors } = await faultsOf(service, `${url}${name}=${instant}`, headers)
            t.match({ status, code }, { status: 400, code: 'invalid' }, `${url}${name}=${instant}`)
            t.equal(errors.length, 1)
            t.match(errors[0], {
              path: `query.${name}`,
              message: /^is ".*; it must be an instant .*, such as 2026-03-01T00:00:00Z$/,
            })
          }
        }
      }
    }
  },
)

t.test('the first and the last instants can be requested, and a leap second is the next second', async (t) => {
  const { ledger, service } = await open(t)
  await service.applied(await ledger.record('lab', proposed()))
  for (const instant of [
    '0001-01-01T00:00:00Z',
    '0001-01-01T07:00:00%2B07:00',
    '0000-12-31T23:00:00-01:00',
    '2024-12-31t23:59:60z',
  ]) {
    t.equal((await service.get(`/v1/proposals/lab?knownAt=${instant}`)).statusCode, 404, instant)
    t.equal((await service.get(`/v1/portfolio?knownAt=${instant}`)).statusCode, 404, instant)
    t.equal((await service.get(`/v1/proposals?updatedSince=${instant}`)).json().proposals.length, 1, instant)
  }
  t.same((await service.get('/v1/proposals?updatedSince=9999-12-31T23:59:59Z')).json().proposals, [])
  const toCome = await service.get('/v1/proposals/lab?knownAt=9999-12-31T23:59:59Z')
  t.match(toCome.json(), { status: 400, detail: /must not be later than now, which is \d{4}-/ })
})

t.test('digits beyond a microsecond are cut off, in knownAt and in updatedSince', async (t) => {
  const { ledger, service } = await open(t)
  await service.applied(await ledger.record('lab', proposed()))
  const { recordedAt } = (await service.get('/v1/proposals/lab')).json().history.proposed
  const finer = recordedAt.replace('Z', '9Z')
  t.equal((await service.get(`/v1/proposals/lab?knownAt=${finer}`)).statusCode, 200)
  for (const query of [`updatedSince=${finer}`, `updatedSince=${finer}&asOf=2999-01-01`]) {
    t.equal((await service.get(`/v1/proposals?${query}`)).json().proposals.length, 1, query)
  }
})

t.test('a refused parameter gets one sentence: its value, what is accepted, an example', async (t) => {
  const { service } = await open(t)
  const stages = '`proposed`, `agreed`, `funded`, `delivered`, `closed`'
  const cases: [string, string, string][] = [
    ['/v1/proposals?stage=x', 'query.stage', `is "x"; it must be one of ${stages}`],
    ['/v1/proposals?stage=agreed,x', 'query.stage', `is "x"; it must be one of ${stages}`],
    [
      '/v1/proposals?country=vietnam',
      'query.country',
      'is "vietnam"; it must be a country code of ISO 3166-1, such as VN',
    ],
    ['/v1/proposals?suspended=yes', 'query.suspended', 'is "yes"; it must be `true` or `false`'],
    ['/v1/proposals?limit=1000', 'query.limit', 'is "1000"; it must be a whole number from 1 to 500, such as 1'],
    ['/v1/proposals?limit=1.0', 'query.limit', 'is "1.0"; it must be a whole number from 1 to 500, such as 1'],
    ['/v1/proposals?q=', 'query.q', 'is ""; it must be text of 1 to 200 characters, such as vien khoa hoc'],
    ['/v1/proposals?limit=1&limit=2', 'query.limit', 'may be given only once'],
    [
      '/v1/events?after=99999999999999999999',
      'query.after',
      'is "99999999999999999999"; it must be a whole number from 0 to 9007199254740991, such as 0',
    ],
    [
      '/v1/changes?since=2026-11-27',
      'query.since',
      'is "2026-11-27"; it must be a position of the log, such as 17, or an instant (RFC 3339), such as 2026-11-22T08:00:00Z, or now',
    ],
    [
      '/v1/portfolio?knownAt=2026-03-01T07:00:00+07:00',
      'query.knownAt',
      'is "2026-03-01T07:00:00 07:00"; it must have %2B in place of the space (a + in a URL means a space), such as 2026-03-01T07:00:00%2B07:00',
    ],
    ['/v1/event-types?x=1', 'query.x', 'is not known: this call takes no parameters'],
  ]
  for (const [url, path, message] of cases) {
    const { status, detail, errors } = await faultsOf(service, url)
    t.equal(status, 400, url)
    t.same(errors, [{ path, message }], url)
    t.equal(detail, `\`${path}\` ${message}.`)
  }
  const unknown = await faultsOf(service, '/v1/changes?colour=red&size=1')
  t.match(unknown.errors, [
    { path: 'query.colour', message: 'is not known; this call takes `atLeast`, `since`, `limit`' },
    { path: 'query.size' },
  ])
  t.match(unknown.detail, /`errors` lists one more fault\.$/)
})

t.test(
  'a party, or one of a country, with a role means: in that role, now and at a moment, as JSON and as CSV',
  async (t) => {
    const { ledger, service } = await open(t)
    const parties = (...roles: [string, string, string][]) =>
      ({ parties: roles.map(([party, country, role]) => ({ party, country, roles: [role] })) }) as never
    await ledger.record('korea-funds', proposed(parties(['msit-kr', 'KR', 'funder'], ['most-vn', 'VN', 'counterpart'])))
    await ledger.record(
      'vietnam-funds',
      proposed(parties(['msit-kr', 'KR', 'counterpart'], ['most-vn', 'VN', 'funder'])),
    )
    await service.applied(
      await ledger.record('both-fund', proposed(parties(['msit-kr', 'KR', 'funder'], ['most-vn', 'VN', 'funder']))),
    )
    const cases: [string, string[]][] = [
      ['country=KR&role=funder', ['both-fund', 'korea-funds']],
      ['country=VN&role=funder', ['both-fund', 'vietnam-funds']],
      ['country=KR&role=counterpart', ['vietnam-funds']],
      ['country=KR,VN&role=counterpart', ['korea-funds', 'vietnam-funds']],
      ['country=KR&role=funder,counterpart', ['both-fund', 'korea-funds', 'vietnam-funds']],
      ['country=KR&role=funder&party=most-vn', ['both-fund']],
      ['country=JP&role=funder', []],
      ['country=KR', ['both-fund', 'korea-funds', 'vietnam-funds']],
      ['role=counterpart', ['korea-funds', 'vietnam-funds']],
    ]
    for (const [query, expected] of cases) {
      for (const when of ['', '&asOf=2999-01-01', '&knownAtPosition=3']) {
        const list = await service.get(`/v1/proposals?${query}${when}`)
        t.same(
          list.json().proposals.map(({ proposalId }: { proposalId: string }) => proposalId),
          expected,
          query + when,
        )
        const csv = await service.get(`/v1/proposals?${query}${when}`, { accept: 'text/csv' })
        t.same(
          csv.body
            .trim()
            .split('\r\n')
            .slice(1)
            .map((row) => row.split(',')[0]),
          expected,
          `CSV, ${query}${when}`,
        )
      }
    }
  },
)

const digits = (count: number, name: string) => Array.from({ length: count }, (_, index) => `${name}${index}`)

t.test('with the longest accepted filters every page can be requested, and the next link has a bound', async (t) => {
  const { ledger, service } = await open(t)
  const fields = digits(3, 'x'.repeat(30))
  const title = 'đ'.repeat(300)
  await service.applied(
    await ledger.recordAll(
      digits(5, 'p-').map((id) => [id, proposed({ fields, title: { en: `${title}${id}` } })] as const),
    ),
  )
  const parties = [...digits(45, `${'x'.repeat(70)}-`), 'most-vn']
  const query = `party=${parties.join()}&field=${fields.join()}&sort=title`
  for (const when of ['', '&asOf=2999-01-01']) {
    const seen: string[] = []
    let url = `/v1/proposals?${query}${when}&limit=2`
    while (url !== '') {
      t.ok(url.length < 8_000, `${url.length} characters`)
      const answer = await service.get(url)
      t.equal(answer.statusCode, 200, answer.body.slice(0, 300))
      t.ok(JSON.stringify(answer.headers).length < 4_000)
      t.notOk('link' in answer.headers, 'it would be longer than 2 KB')
      const { proposals, next } = answer.json()
      seen.push(...proposals.map(({ proposalId }: { proposalId: string }) => proposalId))
      url = next === null ? '' : `/v1/proposals?cursor=${next}&limit=2`
    }
    t.same(seen, digits(5, 'p-'))
  }
  t.match((await service.get('/v1/proposals?limit=2')).headers.link, /rel="next"/)
})

t.test('longer filters, or ones with too many pairs, are 400 in a query and in a cursor', async (t) => {
  const { ledger, service } = await open(t)
  await service.applied(
    await ledger.recordAll([
      ['a', proposed()],
      ['b', proposed()],
    ]),
  )
  const { next } = (await service.get('/v1/proposals?limit=1')).json()
  const cursor = JSON.parse(Buffer.from(next, 'base64url').toString())
  const withFilters = (f: object) =>
    `/v1/proposals?cursor=${Buffer.from(JSON.stringify({ ...cursor, f })).toString('base64url')}`
  const roles = ['host', 'funder', 'proposer', 'counterpart', 'implementer']
  const countries = digits(26, '').map((_, index) => `A${String.fromCharCode(65 + index)}`)
  const refused: Record<string, string[]>[] = [
    { party: digits(60, `${'x'.repeat(70)}-`) },
    { party: digits(60, `${'x'.repeat(30)}-`), field: digits(60, `${'y'.repeat(30)}-`) },
    { party: digits(100, 'p'), role: roles },
    {
      country: [
        ...countries,
        ...countries.map((code) => `B${code[1]}`),
        ...countries.map((code) => `C${code[1]}`),
        'VN',
        'KR',
        'JP',
      ],
      role: roles,
    },
    { party: digits(101, 'p') },
  ]
  for (const filters of refused) {
    const query = Object.entries(filters).map(([name, values]) => `${name}=${values.join()}`)
    const answer = await service.get(`/v1/proposals?${query.join('&')}`)
    t.match(answer.json(), { status: 400, code: 'invalid', errors: [{ path: /^query/, message: /at most|accepted/ }] })
    t.match((await service.get(withFilters(filters))).json(), { status: 400, errors: [{ path: 'query.cursor' }] })
  }
  // With these, one caller without a key crashed the service.
  for (const f of [
    { party: digits(1_100, 'p'), role: Array.from({ length: 785 }, () => 'host') },
    { role: ['host', 'host'] },
    { party: digits(100, 'p'), role: Array.from({ length: 100 }, () => 'host') },
    { party: [] },
    { q: 'x'.repeat(201) },
    { updatedSince: '0001-01-01T00:00:00+07:00' },
  ]) {
    t.match((await service.get(withFilters(f))).json(), { status: 400, errors: [{ path: 'query.cursor' }] })
  }
  const repeated = `/v1/proposals?party=most-vn&${Array.from({ length: 100 }, () => 'role=proposer').join('&')}`
  t.equal((await service.get(repeated)).json().proposals.length, 2, 'a value that is named twice counts once')
  t.equal((await service.get(withFilters({ role: ['proposer'] }))).statusCode, 200)
})

for (const sort of ['title', 'plannedEnd', 'updated']) {
  t.test(`by ${sort} a walk meets a proposal that changes meanwhile, even one with very many events`, async (t) => {
    const { ledger, service } = await open(t)
    const retitled = example('updated', { title: { en: 'Z' } })
    await ledger.record('a', proposed({ title: { en: 'A' } }))
    await ledger.record('z', proposed({ title: { en: 'Z' } }), ...Array.from({ length: sparse.events }, () => retitled))
    await service.applied(await ledger.record('b', proposed({ title: { en: 'B' } })))
    const first = (await service.get(`/v1/proposals?sort=${sort}&limit=1`)).json()
    const [{ proposalId: met }] = first.proposals
    const [late] = ['z', 'b'].filter((id) => id !== met)
    await service.applied(await ledger.record(late as string, retitled))
    await service.applied(await ledger.record('z', retitled))
    const rest = (await service.get(`/v1/proposals?cursor=${first.next}&limit=500`)).json()
    const ids: string[] = [met, ...rest.proposals.map(({ proposalId }: { proposalId: string }) => proposalId)]
    t.same(ids.toSorted(), ['a', 'b', 'z'])
  })
}

for (const sort of ['title', '-title', 'plannedEnd', '-plannedEnd', 'updated', '-updated', 'proposalId']) {
  t.test(`by ${sort} a walk meets each proposal once, although others are renamed and postponed past it`, async (t) => {
    const { ledger, service } = await open(t)
    const ids = digits(9, 'p-')
    const first = ids.map(
      (id, index) => [id, proposed({ title: { en: `Title ${index}` }, planned: { end: `20${30 + index}` } })] as const,
    )
    await service.applied(await ledger.recordAll(first))
    const seen: string[] = []
    const moves = [
      ['p-8', 'a', '2027'],
      ['p-0', 'zz', '2099'],
      ['p-4', '', '2028'],
      ['p-7', 'zzz', '2098'],
    ]
    let url = `/v1/proposals?sort=${sort}&limit=2`
    while (url !== '') {
      const { proposals, next } = (await service.get(url)).json()
      seen.push(...proposals.map(({ proposalId }: { proposalId: string }) => proposalId))
      url = next === null ? '' : `/v1/proposals?cursor=${next}&limit=2`
      const [id, en, to] = moves.shift() ?? []
      if (id === undefined) continue
      await ledger.record(id, example('rescheduled', { which: 'end', to } as never))
      if (en) await ledger.record(id, example('updated', { title: { en } }))
      await service.applied(
        await ledger.record(`new-${id}`, proposed({ title: { en: 'Title 5' }, planned: { end: '2035' } }), agreed()),
      )
    }
    const met = seen.filter((id) => !id.startsWith('new-'))
    t.same(met, sort.startsWith('-') ? ids.toReversed() : ids)
    t.equal(new Set(seen).size, seen.length)
  })
}
