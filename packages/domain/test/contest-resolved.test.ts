import { accepted, agreed, example, given, proposed, refused, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'

const contested = (event: number) => example('contested', { event })
const resolved = (event: number) => example('contest-resolved', { event })

t.test('all open claims against an event are resolved, and stay readable', async (t) => {
  const state = stateAfter(proposed(), agreed(), contested(1), contested(2), contested(1), resolved(1))
  t.match(state.contested, [
    { event: 1, claim: {}, resolved: { chosen: { en: /later/ }, version: 6 } },
    { event: 2, resolved: null },
    { event: 1, resolved: { version: 6 } },
  ])
})

t.test('only a contested event can be resolved', async (t) => {
  given(proposed()).when(resolved(1)).expect(t, refused('not-contested'))
  given(proposed()).when(resolved(2)).expect(t, refused('unknown-version'))
  const scene = given(proposed(), contested(1), resolved(1))
  scene.when(resolved(1)).expect(t, refused('not-contested'))
  scene.and(contested(1)).when(resolved(1)).expect(t, accepted)
})
