import { agreed, delivered, example, given, proposed, refused, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'

t.test('the start of the work is shown, and leaves the stage unchanged', async (t) => {
  const state = stateAfter(proposed(), agreed(), example('started'))
  t.match(state, { stage: 'agreed', delivery: { started: { occurredOn: '2025', version: 3 } } })
})

t.test('a proposal that was not agreed cannot be started, even if it is delivered', async (t) => {
  given(proposed()).when(example('started')).expect(t, refused('not-agreed'))
  given(proposed({ kind: 'forum' }), delivered())
    .when(example('started'))
    .expect(t, refused('not-agreed'))
})

t.test('it can be started only once', async (t) => {
  given(proposed(), agreed(), example('started')).when(example('started')).expect(t, refused('already-started'))
})
