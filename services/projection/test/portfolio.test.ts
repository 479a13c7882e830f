import { agreed, delivered, example, funded, proposed } from '@commitments/test-kit'
import t from 'tap'
import { openLedger, startService } from './support.ts'

type Data = Parameters<typeof proposed>[0]

t.test('the portfolio counts proposals, and adds money by currency at the lowest level that has it', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { clock: () => new Date('2026-11-22T00:00:00Z') })
  const amount = (value: string, currency: string) => ({ amount: { value, currency } }) as never
  const requested = [
    { provider: 'msit-kr', amount: { value: '10.5', currency: 'USD' } },
    { amount: null, amountStatus: 'unknown' },
  ]
  await ledger.record(
    'programme',
    proposed({ kind: 'programme', requestedFunding: requested as never }),
    agreed(),
    funded({ line: 'own', ...(amount('999', 'USD') as object) }),
  )
  const part: Data = {
    parent: 'programme',
    fields: ['ai', 'materials'] as never,
    requestedFunding: requested as never,
  }
  await ledger.record('part-1', proposed(part), agreed(), funded(amount('0.10', 'USD')))
  await ledger.record(
    'part-2',
    proposed({ ...part, planned: { end: '2025' } }),
    agreed(),
    funded(amount('0.20', 'USD')),
  )
  await ledger.record(
    'alone',
    proposed({ fields: ['ai'] as never }),
    agreed(),
    funded(amount('3000000000', 'KRW')),
    funded({ line: 'b' as never, amount: null, amountStatus: 'undisclosed' } as never),
    delivered(),
  )
  const head = await ledger.record('late', proposed({ kind: 'memorandum', planned: { end: '2020-06' } }))
  const answer = await service.get(`/v1/portfolio?atLeast=${head}`)
  t.equal(answer.statusCode, 200, answer.body)
  t.equal(answer.headers['log-position'], String(head))
  t.same(answer.json(), {
    day: '2026-11-22',
    timeZone: 'Asia/Ho_Chi_Minh',
    total: 5,
    contested: 0,
    byStage: { delivered: 1, funded: 3, proposed: 1 },
    byEnding: { none: 5 },
    byCondition: { done: 1, overdue: 2, unknown: 2 },
    byKind: { 'joint-research': 3, memorandum: 1, programme: 1 },
    byField: { ai: 3, materials: 2 },
    byCountry: { KR: 5, VN: 5 },
    byParty: [
      { party: 'lab', name: null, total: 5, roles: { implementer: 5 } },
      {
        party: 'most-vn',
        name: { en: 'Ministry of Science and Technology' },
        total: 5,
        roles: { beneficiary: 5, proposer: 5 },
      },
      { party: 'msit-kr', name: { en: 'Ministry of Science and ICT' }, total: 5, roles: { funder: 5 } },
    ],
    byParent: [{ proposalId: 'programme', title: proposed().data.title, total: 2 }],
    byParentNone: 3,
    money: {
      requested: { USD: '21' },
      pledged: {},
      committed: { KRW: '3000000000', USD: '0.30' },
      disbursed: {},
      undisbursed: { KRW: '3000000000', USD: '0.30' },
      undisclosed: { requested: 2, committed: 1 },
      lapsed: { requested: {}, pledged: {}, undisclosed: 0 },
      inKind: { items: 0, valued: {} },
    },
    ownMoneyBeside: {
      total: 1,
      proposals: ['programme'],
      money: {
        requested: { USD: '10.50' },
        pledged: {},
        committed: { USD: '999' },
        disbursed: {},
        undisbursed: { USD: '999' },
        lapsed: { requested: {}, pledged: {} },
      },
    },
    overdue: {
      total: 2,
      proposals: [
        { proposalId: 'late', title: proposed().data.title, stage: 'proposed', plannedEnd: '2020-06-30' },
        { proposalId: 'part-2', title: proposed().data.title, stage: 'funded', plannedEnd: '2025-12-31' },
      ],
    },
  })
  const same = await service.get('/v1/portfolio', { 'if-none-match': String(answer.headers.etag) })
  t.equal(same.statusCode, 304)
})

t.test('an empty ledger has an empty portfolio', async (t) => {
  const service = await startService(t, await openLedger(t))
  const answer = await service.get('/v1/portfolio')
  t.match(answer.json(), {
    total: 0,
    byStage: {},
    money: { committed: {}, undisclosed: { requested: 0 } },
    overdue: { total: 0 },
  })
})

t.test('a portfolio with atLeast has seen that position, however recent the last one is', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  for (let index = 1; index <= 20; index += 1) {
    const position = await ledger.record(`p-${index}`, proposed())
    const answer = await service.get(`/v1/portfolio?atLeast=${position}`)
    t.equal(answer.json().total, index)
  }
})

t.test(
  'money is shown on every axis, with contributions in kind separate, and a part of two programmes once',
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger)
    for (const id of ['one', 'two']) await ledger.record(id, proposed({ kind: 'programme' }))
    await ledger.record('lab', proposed({ parent: 'one' }), example('linked', { relation: 'child', other: 'two' }))
    const pledge = (value: string) => example('pledged', { amount: { value, currency: 'USD' } })
    await ledger.record(
      'lab',
      pledge('500'),
      pledge('300'),
      agreed(),
      funded({ amount: { value: '100', currency: 'USD' } }),
    )
    await ledger.record(
      'lab',
      example('disbursed', { line: 'kr-grant', amount: { value: '30.50', currency: 'USD' } }),
      example('contributed-in-kind', {
        valuation: { amount: { value: '7', currency: 'USD' }, method: { en: 'Price of the like' } },
      }),
    )
    const head = await ledger.record('memo', proposed(), example('contributed-in-kind', { valuation: undefined }))
    const { money } = (await service.get(`/v1/portfolio?atLeast=${head}`)).json()
    t.match(money, {
      pledged: { USD: '300' },
      committed: { USD: '100' },
      disbursed: { USD: '30.50' },
      undisbursed: { USD: '69.50' },
      inKind: { items: 2, valued: { USD: '7' } },
    })
  },
)

t.test('the portfolio of today and as of today are the same bytes', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { clock: () => new Date('2026-11-22T00:00:00Z') })
  const title = { vi: 'Muộn', en: 'Late', ko: '늦음' }
  const head = await ledger.record('late', proposed({ title, planned: { end: '2020-06' } }))
  const now = await service.get(`/v1/portfolio?atLeast=${head}`)
  t.same(now.json().overdue.proposals[0].title, title)
  t.equal(now.body, (await service.get(`/v1/portfolio?asOf=2026-11-22&atLeast=${head}`)).body)
})
