import { accepted, example, given, proposed, refused, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'

const consented = (party: string, act: 'support' | 'signature') => example('consented', { party, act })

t.test('a consent is listed, and by itself does not make the proposal agreed', async (t) => {
  const state = stateAfter(proposed(), consented('most-vn', 'support'), consented('msit-kr', 'signature'))
  t.match(state, { stage: 'proposed', history: { agreed: null } })
  t.match(state.consents, [
    { party: 'most-vn', act: 'support', version: 2 },
    { party: 'msit-kr', act: 'signature', version: 3, occurredOn: '2025' },
  ])
})

t.test('only a party can consent', async (t) => {
  given(proposed()).when(consented('kist-kr', 'support')).expect(t, refused('not-a-party'))
})

t.test('the same act of the same party is recorded once', async (t) => {
  const once = given(proposed(), consented('most-vn', 'support'))
  once.when(consented('most-vn', 'support')).expect(t, refused('already-consented'))
  once.when(consented('most-vn', 'signature')).expect(t, accepted)
  once.when(consented('msit-kr', 'support')).expect(t, accepted)
})
