import { accepted, example, given, proposed, refused, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'

const planned = example('milestone-planned')
const onWord = { evidence: [], assertedBy: 'most-vn' }

t.test('the latest outcome holds', async (t) => {
  const missed = example('milestone-reached', { outcome: 'missed', reason: { en: 'Rain' } })
  const state = stateAfter(proposed(), planned, missed, example('milestone-reached', { title: { vi: 'Khai trương' } }))
  t.match(state.milestones, [
    {
      title: { en: 'Opening', vi: 'Khai trương' },
      due: '2027-06',
      reached: { outcome: 'met', reason: null, version: 4, occurredOn: '2025' },
      version: 2,
    },
  ])
})

t.test('a milestone that was never planned has a title', async (t) => {
  given(proposed()).when(example('milestone-reached')).expect(t, refused('unknown-milestone'))
  const titled = example('milestone-reached', { title: { en: 'Opening' } })
  t.match(stateAfter(proposed(), titled).milestones, [{ planned: false, due: null, reached: { outcome: 'met' } }])
})

t.test('the outcome met needs evidence', async (t) => {
  const on = (outcome: 'met' | 'waived') =>
    given(proposed(), planned).when(example('milestone-reached', { outcome }, onWord))
  on('met').expect(t, refused('needs-evidence'))
  on('waived').expect(t, accepted)
})
