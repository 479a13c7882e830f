import { agreed, example, funded, proposed } from '@commitments/test-kit'
import t from 'tap'
import { openLedger, startService } from '../support.ts'

t.test('lists and totals can be asked for at another moment, and a cursor keeps it', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { clock: () => new Date('2026-11-22T00:00:00Z') })
  const on = (occurredOn: string) => ({ occurredOn, evidence: [{ title: 'Report', supports: 'Says so.' }] })
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
  t.same(await stages(`asOf=2019-01-01&knownAtPosition=${then}`), [])
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
  const early = await service.get('/v1/proposals?knownAt=2000-01-01T00:00:00Z')
  t.same(early.json().proposals, [])
  t.equal(early.headers['cache-control'], 'no-cache')
})

t.test('a correction changes what is said of the past, and not what was known before it', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  const dated = { occurredOn: '2020-01-01', evidence: [{ title: 'Report', supports: 'Says so.' }] }
  const before = await ledger.record('lab', proposed({}, dated))
  const corrected = example('corrected', { corrections: [{ event: 1, occurredOn: '2023-01-01' }] })
  await service.applied(await ledger.record('lab', corrected))
  const count = async (query: string) => (await service.get(`/v1/portfolio?${query}`)).json().total
  t.equal(await count('asOf=2021-01-01'), 0)
  t.equal(await count(`asOf=2021-01-01&knownAtPosition=${before}`), 1)
  t.equal(await count('asOf=2023-01-01'), 1)
})
