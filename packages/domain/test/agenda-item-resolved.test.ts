import { accepted, example, given, otherProposal, proposed, refused, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'

const history = [proposed({ kind: 'forum' }), example('agenda-set')]
const resolved = example('agenda-item-resolved')

t.test('the latest outcome of an item holds', async (t) => {
  const state = stateAfter(...history, example('agenda-item-resolved', { outcome: 'deferred' }), resolved)
  t.match(state.agenda, { items: [{ item: 1, resolved: { outcome: 'adopted', version: 4 } }] })
})

t.test('an item that is not on the agenda is not resolved', async (t) => {
  given(...history)
    .when(example('agenda-item-resolved', { item: 2 }))
    .expect(t, refused('unknown-agenda-item'))
  given(proposed({ kind: 'forum' }))
    .when(resolved)
    .expect(t, refused('unknown-agenda-item'))
})

t.test('only sessions resolve items', async (t) => {
  given(proposed()).when(resolved).expect(t, refused('not-a-session'))
})

t.test('the proposals that an item leads to are added, and are recorded', async (t) => {
  const leading = (other: string) => example('agenda-item-resolved', { leadsTo: [other] })
  const beside = given(...history).beside(otherProposal('a', proposed()), otherProposal('b', proposed()))
  beside.when(leading('c')).expect(t, refused('unknown-related-proposal'))
  const scene = beside.and(leading('a'))
  scene.when(leading('b')).expect(t, accepted)
  t.match(scene.and(leading('b'), leading('a')).proposal?.agenda, { items: [{ leadsTo: ['a', 'b'] }] })
})
