import { parseEventBody, statusOf } from '@commitments/domain'
import {
  accepted,
  agreed,
  example,
  exampleDay,
  funded,
  given,
  proposed,
  refused,
  stateAfter,
} from '@commitments/test-kit/domain'
import t from 'tap'

const pledged = (value: string, currency = 'USD') => example('pledged', { amount: { value, currency } })
const fromPledge = funded({ pledge: 'kr-pledge' })

t.test('pledged is the latest absolute amount of each pledge, and 0 withdraws it', async (t) => {
  const vn = example('pledged', { pledge: 'vn-pledge', provider: 'most-vn', amount: { value: '500', currency: 'VND' } })
  const pledgedBy = (...history: ReturnType<typeof pledged>[]) =>
    statusOf(stateAfter(proposed(), ...history), exampleDay, 'Asia/Ho_Chi_Minh').money.pledged
  t.same(pledgedBy(pledged('100'), vn, pledged('80')), { USD: '80', VND: '500' })
  t.same(pledgedBy(pledged('100'), vn, pledged('0')), { VND: '500' })
  t.same(pledgedBy(pledged('100'), pledged('0'), pledged('0.5')), { USD: '0.50' })
})

t.test('a pledge belongs to one party and stays with it', async (t) => {
  given(proposed())
    .when(example('pledged', { provider: 'kist-kr' }))
    .expect(t, refused('not-a-party'))
  given(proposed(), pledged('100'))
    .when(example('pledged', { provider: 'most-vn' }))
    .expect(t, refused('other-provider'))
})

t.test('only an existing pledge can be withdrawn', async (t) => {
  given(proposed()).when(pledged('0')).expect(t, refused('unknown-pledge'))
})

t.test('a pledge can fall below what was committed from it, and stays in the currency of its lines', async (t) => {
  const state = given(proposed(), agreed(), pledged('3000000'), fromPledge)
  for (const value of ['1999999.99', '0', '2000000', '5000000']) state.when(pledged(value)).expect(t, accepted)
  state.when(pledged('0', 'KRW')).expect(t, refused('other-currency'))
  state.and(pledged('0')).when(pledged('90', 'KRW')).expect(t, refused('other-currency'))
  given(proposed(), pledged('100')).when(pledged('90', 'EUR')).expect(t, accepted)
  const unknown = given(
    proposed(),
    agreed(),
    pledged('100'),
    funded({ pledge: 'kr-pledge', amount: null, amountStatus: 'unknown' }),
  )
  unknown.when(pledged('90', 'EUR')).expect(t, accepted)
  unknown.and(example('disbursed')).when(pledged('90', 'EUR')).expect(t, refused('other-currency'))
})

t.test('a line can exceed its pledge, and is in its currency', async (t) => {
  const state = given(proposed(), agreed(), pledged('100'))
  state.when(fromPledge).expect(t, accepted)
  const inWon = funded({ pledge: 'kr-pledge', amount: { value: '100', currency: 'KRW' } })
  t.match(state.when(inWon).expect(t, refused('other-currency')), { currency: 'USD' })
  state.and(pledged('0')).when(inWon).expect(t, refused('other-currency'))
  state.and(pledged('90', 'KRW')).when(inWon).expect(t, accepted)
})

t.test('the first amount that names a line of unknown amount is in the currency of its pledge', async (t) => {
  const unknown = funded({ pledge: 'kr-pledge', amount: null, amountStatus: 'unknown' })
  const state = given(proposed(), agreed(), pledged('100'), unknown)
  const won = { amount: { value: '100', currency: 'KRW' } }
  const later = { occurredOn: '2026-01-02' }
  for (const naming of ['disbursed', 'decommitted', 'tranche-planned'] as const) {
    const inWon = example(naming, { ...example(naming).data, ...won }, later)
    t.match(state.when(inWon).expect(t, refused('other-currency')), { currency: 'USD' }, naming)
    state.and(pledged('90', 'KRW')).when(inWon).expect(t, accepted)
  }
})

t.test('a pledge and what is committed from it are in one currency on every day', async (t) => {
  const pledge = (currency: string, occurredOn: string) =>
    example('pledged', { amount: { value: '100', currency } }, { occurredOn })
  const committed = funded({ pledge: 'kr-pledge' }, { occurredOn: '2025-06-01' })
  const begun = proposed({}, { occurredOn: '2025-01-01' })
  const state = given(begun, agreed({}, { occurredOn: '2025-01-02' }), pledge('USD', '2025-02-01'), committed)
  t.match(state.when(pledge('EUR', '2025-04-01')).expect(t, refused('other-currency')), { day: '2025-04-01' })
  const moved = given(begun, agreed({}, { occurredOn: '2025-01-02' }), pledge('USD', '2025-02-01')).and(
    pledge('EUR', '2025-07-01'),
  )
  t.match(moved.when(committed).expect(t, refused('other-currency')), { day: '2025-07-01' })
  const back = state.and(example('disbursed', {}, { occurredOn: '2025-08-01' }))
  t.match(
    back
      .when(example('corrected', { corrections: [{ event: 3, data: pledge('EUR', '').data }] }))
      .expect(t, refused('breaks-events')),
    { broken: [{ version: 4, code: 'other-currency', day: '2025-06-01' }] },
  )
})

t.test('a line is committed from a pledge of its own provider', async (t) => {
  given(proposed(), agreed(), pledged('100')).when(fromPledge).expect(t, accepted)
  given(proposed(), agreed(), example('pledged', { provider: 'most-vn' }))
    .when(fromPledge)
    .expect(t, refused('other-provider'))
})

t.test('an amount is not negative', async (t) => {
  t.match(parseEventBody(pledged('-1')), { ok: false, errors: [{ path: 'data.amount.value' }] })
  t.match(parseEventBody(pledged('0.001')), { ok: false, errors: [{ path: 'data.amount.value' }] })
})
