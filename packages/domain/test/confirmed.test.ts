import { parseEventBody } from '@commitments/domain'
import { accepted, example, given, proposed, refused, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'

const confirmed = (asOf: string) => example('confirmed', { asOf })

t.test('it is the only event that needs no source', async (t) => {
  const { evidence: _none, ...bare } = confirmed('2026-11-20')
  t.ok(parseEventBody(bare).ok)
  given(proposed()).when(bare).expect(t, accepted)
})

t.test('it says that the record was right on that day', async (t) => {
  t.match(stateAfter(proposed(), confirmed('2026-10-01'), confirmed('2026-11-20')), { lastConfirmedOn: '2026-11-20' })
})

t.test('a confirmation is not for a day before the last one, nor for a future day', async (t) => {
  const state = given(proposed(), confirmed('2026-10-02'))
  state.when(confirmed('2026-10-01')).expect(t, refused('earlier-confirmation'))
  state.when(confirmed('2026-10-02')).expect(t, accepted)
  state.when(confirmed('2026-11-23')).expect(t, refused('in-the-future'))
})

t.test('asOf is a single day', async (t) => {
  t.match(parseEventBody(confirmed('2026-11')), { ok: false, errors: [{ path: 'data.asOf' }] })
})
