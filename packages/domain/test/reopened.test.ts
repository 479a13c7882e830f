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

const reopened = example('reopened')

t.test('an ended proposal continues where it was', async (t) => {
  const history = [proposed(), agreed(), example('ended'), reopened]
  t.match(stateAfter(...history), { ending: null, end: null, stage: 'agreed' })
  given(...history)
    .when(funded())
    .expect(t, accepted)
})

t.test('a closed proposal is delivered again', async (t) => {
  const state = stateAfter(proposed({ kind: 'system' }), agreed(), delivered(), example('closed'), reopened)
  t.match(state, { stage: 'delivered', history: { delivered: { version: 3 } } })
  t.match(
    state.stageHistory.map(({ stage }) => stage),
    ['proposed', 'agreed', 'delivered', 'closed', 'delivered'],
  )
})

t.test('money that was decommitted at the end stays decommitted', async (t) => {
  const state = stateAfter(proposed(), agreed(), funded(), example('ended', { remaining: 'decommit' }), reopened)
  t.match(state.lines, [{ decommitted: '2000000' }])
})

t.test('a superseded proposal cannot be reopened, nor an open one', async (t) => {
  given(proposed(), example('ended', { ending: 'superseded' }))
    .when(reopened)
    .expect(t, refused('superseded'))
  given(proposed()).when(reopened).expect(t, refused('not-ended'))
})
