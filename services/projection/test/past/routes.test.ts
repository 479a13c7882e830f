import { agreed, example, funded, proposed } from '@commitments/test-kit'
import t from 'tap'
import { openLedger, startService } from '../support.ts'

/** The envelope of an event of that day, recorded later. */
function dated(occurredOn: string) {
  return { occurredOn, evidence: [{ title: 'Report', supports: 'Says so.' }] }
}

t.test('lists and totals are available for another moment, and a cursor keeps it', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { clock: () => new Date('2026-11-22T00:00:00Z') })
  const on = dated
  await ledger.record('lab', proposed({}, on('2020-01-01')), agreed({}, on('2021-01-01')))
  const then = await ledger.record('centre', proposed({}, on('2020-06-01')))
  await service.applied(await ledger.record('lab', funded({}, on('2022'))))
  const stages = async (query: string) => {
    const answer = await service.get(`/v1/proposals?${query}`)
    t.equal(answer.statusCode, 200, answer.body)
    return answer.json().proposals.map((one: { proposalId: string; stage: string }) => `${one.proposalId} ${one.stage}`)
  }
  t.same(await stages('asOf=2020-02-01'), ['lab proposed'])
  t.same(await stages('asOf=2021-02-01'), ['centre proposed', 'lab agreed'])
  t.same(await stages(`knownAtPosition=${then}`), ['centre proposed', 'lab agreed'])
  t.same(await stages(`knownAtPosition=${then}&stage=funded`), [])
  t.same(await stages('asOf=2026-11-22'), ['centre proposed', 'lab funded'])

  const first = (await service.get('/v1/proposals?asOf=2021-02-01&limit=1')).json()
  await service.applied(await ledger.record('another', proposed({}, on('2020-01-01'))))
  t.same(await stages(`cursor=${first.next}`), ['lab agreed'])

  const portfolio = (await service.get('/v1/portfolio?asOf=2021-02-01')).json()
  t.match(portfolio, { day: '2021-02-01', total: 3, byStage: { proposed: 2, agreed: 1 }, money: { committed: {} } })
  t.equal((await service.get('/v1/portfolio?knownAtPosition=99')).statusCode, 409)
  t.equal((await service.get('/v1/portfolio?knownAt=2999-01-01T00:00:00Z')).statusCode, 400)
  const latest = await service.get(`/v1/portfolio?knownAt=${new Date(Date.now() - 1).toISOString()}`)
  t.equal(latest.statusCode, 200)
})

t.test('before the beginning of the ledger there is no list, and no portfolio', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  const head = await ledger.record('lab', proposed({}, dated('2020-01-01')))
  await service.applied(head)
  for (const query of ['knownAt=2000-01-01T00:00:00Z', 'knownAtPosition=0', 'asOf=2019-12-31']) {
    for (const path of ['proposals', 'portfolio']) {
      const answer = await service.get(`/v1/${path}?${query}`)
      t.match(answer.json(), { status: 404, code: 'before-beginning' }, `${path}?${query}`)
      t.equal(answer.headers['log-position'], String(head))
    }
    t.equal((await service.get(`/v1/proposals?${query}`, { accept: 'text/csv' })).statusCode, 404)
  }
  t.same((await service.get('/v1/proposals?asOf=2020-01-01&stage=closed')).json().proposals, [])
})

t.test('a list at a moment is available as CSV too, complete, even from a cursor on', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { clock: () => new Date('2026-11-22T00:00:00Z') })
  const ids = Array.from({ length: 501 }, (_, index) => `lab-${String(index).padStart(3, '0')}`)
  const then = await ledger.recordAll(ids.map((id) => [id, proposed({}, dated('2020-01-01'))] as const))
  await service.applied(await ledger.record('lab-000', agreed({}, dated('2021-01-01'))))
  const csv = (query: string, headers = {}) => service.get(`/v1/proposals?${query}`, { accept: 'text/csv', ...headers })
  const answer = await csv(`knownAtPosition=${then}`)
  t.equal(answer.statusCode, 200, answer.body)
  t.match(answer.headers['content-type'], /^text\/csv/)
  t.equal(answer.headers['log-position'], String(then + 1))
  const rows = answer.body.trim().split('\r\n')
  t.equal(rows.length, 502)
  t.match(rows[1], /^lab-000,.*,proposed,/)
  t.equal((await csv(`knownAtPosition=${then}`, { 'if-none-match': String(answer.headers.etag) })).statusCode, 304)
  t.match((await csv('asOf=2021-01-01&stage=agreed')).body, /\r\nlab-000,.*,agreed,/)
  const first = (await service.get(`/v1/proposals?knownAtPosition=${then}&limit=400`)).json()
  t.equal((await csv(`cursor=${first.next}`)).body.trim().split('\r\n').length, 102)
})

t.test('what others say about a proposal is that of the moment, in lists and in a single status', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { clock: () => new Date('2026-11-22T00:00:00Z') })
  const begun = await ledger.record('top', proposed({ kind: 'programme' }, dated('2020-01-01')))
  await ledger.record('part', proposed({ parent: 'top' }, dated('2021-01-01')))
  const joined = await ledger.record('part', agreed({}, dated('2021-06-01')), funded({}, dated('2022-01-01')))
  await ledger.record('other', proposed({}, dated('2021-01-01')))
  const linked = await ledger.record(
    'other',
    example('linked', { relation: 'precedes', other: 'top' }, dated('2023-01-01')),
  )
  const unlinked = example('unlinked', { relation: 'precedes', other: 'top' }, dated('2024-01-01'))
  await service.applied(await ledger.record('other', unlinked))
  const expected: [string, object][] = [
    [`knownAtPosition=${begun}`, { childrenTotal: 0, linkedFromTotal: 0, programme: null }],
    ['asOf=2021-02-01', { children: [{ proposalId: 'part', stage: 'proposed' }], programme: { leaves: 1 } }],
    [
      `knownAtPosition=${joined}&asOf=2022-02-01`,
      { children: [{ stage: 'funded' }], programme: { money: { committed: funded().data.amount ? Object : null } } },
    ],
    [`knownAtPosition=${linked}`, { linkedFrom: [{ relation: 'precedes', proposalId: 'other' }] }],
    ['asOf=2023-06-01', { linkedFrom: [{ relation: 'precedes', proposalId: 'other' }], linkedFromTotal: 1 }],
    ['asOf=2024-06-01', { childrenTotal: 1, linkedFromTotal: 0 }],
    ['atLeast=1', { childrenTotal: 1, linkedFromTotal: 0 }],
  ]
  for (const [query, related] of expected) {
    const one = (await service.get(`/v1/proposals/top?${query}`)).json()
    t.match(one.related, related, query)
    const list = (await service.get(`/v1/proposals?${query}`)).json().proposals
    t.same(
      list.find(({ proposalId }: { proposalId: string }) => proposalId === 'top'),
      one,
      `in a list: ${query}`,
    )
  }
})

t.test('a correction changes the past, but not what was known before it', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('centre', proposed({}, dated('2020-06-01')))
  const before = await ledger.record('lab', proposed({}, dated('2020-01-01')))
  const corrected = example('corrected', { corrections: [{ event: 1, occurredOn: '2023-01-01' }] })
  await service.applied(await ledger.record('lab', corrected))
  const count = async (query: string) => (await service.get(`/v1/portfolio?${query}`)).json().total
  t.equal(await count('asOf=2021-01-01'), 1)
  t.equal(await count(`asOf=2021-01-01&knownAtPosition=${before}`), 2)
  t.equal(await count('asOf=2023-01-01'), 2)
})
