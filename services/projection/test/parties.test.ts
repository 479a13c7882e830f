import { agreed, example, proposed } from '@commitments/test-kit'
import t from 'tap'
import { type Ledger, openLedger, startService, type TestService } from './support.ts'

t.setTimeout(120_000)

const old = { en: 'Ministry of Science and Technology', vi: 'Bộ Khoa học và Công nghệ' }
const now = { vi: 'Bộ Khoa học, Công nghệ và Chuyển đổi số' }
const shown = { ...old, ...now }
const parties = (...roles: string[]) =>
  [
    { party: 'most-vn', name: old, country: 'VN', roles },
    { party: 'koica-kr', name: { en: 'KOICA' }, country: 'KR', roles: ['funder'] },
  ] as never

const onlyMinistry = [{ party: 'most-vn', name: old, country: 'VN', roles: ['beneficiary'] }] as never

/** Three proposals of one ministry; the second of them records that it was renamed. */
async function fill(ledger: Ledger) {
  const before = await ledger.record('first', proposed({ parties: parties('proposer') }, { occurredOn: '2020-01-01' }))
  await ledger.record('second', proposed({ parties: parties('proposer', 'host') }, { occurredOn: '2020-01-01' }))
  await ledger.record('third', proposed({ parties: onlyMinistry }, { occurredOn: '2020-01-01' }))
  const renamed = await ledger.record(
    'second',
    example('party-renamed', { party: 'most-vn', name: now }, { occurredOn: '2025-03-01' }),
  )
  return { before, renamed }
}

async function open(t: Parameters<typeof openLedger>[0]) {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  const positions = await fill(ledger)
  await service.applied(positions.renamed)
  return { ledger, service, ...positions }
}

interface Shown {
  readonly proposalId: string
  readonly parties: readonly { party: string; name?: object; recordedName?: object }[]
}

const ministry = ({ parties: all }: Shown) => all.find(({ party }) => party === 'most-vn')

/** The ministry in each of the three proposals, alone and as listed. */
async function everywhere(service: TestService, moment = '') {
  const found = (await service.get(`/v1/proposals?${moment}`)).json() as { proposals: Shown[] }
  const listed = found.proposals.map(ministry)
  const alone: unknown[] = []
  for (const { proposalId } of found.proposals) {
    alone.push(ministry((await service.get(`/v1/proposals/${proposalId}?${moment}`)).json()))
  }
  return { listed, alone }
}

t.test(
  'an organisation that was renamed once has its new name in all proposals, which still say what they recorded',
  async (t) => {
    const { service } = await open(t)
    const { listed, alone } = await everywhere(service)
    t.same(alone, listed)
    t.match(listed, [
      { name: shown, recordedName: old },
      { name: shown, recordedName: undefined },
      { name: shown, recordedName: old },
    ])
  },
)

t.test('before the day of the renaming, and before it was known, the recorded name is shown', async (t) => {
  const { service, renamed } = await open(t)
  for (const moment of ['asOf=2025-02-28&', `knownAtPosition=${renamed - 1}&`]) {
    const { listed, alone } = await everywhere(service, moment)
    t.same(alone, listed, moment)
    t.same(
      listed.map((one) => [one?.name, one?.recordedName]),
      [
        [old, undefined],
        [old, undefined],
        [old, undefined],
      ],
      moment,
    )
  }
  const { listed, alone } = await everywhere(service, 'asOf=2025-03-01&')
  t.same(alone, listed)
  t.match(listed[0], { name: shown, recordedName: old })
})

t.test(
  'a status in memory shows a renaming as soon as it is applied, with another tag, and no longer after a retraction',
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger)
    await service.applied(await ledger.record('first', proposed({ parties: parties('proposer') })))
    const tags: unknown[] = []
    const look = async (name: object) => {
      for (let time = 0; time < 2; time += 1) {
        const answer = await service.get('/v1/proposals/first')
        t.match(ministry(answer.json()), { name })
        tags.push(answer.headers.etag)
      }
    }
    await look(old)
    await ledger.record('second', proposed({ parties: parties('proposer') }))
    await service.applied(await ledger.record('second', example('party-renamed', { party: 'most-vn', name: now })))
    await look(shown)
    await service.applied(await ledger.record('first', agreed({ parties: ['most-vn', 'koica-kr'] })))
    await look(shown)
    await service.applied(await ledger.record('second', example('retracted', { events: [2] as never })))
    await look(old)
    t.equal(new Set(tags).size, 4)
  },
)

t.test('a renaming on a proposal recorded by mistake has no effect', async (t) => {
  const { service, ledger } = await open(t)
  const voided = example('ended', { ending: 'void', by: ['most-vn'] } as never)
  await service.applied(await ledger.record('second', voided))
  const { listed, alone } = await everywhere(service)
  t.same(alone, listed)
  t.match(listed, [{ name: old }, { name: old }])
})

t.test('of two renamings, the later in the world applies, whichever was recorded first', async (t) => {
  const { service, ledger } = await open(t)
  const earlier = example(
    'party-renamed',
    { party: 'most-vn', name: { vi: 'Tên cũ', en: 'Old' } },
    { occurredOn: '2022-01-01' },
  )
  await service.applied(await ledger.record('first', earlier))
  const { listed, alone } = await everywhere(service)
  t.same(alone, listed)
  for (const one of listed) t.match(one, { name: { ...now, en: 'Old' } })
  t.match((await everywhere(service, 'asOf=2023-01-01&')).listed[2], { name: { vi: 'Tên cũ', en: 'Old' } })
})

t.test('a search finds by the name in force and by the recorded one', async (t) => {
  const { service, renamed } = await open(t)
  const found = async (q: string, moment = '') => {
    const { proposals } = (await service.get(`/v1/proposals?${moment}q=${encodeURIComponent(q)}`)).json()
    return proposals.length as number
  }
  for (const moment of ['', 'asOf=2025-03-01&', `knownAtPosition=${renamed}&`]) {
    t.equal(await found('chuyen doi so', moment), 3)
    t.equal(await found('chuyển đổi số first', moment), 1)
    t.equal(await found('khoa hoc cong nghe', moment), 3)
  }
  t.equal(await found('chuyen doi so', 'asOf=2025-02-28&'), 0)
})

t.test(
  'portfolio and CSV show the name in force, and a portfolio with a search counts what the list shows',
  async (t) => {
    const { service } = await open(t)
    const named = async (moment: string) => {
      const { byParty } = (await service.get(`/v1/portfolio?${moment}`)).json() as {
        byParty: { party: string; name: object }[]
      }
      return byParty.find(({ party }) => party === 'most-vn')?.name
    }
    t.same(await named(''), shown)
    t.same(await named('asOf=2025-03-01'), shown)
    t.same(await named('asOf=2025-02-28'), old)
    for (const moment of ['', 'asOf=2025-03-01&'])
      t.equal((await service.get(`/v1/portfolio?${moment}q=chuyen+doi`)).json().total, 3, moment)
    t.equal((await service.get('/v1/portfolio?asOf=2025-02-28&q=chuyen+doi')).json().total, 0)
  },
)

t.test('parties are listed with names, countries, roles and counts, now and at a moment', async (t) => {
  const { service, renamed } = await open(t)
  const read = async (query: string) => (await service.get(`/v1/parties?${query}`)).json()
  const koica = {
    party: 'koica-kr',
    names: { en: 'KOICA' },
    countries: ['KR'],
    roles: { funder: 2 },
    total: 2,
    renamings: [],
  }
  const most = {
    party: 'most-vn',
    names: shown,
    countries: ['VN'],
    roles: { beneficiary: 1, host: 1, proposer: 2 },
    total: 3,
    renamings: [{ name: now, countsFrom: '2025-03-01', proposalId: 'second', version: 2 }],
  }
  t.same(await read(''), { parties: [koica, most], total: 2, next: null })
  t.same(await read('asOf=2025-03-01'), { parties: [koica, most], total: 2, next: null })
  const unnamed = { ...most, names: old, renamings: [] }
  t.same((await read('asOf=2025-02-28')).parties[1], unnamed)
  t.same((await read(`knownAtPosition=${renamed - 1}`)).parties[1], unnamed)
  for (const query of [
    'q=chuyen+doi',
    'q=most',
    'q=khoa+hoc',
    'country=VN',
    'role=host,beneficiary',
    'country=VN&q=ministry',
  ])
    t.same((await read(query)).parties, [most], query)
  for (const query of ['q=koica', 'country=KR', 'role=funder']) t.same((await read(query)).parties, [koica], query)
  t.same(await read('country=KR&role=host'), { parties: [], total: 0, next: null })
  const first = await read('limit=1')
  t.same([first.parties, first.total], [[koica], 2])
  t.same(await read(`limit=1&cursor=${first.next}`), { parties: [most], total: 2, next: null })
})

t.test('an invalid query of parties is refused, and the refusal names the place', async (t) => {
  const { service } = await open(t)
  for (const [query, path] of [
    ['q=%20', 'q'],
    ['role=boss', 'role'],
    ['country=vietnam', 'country'],
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['cursor=x', 'cursor'],
    ['party=most-vn', 'party'],
  ] as const) {
    const answer = await service.get(`/v1/parties?${query}`)
    t.equal(answer.statusCode, 400, query)
    t.match(answer.json().errors[0].path, new RegExp(`^query\\.?${path}?`))
  }
  t.equal((await service.get('/v1/parties?asOf=1990-01-01')).json().code, 'before-beginning')
  const { headers } = await service.get('/v1/parties')
  const again = await service.get('/v1/parties', { 'if-none-match': String(headers.etag) })
  t.equal(again.statusCode, 304)
})
