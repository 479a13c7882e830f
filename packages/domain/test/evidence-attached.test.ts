import { accepted, agreed, example, given, proposed, refused, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'

const attached = (event: number) => example('evidence-attached', { event })

t.test('further evidence is listed for its event, and counted', async (t) => {
  const state = stateAfter(proposed(), agreed(), attached(2))
  t.match(state, { attachedEvidence: [{ event: 2, version: 3 }], evidenceCount: 3 })
})

t.test('the event must exist', async (t) => {
  given(proposed()).when(attached(2)).expect(t, refused('unknown-version'))
  given(proposed()).when(attached(1)).expect(t, accepted)
})

t.test('an assertion is not evidence that can be attached', async (t) => {
  given(proposed())
    .when(example('evidence-attached', {}, { evidence: [], assertedBy: 'most-vn' }))
    .expect(t, refused('needs-evidence'))
})
