import {
  accepted,
  agreed,
  delivered,
  example,
  funded,
  given,
  proposed,
  refused,
  stateAfter,
} from '@commitments/test-kit/domain'
import t from 'tap'

const closed = example('closed')
const paid = example('disbursed', { amount: { value: '2000000', currency: 'USD' } })

t.test('a delivered and settled proposal can be closed', async (t) => {
  t.match(stateAfter(proposed(), agreed(), funded(), paid, delivered(), closed), { stage: 'closed', ending: null })
  given(proposed({ kind: 'treaty' }), agreed(), delivered())
    .when(closed)
    .expect(t, accepted)
})

t.test('a proposal that was not delivered completely cannot be closed', async (t) => {
  given(proposed(), agreed(), funded(), paid).when(closed).expect(t, refused('not-delivered'))
  given(proposed(), agreed(), funded(), paid, delivered({ complete: false }))
    .when(closed)
    .expect(t, refused('not-delivered'))
})

t.test('it cannot be closed while money is open', async (t) => {
  const half = example('disbursed')
  const rest = example('decommitted', { amount: { value: '1000000', currency: 'USD' } })
  given(proposed(), agreed(), funded(), half, delivered()).when(closed).expect(t, refused('money-not-settled'))
  given(proposed(), agreed(), funded(), half, rest, delivered()).when(closed).expect(t, accepted)
})

t.test('whether a line of unknown amount is settled cannot be known', async (t) => {
  given(proposed(), agreed(), funded({ amount: null, amountStatus: 'undisclosed' }), delivered())
    .when(closed)
    .expect(t, refused('money-not-settled'))
})

t.test('it can be closed only once', async (t) => {
  given(proposed({ kind: 'treaty' }), agreed(), delivered(), closed)
    .when(closed)
    .expect(t, refused('closed'))
})
