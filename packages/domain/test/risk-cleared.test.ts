import { statusOf } from '@commitments/domain'
import { example, exampleDay, given, proposed, refused, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'

const flagged = example('risk-flagged')

t.test('all flagged risks are cleared, and the condition is what it would be without them', async (t) => {
  const status = statusOf(
    stateAfter(proposed(), flagged, flagged, example('risk-cleared', { severity: 'low' })),
    exampleDay,
    'Asia/Ho_Chi_Minh',
  )
  t.match(status, { condition: 'unknown', risks: [] })
})

t.test('without a flag nothing is cleared', async (t) => {
  given(proposed()).when(example('risk-cleared')).expect(t, refused('no-risk-flagged'))
  given(proposed(), flagged, example('risk-cleared'))
    .when(example('risk-cleared'))
    .expect(t, refused('no-risk-flagged'))
})
