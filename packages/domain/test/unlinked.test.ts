import { foldStream } from '@commitments/domain'
import { example, exampleZone, given, otherProposal, proposed, recorded, refused } from '@commitments/test-kit/domain'
import t from 'tap'

const beside = given().beside(otherProposal('programme', proposed()), otherProposal('other', proposed()))

t.test('an unlinked link no longer holds, and can come back', async (t) => {
  const scene = beside.and(proposed(), example('linked'), example('unlinked'))
  t.same(scene.proposal?.links, [])
  t.match(scene.and(example('linked')).proposal?.links, [{ relation: 'sibling', other: 'other', version: 4 }])
})

t.test('without the link to its parent the next child link is the parent, if there is one', async (t) => {
  const unlinked = example('unlinked', { relation: 'child', other: 'programme' })
  const scene = beside.and(proposed({ parent: 'programme' }))
  t.equal(scene.and(unlinked).proposal?.parent, null)
  // Histories from before a second parent was refused.
  const events = [proposed({ parent: 'programme' }), example('linked', { relation: 'child', other: 'other' }), unlinked]
  const old = foldStream(
    events.map((event, index) => recorded(event, { version: index + 1 })),
    exampleZone,
  )
  t.equal(old?.parent, 'other')
})

t.test('only an existing link can be unlinked', async (t) => {
  const scene = beside.and(proposed(), example('linked'))
  scene.when(example('unlinked', { relation: 'precedes' })).expect(t, refused('not-linked'))
  scene.and(example('unlinked')).when(example('unlinked')).expect(t, refused('not-linked'))
})
