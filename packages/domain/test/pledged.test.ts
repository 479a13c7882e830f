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

t.test('a pledge is of a party, and stays its own', async (t) => {
  given(proposed())
    .when(example('pledged', { provider: 'kist-kr' }))
    .expect(t, refused('not-a-party'))
  given(proposed(), pledged('100'))
    .when(example('pledged', { provider: 'most-vn' }))
    .expect(t, refused('other-provider'))
})

t.test('what was never pledged is not withdrawn', async (t) => {
  given(proposed()).when(pledged('0')).expect(t, refused('unknown-pledge'))
})

t.test('a pledge does not fall below what was committed from it', async (t) => {
  const state = given(proposed(), agreed(), pledged('3000000'), fromPledge)
  state.when(pledged('1999999.99')).expect(t, refused('below-committed'))
  state.when(pledged('0')).expect(t, refused('below-committed'))
  state.when(pledged('2000000')).expect(t, accepted)
  state.and(example('decommitted')).when(pledged('1500000')).expect(t, accepted)
  state.when(pledged('0', 'KRW')).expect(t, refused('other-currency'))
  given(proposed(), pledged('100')).when(pledged('90', 'EUR')).expect(t, accepted)
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
