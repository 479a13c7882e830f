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

const decommitted = (value: string, currency = 'USD') => example('decommitted', { amount: { value, currency } })
const history = [proposed(), agreed(), funded()]

t.test('a line commits less by what is decommitted', async (t) => {
  const state = stateAfter(...history, decommitted('500000'), decommitted('0.25'))
  t.match(statusOf(state, exampleDay, 'Asia/Ho_Chi_Minh'), {
    money: { committed: { USD: '1499999.75' }, undisbursed: { USD: '1499999.75' } },
    lines: [{ committed: '1499999.75', undisbursed: '1499999.75', decommitted: '500000.25', disbursed: '0' }],
  })
})

t.test('at most the undisbursed rest can be decommitted', async (t) => {
  const state = given(...history, example('disbursed'))
  state.when(decommitted('1000000')).expect(t, accepted)
  const { decision } = state.when(decommitted('1000000.01'))
  t.match(decision, { code: 'over-decommitted', undisbursed: { value: '1000000', currency: 'USD' } })
})

t.test('an unknown line and another currency are refused', async (t) => {
  given(proposed(), agreed()).when(decommitted('1')).expect(t, refused('unknown-line'))
  given(...history)
    .when(decommitted('1', 'EUR'))
    .expect(t, refused('other-currency'))
})

t.test('a line of unknown amount has no bound, and its amount stays unknown', async (t) => {
  const unknown = [proposed(), agreed(), funded({ amount: null, amountStatus: 'unknown' })]
  const state = stateAfter(...unknown, decommitted('5000'))
  t.match(statusOf(state, exampleDay, 'Asia/Ho_Chi_Minh'), {
    money: { committed: {}, undisbursed: {}, undisclosed: [{ line: 'kr-grant' }] },
    lines: [{ committed: null, decommitted: '5000' }],
  })
})

t.test('an amount is positive: the event gives the direction', async (t) => {
  t.match(parseEventBody(decommitted('0')), { ok: false, errors: [{ path: 'data.amount.value' }] })
})
