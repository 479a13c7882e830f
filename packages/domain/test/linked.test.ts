import { bounds, decide, foldStream, type Proposal, relations } from '@commitments/domain'
import {
  accepted,
  example,
  exampleNow,
  exampleZone,
  given,
  otherProposal,
  proposed,
  recorded,
  refused,
} from '@commitments/test-kit/domain'
import t from 'tap'

const link = (relation: (typeof relations)[number], other: string) => example('linked', { relation, other })
const other = (id: string) => otherProposal(id, proposed())

/** A child of others, by their ids. */
function childOf(proposalId: string, ...parents: string[]): Proposal {
  const events = [proposed(), ...parents.map((parent) => link('child', parent))]
  return foldStream(
    events.map((event, at) => recorded(event, { proposalId, version: at + 1 })),
    exampleZone,
  ) as Proposal
}

t.test('the relation reads from this proposal to the other', async (t) => {
  const scene = given(proposed()).beside(other('jcm9'))
  for (const relation of relations) scene.when(link(relation, 'jcm9')).expect(t, accepted)
  t.match(scene.and(link('discussed-at', 'jcm9')).proposal, {
    parent: null,
    links: [{ relation: 'discussed-at', other: 'jcm9', version: 2 }],
  })
})

t.test(
  'the parent of proposed is its first child link, and a second parent is refused until that is unlinked',
  async (t) => {
    const scene = given()
      .beside(other('programme'), other('second'))
      .and(proposed({ parent: 'programme' }))
    t.match(scene.proposal?.links, [{ relation: 'child', other: 'programme', version: 1 }])
    t.match(scene.when(link('child', 'second')).expect(t, refused('second-parent')), { parent: 'programme' })
    scene.when(link('child', 'programme')).expect(t, refused('already-linked'))
    const freed = scene.and(example('unlinked', { relation: 'child', other: 'programme' }))
    t.match(freed.and(link('child', 'second')).proposal, { parent: 'second', links: [{ other: 'second' }] })
    t.match(given(proposed()).beside(other('second')).and(link('child', 'second')).proposal, { parent: 'second' })
  },
)

t.test('it cannot be linked to itself, to an unknown proposal, or twice', async (t) => {
  given(proposed()).when(link('sibling', 'joint-laboratory')).expect(t, refused('linked-to-itself'))
  given(proposed()).when(link('sibling', 'nothing')).expect(t, refused('unknown-related-proposal'))
  const scene = given(proposed()).beside(other('a')).and(link('sibling', 'a'))
  scene.when(link('sibling', 'a')).expect(t, refused('already-linked'))
  scene.when(link('precedes', 'a')).expect(t, accepted)
})

t.test('a cycle of parents is refused, however long', async (t) => {
  const below = childOf('below', 'joint-laboratory')
  const far = childOf('far', 'elsewhere', 'middle')
  const scene = given(proposed()).beside(below, far, childOf('middle', 'below'), other('elsewhere'))
  scene.when(link('child', 'below')).expect(t, refused('parent-cycle'))
  scene.when(link('child', 'far')).expect(t, refused('parent-cycle'))
  scene.when(link('child', 'elsewhere')).expect(t, accepted)
  scene.when(link('precedes', 'far')).expect(t, accepted)
})

t.test('precedes and supersedes cannot form a cycle, however long; other relations can', async (t) => {
  for (const relation of relations) {
    const linkedSo = (id: string, to: string) =>
      foldStream(
        [proposed(), link(relation, to)].map((event, at) => recorded(event, { proposalId: id, version: at + 1 })),
        exampleZone,
      ) as Proposal
    const scene = given(proposed()).beside(
      linkedSo('next', 'joint-laboratory'),
      linkedSo('far', 'next'),
      other('aside'),
    )
    const code = relation === 'child' ? 'parent-cycle' : 'link-cycle'
    const expected = ['child', 'precedes', 'supersedes'].includes(relation) ? refused(code) : accepted
    for (const end of ['next', 'far']) scene.when(link(relation, end)).expect(t, expected)
    scene.when(link(relation, 'aside')).expect(t, accepted)
  }
})

t.test('a chain of precedes is followed for a hundred proposals, and a longer one cannot begin', async (t) => {
  const chain = Array.from(
    { length: bounds.chain + 1 },
    (_, at) =>
      foldStream(
        [proposed(), link('precedes', `s-${at + 1}`)].map((event, index) =>
          recorded(event, { proposalId: `s-${at}`, version: index + 1 }),
        ),
        exampleZone,
      ) as Proposal,
  )
  const scene = given(proposed()).beside(...chain, other(`s-${bounds.chain + 1}`))
  scene.when(link('precedes', 's-1')).expect(t, refused('links-too-long'))
  scene.when(link('precedes', 's-2')).expect(t, accepted)
})

t.test('errors of the world are not caught', async (t) => {
  const signal = new Error('not loaded yet')
  const find = () => {
    throw signal
  }
  const world = {
    futureBegins: '2026-11-24',
    now: exampleNow,
    timeZone: exampleZone,
    find,
    history: () => [],
  }
  const body = { ...link('child', 'far'), proposalId: 'joint-laboratory' }
  t.throws(() => decide(given(proposed()).proposal, body, world), signal)
})

t.test('an ended proposal can be linked', async (t) => {
  const scene = given(proposed(), example('ended')).beside(other('a'))
  scene.when(link('precedes', 'a')).expect(t, accepted)
})
