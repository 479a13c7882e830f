import { parseEventBody } from '@commitments/domain'
import { accepted, example, given, proposed, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'

t.test('a party joins at the end of the list, and can act from then on', async (t) => {
  const joined = example('party-joined')
  t.match(stateAfter(proposed(), joined).parties.at(-1), { party: 'kist-kr', roles: ['technical-partner'] })
  given(proposed(), joined)
    .when(example('consented', { party: 'kist-kr' }))
    .expect(t, accepted)
})

t.test('joining again adds roles, and no language of the name is lost', async (t) => {
  const again = example('party-joined', {
    party: 'msit-kr',
    name: { ko: '과학기술정보통신부' },
    roles: ['co-chair', 'funder'],
  })
  t.match(stateAfter(proposed(), again).parties[1], {
    party: 'msit-kr',
    name: { en: 'Ministry of Science and ICT', ko: '과학기술정보통신부' },
    country: 'KR',
    roles: ['funder', 'co-chair'],
  })
  t.equal(stateAfter(proposed(), again).parties.length, 3)
})

t.test('a party that came back is not a former party, even after the second time, and keeps its name', async (t) => {
  const left = example('party-left', { party: 'msit-kr' })
  const back = example('party-joined', { party: 'msit-kr', name: { ko: '과학기술정보통신부' }, roles: ['host'] })
  const whoIsIn = ({ parties }: { parties: readonly { party: string }[] }) =>
    parties.filter(({ party }) => party === 'msit-kr')
  for (const times of [1, 2]) {
    const state = stateAfter(proposed(), ...Array.from({ length: times }, () => [left, back]).flat())
    t.same(state.formerParties, [], `${times} times`)
    t.same(whoIsIn(state), [
      {
        party: 'msit-kr',
        name: { en: 'Ministry of Science and ICT', ko: '과학기술정보통신부' },
        country: 'KR',
        roles: ['host'],
      },
    ])
    t.match(stateAfter(proposed(), left, back, left).formerParties, [{ party: 'msit-kr', version: 4 }])
  }
})

t.test('countries and roles must be known', async (t) => {
  const bad = (data: object) =>
    parseEventBody({ ...example('party-joined'), data: { party: 'x', roles: ['host'], ...data } })
  t.match(bad({ country: 'XX' }), { ok: false, errors: [{ path: 'data.country' }] })
  t.match(bad({ roles: ['friend'] }), { ok: false, errors: [{ path: 'data.roles.0' }] })
  t.match(bad({ roles: [] }), { ok: false, errors: [{ path: 'data.roles' }] })
})
