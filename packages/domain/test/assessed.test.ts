import { accepted, agreed, example, given, proposed, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'

t.test('a judgement is listed with its scale, and changes neither stage nor condition', async (t) => {
  const { delivery, ...before } = stateAfter(proposed(), agreed())
  const after = stateAfter(proposed(), agreed(), example('assessed', { period: '2025' }))
  t.match(after.assessments, [{ assessor: 'irm', scale: { en: 'OGP completion' }, score: 'substantial', version: 3 }])
  t.match(after, { stage: before.stage, atRisk: before.atRisk, delivery })
})

t.test('the assessor need not be a party, and an ended proposal can be assessed too', async (t) => {
  given(proposed(), example('ended')).when(example('assessed')).expect(t, accepted)
})
