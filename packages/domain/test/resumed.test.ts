import { accepted, agreed, example, given, proposed, refused, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'

t.test('a suspended proposal is resumed, and goes on', async (t) => {
  const history = [proposed(), example('suspended'), example('resumed')]
  t.match(stateAfter(...history), { suspended: false, suspension: null })
  given(...history)
    .when(agreed())
    .expect(t, accepted)
  given(...history)
    .when(example('suspended'))
    .expect(t, accepted)
})

t.test('only a suspended proposal can be resumed', async (t) => {
  given(proposed()).when(example('resumed')).expect(t, refused('not-suspended'))
  given(proposed(), example('suspended'), example('resumed'))
    .when(example('resumed'))
    .expect(t, refused('not-suspended'))
})
