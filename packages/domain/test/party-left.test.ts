import { accepted, agreed, example, funded, given, proposed, refused, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'

const left = (party: string) => example('party-left', { party })
const history = [proposed(), agreed(), funded()]

t.test('a party that left is no longer among the parties, and is kept with the reason', async (t) => {
  const state = stateAfter(proposed(), left('lab'))
  t.same(
    state.parties.map(({ party }) => party),
    ['most-vn', 'msit-kr'],
  )
  t.match(state.formerParties, [{ party: 'lab', roles: ['implementer'], version: 2 }])
  given(proposed(), left('lab')).when(left('lab')).expect(t, refused('not-a-party'))
})

t.test('the last funder cannot leave while money is open', async (t) => {
  given(...history)
    .when(left('msit-kr'))
    .expect(t, refused('last-funder'))
  given(...history, example('disbursed', { amount: { value: '2000000', currency: 'USD' } }))
    .when(left('msit-kr'))
    .expect(t, accepted)
  given(...history, example('party-joined', { roles: ['funder'] }))
    .when(left('msit-kr'))
    .expect(t, accepted)
  given(proposed(), agreed()).when(left('msit-kr')).expect(t, accepted)
})

t.test('the provider of a line is a funder, and a line of unknown amount is open', async (t) => {
  const unknown = funded({ provider: 'most-vn', receiver: 'lab', amount: null, amountStatus: 'unknown' })
  const parties = proposed().data.parties.map((party) =>
    party.party === 'msit-kr' ? { ...party, roles: ['host' as const] } : party,
  )
  given(proposed({ parties }), agreed(), unknown).when(left('most-vn')).expect(t, refused('last-funder'))
})

t.test('the last party cannot leave: the proposal ends', async (t) => {
  given(proposed(), left('lab'), left('msit-kr')).when(left('most-vn')).expect(t, refused('last-party'))
})
