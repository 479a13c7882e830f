/**
 * Rules about other proposals also hold after corrections and retractions, checked on the links that would be in force (domain.md, linked).
 */
import { type EventBody, foldStream, type Proposal, relations } from '@commitments/domain'
import {
  accepted,
  example,
  type Given,
  given,
  otherProposal,
  proposed,
  recorded,
  refused,
} from '@commitments/test-kit/domain'
import t from 'tap'

const self = 'joint-laboratory'
const link = (relation: (typeof relations)[number], other: string) => example('linked', { relation, other })
const unlink = (relation: (typeof relations)[number], other: string) => example('unlinked', { relation, other })
const retracted = (...events: number[]) => example('retracted', { events })
const other = (id: string) => otherProposal(id, proposed())

function correct(
  ...corrections: readonly (readonly [event: number, data: Readonly<Record<string, unknown>>])[]
): EventBody {
  return example('corrected', { corrections: corrections.map(([event, data]) => ({ event, data })) })
}

/** Another proposal with its own links. */
function linkedSo(proposalId: string, relation: (typeof relations)[number], to: string): Proposal {
  const events = [proposed(), link(relation, to)]
  return foldStream(
    events.map((event, at) => recorded(event, { proposalId, version: at + 1 })),
    'Asia/Ho_Chi_Minh',
  ) as Proposal
}

/** A history from before today's rules, or during which other proposals changed: none of its events is checked. */
function old(...events: EventBody[]): Given {
  return events.reduce<Given>((scene, event) => scene.unjudged(event), given())
}

t.test(
  'a correction of proposed or linked that would create a cycle of parents is refused, however long the cycle',
  async (t) => {
    const below = linkedSo('below', 'child', self)
    const far = linkedSo('far', 'child', 'below')
    const scene = given(proposed()).beside(below, far, other('free'))
    for (const parent of ['below', 'far'])
      scene.when(correct([1, proposed({ parent }).data])).expect(t, refused('parent-cycle'))
    scene.when(correct([1, proposed({ parent: 'free' }).data])).expect(t, accepted)
    const linked = scene.and(link('child', 'free'))
    for (const to of ['below', 'far'])
      linked.when(correct([2, { relation: 'child', other: to }])).expect(t, refused('parent-cycle'))
    linked.when(correct([2, { relation: 'sibling', other: 'below' }])).expect(t, accepted)
    const sibling = scene.and(link('sibling', 'below'))
    sibling.when(correct([2, { relation: 'child', other: 'below' }])).expect(t, refused('parent-cycle'))
  },
)

t.test('a correction or retraction that would create a cycle of precedes or supersedes is refused', async (t) => {
  for (const relation of ['precedes', 'supersedes'] as const) {
    const scene = given(proposed()).beside(linkedSo('next', relation, self), other('free'))
    const linked = scene.and(link(relation, 'free'))
    linked.when(correct([2, { relation, other: 'next' }])).expect(t, refused('link-cycle'))
    const gone = old(proposed(), link(relation, 'next'), unlink(relation, 'next')).beside(
      linkedSo('next', relation, self),
    )
    gone.when(retracted(3)).expect(t, refused('link-cycle'))
  }
})

t.test('a retraction of unlinked, or of a retraction, that would restore a cycle of parents is refused', async (t) => {
  const below = linkedSo('below', 'child', self)
  const scene = old(proposed(), link('child', 'below'), unlink('child', 'below')).beside(below)
  scene.when(retracted(3)).expect(t, refused('parent-cycle'))
  scene.when(retracted(2, 3)).expect(t, accepted)
  const left = old(proposed(), link('child', 'below'), retracted(2)).beside(below)
  left.when(retracted(3)).expect(t, refused('parent-cycle'))
})

t.test('a correction or retraction that would create a second parent is refused', async (t) => {
  const scene = given()
    .beside(other('one'), other('two'))
    .and(proposed({ parent: 'one' }), unlink('child', 'one'))
  scene.and(link('child', 'two')).when(retracted(2)).expect(t, refused('breaks-events'))
  scene.when(retracted(2)).expect(t, accepted)
  const linked = given().beside(other('one'), other('two')).and(proposed(), link('child', 'one'))
  linked.when(correct([1, proposed({ parent: 'two' }).data])).expect(t, refused('breaks-events'))
  linked
    .when(correct([1, proposed({ parent: 'two' }).data], [2, { relation: 'sibling', other: 'one' }]))
    .expect(t, accepted)
})

t.test('a broken link can stay as it is, but cannot become another broken link', async (t) => {
  const below = linkedSo('below', 'child', self)
  const scene = old(proposed(), link('child', 'below'), unlink('child', 'below')).beside(below, other('free'))
  const both = (data: Readonly<Record<string, unknown>>) => correct([2, data], [3, data])
  for (const data of [
    { relation: 'child', other: 'no-such-proposal' },
    { relation: 'child', other: self },
  ])
    scene.when(both(data)).expect(t, refused('breaks-events'))
  scene.when(both({ relation: 'child', other: 'free' })).expect(t, accepted)
  // Part of a history from before a second parent was refused.
  const two = old(proposed({ parent: 'free' }), link('child', 'more')).beside(other('free'), other('more'))
  const title = { ...proposed({ parent: 'free' }).data, title: { en: 'Another title' } }
  two.when(correct([1, title])).expect(t, accepted)
  two.when(correct([2, { relation: 'child', other: 'no-such-proposal' }])).expect(t, refused('breaks-events'))
  two.when(retracted(2)).expect(t, accepted)
})

t.test('links that a correction does not change stay, whatever has happened to others', async (t) => {
  const scene = old(proposed({ parent: 'below' })).beside(linkedSo('below', 'child', self))
  const title = { ...proposed({ parent: 'below' }).data, title: { en: 'Another title' } }
  scene.when(correct([1, title])).expect(t, accepted)
})
