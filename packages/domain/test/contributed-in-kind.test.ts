import { parseEventBody, statusOf } from '@commitments/domain'
import { agreed, example, exampleDay, funded, given, proposed, refused, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'

const valuation = { amount: { value: '400000', currency: 'USD' }, method: { en: 'Purchase price' } }
const building = example('contributed-in-kind', { quantity: '1.5', unit: { en: 'hectares' }, valuation })

t.test('it is listed separately and never added to cash', async (t) => {
  const { money } = statusOf(stateAfter(proposed(), agreed(), building, funded()), exampleDay, 'Asia/Ho_Chi_Minh')
  t.match(money.inKind, [{ item: { en: 'A building' }, quantity: '1.5', valuation, version: 3 }])
  t.match(money, { committed: { USD: '2000000' }, disbursed: {} })
})

t.test('a party contributes to what was agreed', async (t) => {
  given(proposed()).when(building).expect(t, refused('not-agreed'))
  given(proposed(), agreed())
    .when(example('contributed-in-kind', { provider: 'kist-kr' }))
    .expect(t, refused('not-a-party'))
})

t.test('a valuation has its method, and a quantity is a decimal number above zero, as text', async (t) => {
  const bad = (data: object) => parseEventBody({ ...building, data: { ...building.data, ...data } })
  t.match(bad({ valuation: { amount: valuation.amount } }), { ok: false, errors: [{ path: 'data.valuation.method' }] })
  for (const quantity of ['0.5', '1', '999999999999999999.000000001'])
    t.match(bad({ quantity }), { ok: true }, quantity)
  for (const quantity of ['1e3', '01', 'two', '.5', '1.', '-2', '0', '-0', '0.000', '0.0000000001']) {
    t.match(bad({ quantity }), { ok: false, errors: [{ path: 'data.quantity' }] }, quantity)
  }
})
