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

t.test('a suspended proposal says why and until when, and its condition is that', async (t) => {
  const state = stateAfter(proposed(), suspended)
  t.match(state, { suspended: true, suspension: { until: '2027', version: 2 }, stage: 'proposed' })
  t.equal(statusOf(state, exampleDay, 'Asia/Ho_Chi_Minh').condition, 'suspended')
})

t.test('it is neither agreed, funded nor delivered meanwhile, but other facts are recorded', async (t) => {
  given(proposed(), suspended).when(agreed()).expect(t, refused('suspended'))
  const state = given(proposed(), agreed(), funded(), suspended)
  state.when(funded({ line: 'more' })).expect(t, refused('suspended'))
  state.when(example('delivered')).expect(t, refused('suspended'))
  state.when(example('disbursed')).expect(t, accepted)
  state.when(example('ended')).expect(t, accepted)
})

t.test('it is not suspended twice', async (t) => {
  given(proposed(), suspended).when(example('suspended')).expect(t, refused('already-suspended'))
})

t.test('it does not last until before it began', async (t) => {
  const until = (day: string) => given(proposed()).when(example('suspended', { until: day }, { occurredOn: '2025-06' }))
  until('2025-05').expect(t, refused('ends-before-start'))
  until('2025').expect(t, accepted)
})
