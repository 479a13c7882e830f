import { statusOf } from '@commitments/domain'
import {
  accepted,
  agreed,
  example,
  exampleDay,
  given,
  proposed,
  refused,
  stateAfter,
} from '@commitments/test-kit/domain'
import t from 'tap'

const contested = (event: number) => example('contested', { event }, { assertedBy: 'most-vn', confidence: 'reported' })

t.test('a claim and the event that it contests are both shown', async (t) => {
  const status = statusOf(stateAfter(proposed(), agreed(), contested(2)), exampleDay, 'Asia/Ho_Chi_Minh')
  t.match(status.contested, [
    { event: 2, claim: { en: /later/ }, assertedBy: 'most-vn', confidence: 'reported', version: 3, resolved: null },
  ])
  t.equal(status.stage, 'agreed', 'what is contested holds meanwhile')
})

t.test('the event must exist; a contest can itself be contested', async (t) => {
  given(proposed()).when(contested(2)).expect(t, refused('unknown-version'))
  given(proposed(), contested(1)).when(contested(2)).expect(t, accepted)
})

t.test('an event of an ended proposal can be contested', async (t) => {
  given(proposed(), example('ended')).when(contested(1)).expect(t, accepted)
})
