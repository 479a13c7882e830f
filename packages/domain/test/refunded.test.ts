import { statusOf } from '@commitments/domain'
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

const refunded = (value: string, currency = 'USD') => example('refunded', { amount: { value, currency } })
const history = [proposed(), agreed(), funded(), example('tranche-planned'), example('disbursed', { tranche: 'first' })]

t.test('a refund reduces what was disbursed', async (t) => {
  const state = stateAfter(...history, refunded('250000'))
  t.match(statusOf(state, exampleDay, 'Asia/Ho_Chi_Minh').money, {
    disbursed: { USD: '750000' },
    undisbursed: { USD: '1250000' },
    transactions: [{ refunded: '250000', amount: { value: '1000000' } }],
    tranches: [{ disbursed: '750000' }],
  })
})

t.test('all refunds of a disbursement together are at most its amount', async (t) => {
  const state = given(...history, refunded('600000'))
  state.when(refunded('400000')).expect(t, accepted)
  const { decision } = state.when(refunded('400000.01'))
  t.match(decision, { code: 'over-refunded', refundable: { value: '400000', currency: 'USD' } })
})

t.test('a refund names an existing disbursement, and is in its currency', async (t) => {
  given(...history)
    .when(example('refunded', { transaction: 'payment-2' }))
    .expect(t, refused('unknown-transaction'))
  given(...history)
    .when(refunded('1', 'KRW'))
    .expect(t, refused('other-currency'))
})

t.test('a refund is possible after the end', async (t) => {
  given(...history, example('ended', { remaining: 'return' }))
    .when(refunded('1'))
    .expect(t, accepted)
})
