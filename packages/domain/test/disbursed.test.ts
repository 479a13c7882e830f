import { statusOf } from '@commitments/domain'
import {
  accepted,
  agreed,
  delivered,
  example,
  exampleDay,
  funded,
  given,
  proposed,
  refused,
  stateAfter,
} from '@commitments/test-kit/domain'
import t from 'tap'

const usd = (value: string) => ({ value, currency: 'USD' })
const paid = (transaction: string, value: string) => example('disbursed', { transaction, amount: usd(value) })
const history = [proposed(), agreed(), funded()]
const unknown = [proposed(), agreed(), funded({ amount: null, amountStatus: 'unknown' })]

t.test('disbursements are added up by line and by currency', async (t) => {
  const state = stateAfter(...history, paid('one', '0.1'), paid('two', '0.2'))
  t.match(statusOf(state, exampleDay, 'Asia/Ho_Chi_Minh'), {
    money: {
      disbursed: { USD: '0.30' },
      undisbursed: { USD: '1999999.70' },
      transactions: [{ transaction: 'one', refunded: '0', version: 4 }, { transaction: 'two' }],
    },
    lines: [{ disbursed: '0.30', undisbursed: '1999999.70' }],
  })
})

t.test('at most the undisbursed rest of a line can be disbursed, to the cent', async (t) => {
  const state = given(...history, example('decommitted'), paid('one', '1000000'))
  state.when(paid('two', '500000')).expect(t, accepted)
  const { decision } = state.when(paid('two', '500000.01'))
  t.match(decision, { code: 'over-committed', undisbursed: usd('500000') })
})

t.test('a line of unknown amount has no bound, and stays in the currency of its first disbursement', async (t) => {
  const state = given(...unknown, paid('one', '999999999999'))
  state.when(paid('two', '999999999999')).expect(t, accepted)
  state
    .when(example('disbursed', { transaction: 'two', amount: { value: '1', currency: 'KRW' } }))
    .expect(t, refused('other-currency'))
})

t.test('a disbursement on a line of unknown amount is not subtracted from the other lines', async (t) => {
  const other = funded({ line: 'vn-side', amount: usd('100') })
  const { money } = statusOf(stateAfter(...unknown, other, paid('one', '70')), exampleDay, 'Asia/Ho_Chi_Minh')
  t.match(money, { committed: { USD: '100' }, disbursed: { USD: '70' }, undisbursed: { USD: '100' } })
})

t.test('it is in the currency of the line', async (t) => {
  given(...history)
    .when(example('disbursed', { amount: { value: '1', currency: 'EUR' } }))
    .expect(t, refused('other-currency'))
})

t.test('a transaction is recorded once, on an existing line', async (t) => {
  given(...history, paid('one', '1'))
    .when(paid('one', '1'))
    .expect(t, refused('transaction-exists'))
  given(proposed(), agreed()).when(paid('one', '1')).expect(t, refused('unknown-line'))
})

t.test('a tranche that it pays belongs to its line', async (t) => {
  const ofTranche = example('disbursed', { tranche: 'first' })
  given(...history)
    .when(ofTranche)
    .expect(t, refused('unknown-tranche'))
  given(...history, funded({ line: 'more' }), example('tranche-planned', { line: 'more' }))
    .when(ofTranche)
    .expect(t, refused('other-line'))
  given(...history, example('tranche-planned'))
    .when(ofTranche)
    .expect(t, accepted)
})

t.test('a payment learnt after delivery is recorded', async (t) => {
  given(...history, delivered())
    .when(paid('one', '1'))
    .expect(t, accepted)
})
