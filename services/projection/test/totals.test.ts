/** docs/domain.md, Totals, by every door: the portfolio and a programme, now, as of a day, and as known at a moment. */
import { agreed, example, funded, proposed } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { type Ledger, openLedger, startService, type TestService } from './support.ts'

const today = '2026-11-22'
const money = (value: string, currency = 'USD') => ({ amount: { value, currency } })
const line = (value: string, currency?: string) => [agreed(), funded(money(value, currency))]
const request = (value: string) => [{ provider: 'msit-kr', ...money(value) }] as never
const programme = (more: object = {}) => proposed({ kind: 'programme', ...more })
const part = (more: object = {}) => proposed({ parent: 'top', ...more })
const ended = (ending: string, remaining?: string) =>
  example('ended', { ending, ...(remaining ? { remaining } : {}) } as never)

async function open(t: Test) {
  const ledger = await openLedger(t)
  return { ledger, service: await startService(t, ledger, { clock: () => new Date(`${today}T00:00:00Z`) }) }
}

/** The same totals by every door: those for the whole ledger, and those for the tree under `top`, if that is everything. */
async function totals(t: Test, service: TestService, head: number) {
  const get = async (path: string) => (await service.get(path)).json()
  const now = await get(`/v1/portfolio?atLeast=${head}`)
  for (const moment of [`asOf=${today}`, `knownAtPosition=${head}`, `asOf=${today}&knownAtPosition=${head}`]) {
    const then = await get(`/v1/portfolio?${moment}&atLeast=${head}`)
    t.same([then.money, then.ownMoneyBeside], [now.money, now.ownMoneyBeside], moment)
  }
  const ofTop = async (moment: string) => (await get(`/v1/proposals/top?${moment}`)).related.programme
  const tree = await ofTop(`atLeast=${head}`)
  t.same(await ofTop(`asOf=${today}&atLeast=${head}`), tree)
  const { proposals } = await get(`/v1/proposals?kind=programme&atLeast=${head}`)
  const listed = proposals.find(({ proposalId }: { proposalId: string }) => proposalId === 'top')
  t.same(listed.related.programme, tree)
  return { portfolio: now.money, beside: now.ownMoneyBeside, tree }
}

async function record(ledger: Ledger, streams: Readonly<Record<string, Parameters<Ledger['record']>[1][]>>) {
  let head = 0
  for (const [id, events] of Object.entries(streams)) head = await ledger.record(id, ...events)
  return head
}

t.test('a part without money takes nothing away from its programme’s own money', async (t) => {
  const { ledger, service } = await open(t)
  const own = {
    requested: { USD: '70' },
    pledged: { USD: '600' },
    committed: { NOK: '500' },
    undisbursed: { NOK: '400' },
  }
  let head = await record(ledger, {
    top: [programme({ requestedFunding: request('70') }), example('pledged', money('600')), ...line('500', 'NOK')],
  })
  head = await ledger.record('top', example('disbursed', money('100', 'NOK')))
  const more = {
    'part-1': [part()],
    'part-2': [part(), ended('withdrawn')],
    'part-3': [proposed({ parent: 'part-1' })],
  }
  for (const [id, events] of Object.entries(more)) {
    head = await record(ledger, { [id]: events })
    const { portfolio, beside, tree } = await totals(t, service, head)
    t.match(portfolio, { ...own, disbursed: { NOK: '100' } }, id)
    t.match(beside, { total: 0, proposals: [] })
    t.match(tree, { money: portfolio, ownMoneyBeside: [] })
  }
})

t.test(
  'each figure counts at the lowest level that has it, in any currency, and the programme’s own is named beside it',
  async (t) => {
    const { ledger, service } = await open(t)
    const head = await record(ledger, {
      top: [programme({ requestedFunding: request('70') }), ...line('500', 'NOK')],
      middle: [part({ kind: 'programme', requestedFunding: request('30') })],
      leaf: [proposed({ parent: 'middle' }), ...line('7', 'KRW')],
      mistake: [part({ requestedFunding: request('9') }), ended('void', 'keep')],
    })
    const { portfolio, beside, tree } = await totals(t, service, head)
    t.match(portfolio, { requested: { USD: '30' }, committed: { KRW: '7' }, undisbursed: { KRW: '7' } })
    t.same(Object.keys(portfolio.committed), ['KRW'])
    t.match(beside, { total: 1, proposals: ['top'], money: { requested: { USD: '70' }, committed: { NOK: '500' } } })
    t.match(tree, { money: portfolio, ownMoneyBeside: ['requested', 'committed', 'undisbursed'] })
  },
)

t.test('a void proposal carries nothing, and its parts count as parts of the proposal above it', async (t) => {
  const { ledger, service } = await open(t)
  let head = await record(ledger, {
    top: [programme(), ...line('500', 'NOK')],
    middle: [part({ kind: 'programme' }), ...line('9', 'EUR')],
    below: [proposed({ kind: 'programme', parent: 'middle' })],
    leaf: [proposed({ parent: 'below' }), ...line('20', 'NOK')],
  })
  const before = await totals(t, service, head)
  t.same([before.portfolio.committed, before.beside.proposals], [{ NOK: '20' }, ['middle', 'top']])
  head = await ledger.record('middle', ended('void', 'keep'))
  const { portfolio, beside, tree } = await totals(t, service, head)
  t.same([portfolio.committed, beside.proposals], [{ NOK: '20' }, ['top']])
  t.match(beside.money, { committed: { NOK: '500' } })
  t.match(tree, { leaves: 1, money: portfolio, ownMoneyBeside: ['committed', 'undisbursed'] })
  const { related } = (await service.get(`/v1/proposals/top?atLeast=${head}`)).json()
  t.equal(related.childrenTotal, 0, 'it is shown nowhere')
  head = await ledger.record('leaf', ended('void', 'keep'))
  const alone = await totals(t, service, head)
  t.same([alone.portfolio.committed, alone.beside.total], [{ NOK: '500' }, 0])
})

t.test('requests and pledges of declined, withdrawn, cancelled or terminated proposals have lapsed', async (t) => {
  const { ledger, service } = await open(t)
  const asked = [part({ requestedFunding: request('1') }), example('pledged', money('10'))]
  const endings = ['declined', 'withdrawn', 'cancelled', 'terminated', 'expired', 'superseded', 'void']
  const streams = Object.fromEntries(endings.map((ending) => [ending, [...asked, ended(ending)]]))
  const head = await record(ledger, { top: [programme()], ...streams })
  const { portfolio, tree } = await totals(t, service, head)
  t.match(portfolio, {
    requested: { USD: '2' },
    pledged: { USD: '20' },
    lapsed: { requested: { USD: '4' }, pledged: { USD: '40' } },
  })
  t.same(tree.money, portfolio)
  const reopened = await ledger.record('declined', example('reopened'))
  t.match((await totals(t, service, reopened)).portfolio, {
    requested: { USD: '3' },
    lapsed: { requested: { USD: '3' } },
  })
})

t.test('lapsed money of a part takes nothing away from its programme, and is named once', async (t) => {
  const { ledger, service } = await open(t)
  const head = await record(ledger, {
    top: [programme({ requestedFunding: request('70') })],
    part: [part({ requestedFunding: request('1') }), ended('declined')],
  })
  const { portfolio, beside } = await totals(t, service, head)
  t.match(portfolio, { requested: { USD: '70' }, lapsed: { requested: { USD: '1' } } })
  t.equal(beside.total, 0)
  const all = await totals(t, service, await ledger.record('top', ended('declined')))
  t.match(all.portfolio, { requested: {}, lapsed: { requested: { USD: '1' } } })
  t.match(all.beside, { total: 1, money: { lapsed: { requested: { USD: '70' } } } })
  t.same(all.tree.ownMoneyBeside, ['lapsed'])
})

t.test(
  'only money of open proposals is still to come, and a refund after the end does not become due again',
  async (t) => {
    const { ledger, service } = await open(t)
    const paid = example('disbursed', money('100'))
    const back = example('refunded', money('40'))
    let head = await record(ledger, { top: [programme()], part: [part(), ...line('300'), paid] })
    t.match((await totals(t, service, head)).portfolio, { disbursed: { USD: '100' }, undisbursed: { USD: '200' } })
    head = await ledger.record('part', ended('terminated', 'decommit'), back)
    const { portfolio, tree } = await totals(t, service, head)
    t.same([portfolio.committed, portfolio.disbursed, portfolio.undisbursed], [{ USD: '100' }, { USD: '60' }, {}])
    t.same(tree.money, portfolio)
    const { money: own } = (await service.get(`/v1/proposals/part?atLeast=${head}`)).json()
    t.same(own.undisbursed, {}, 'in its own status as well')
    head = await record(ledger, { kept: [part(), ...line('5', 'KRW'), ended('cancelled', 'keep')] })
    t.match((await totals(t, service, head)).portfolio, { committed: { KRW: '5' }, undisbursed: {} })
  },
)

t.test('cycles of links end, and none of their amounts vanishes', async (t) => {
  const { ledger, service } = await open(t)
  const head = await record(ledger, {
    top: [programme({ requestedFunding: request('70') })],
    round: [part({ requestedFunding: request('1') })],
  })
  const closed = await ledger.record('top', example('linked', { relation: 'child', other: 'round' }))
  t.ok(closed > head)
  const { portfolio, beside } = await totals(t, service, closed)
  t.same(portfolio.requested, {})
  t.match(beside, { total: 2, proposals: ['round', 'top'], money: { requested: { USD: '71' } } })
})
