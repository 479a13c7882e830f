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

const suspended = example('suspended', { until: '2027' })

t.test('a suspended proposal shows the reason and until when, and its condition is suspended', async (t) => {
  const state = stateAfter(proposed(), suspended)
  t.match(state, { suspended: true, suspension: { until: '2027', version: 2 }, stage: 'proposed' })
  t.equal(statusOf(state, exampleDay, 'Asia/Ho_Chi_Minh').condition, 'suspended')
})

t.test('meanwhile it cannot be agreed, funded or delivered, but other facts are recorded', async (t) => {
  given(proposed(), suspended).when(agreed()).expect(t, refused('suspended'))
  const state = given(proposed(), agreed(), funded(), suspended)
  state.when(funded({ line: 'more' })).expect(t, refused('suspended'))
  state.when(example('delivered')).expect(t, refused('suspended'))
  state.when(example('disbursed')).expect(t, accepted)
  state.when(example('ended')).expect(t, accepted)
})

t.test('it cannot be suspended twice', async (t) => {
  given(proposed(), suspended).when(example('suspended')).expect(t, refused('already-suspended'))
})

t.test('its end is not before its beginning', async (t) => {
  const until = (day: string) => given(proposed()).when(example('suspended', { until: day }, { occurredOn: '2025-06' }))
  until('2025-05').expect(t, refused('ends-before-start'))
  until('2025').expect(t, accepted)
})
