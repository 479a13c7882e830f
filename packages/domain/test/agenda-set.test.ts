import { kinds, parseEventBody, profiles } from '@commitments/domain'
import { accepted, example, given, otherProposal, proposed, refused, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'

const session = proposed({ kind: 'committee-session', agenda: { declaredCount: 6 } })
const items = (...numbers: number[]) => ({
  items: numbers.map((item) => ({ item, title: { en: `Item ${item}` } })),
})

t.test('an agenda grows, in the order of its numbers; the same number again revises an item', async (t) => {
  const revised = { items: [{ item: 2, title: { vi: 'Mục 2' }, leadsTo: [] }] }
  const state = stateAfter(session, example('agenda-set', items(3, 1)), example('agenda-set', items(2)), {
    ...example('agenda-set'),
    data: revised,
  })
  t.same(state.agenda, {
    declaredCount: 6,
    items: [
      { item: 1, title: { en: 'Item 1' } },
      { item: 2, title: { en: 'Item 2', vi: 'Mục 2' }, leadsTo: [] },
      { item: 3, title: { en: 'Item 3' } },
    ],
  })
})

t.test('a declared number can be revised alone', async (t) => {
  const body = { ...example('agenda-set'), data: { declaredCount: 7 } }
  t.match(stateAfter(session, example('agenda-set', items(1)), body).agenda, { declaredCount: 7, items: [{ item: 1 }] })
})

t.test('a revised item keeps its outcome', async (t) => {
  const state = stateAfter(session, example('agenda-set'), example('agenda-item-resolved'), example('agenda-set'))
  t.match(state.agenda, { items: [{ item: 1, resolved: { outcome: 'adopted', version: 3 } }] })
})

t.test('only sessions have an agenda', async (t) => {
  for (const kind of kinds) {
    const expected = profiles[kind].session ? accepted : refused('not-a-session')
    given(proposed({ kind })).when(example('agenda-set')).expect(t, expected)
  }
})

t.test('an item leads to other proposals that are recorded', async (t) => {
  const leading = (other: string) =>
    example('agenda-set', { items: [{ item: 1, title: { en: 'Laboratory' }, leadsTo: [other] }] })
  const beside = given(session).beside(otherProposal('laboratory', proposed()))
  beside.when(leading('laboratory')).expect(t, accepted)
  beside.when(leading('other')).expect(t, refused('unknown-related-proposal'))
  beside.when(leading('joint-laboratory')).expect(t, refused('unknown-related-proposal'))
})

t.test('an agenda has a declared number or items', async (t) => {
  for (const data of [{}, { items: [] }]) {
    t.match(parseEventBody({ ...example('agenda-set'), data }), { ok: false, errors: [{ path: 'data' }] })
  }
})
