import { accepted, example, given, proposed, refused, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'
import { nameInForce, withNamesInForce } from '../src/index.ts'

const name = { en: 'Ministry of Science' }
const renamed = (more: object = {}) => example('party-renamed', more)

t.test('a renamed party has the new name, and keeps its id and the names in other languages', async (t) => {
  const joined = example('party-joined', {
    party: 'msit-kr',
    name: { ko: '과학기술정보통신부', en: 'MSIT' },
    roles: ['host'],
  })
  const state = stateAfter(proposed(), joined, renamed())
  t.match(
    state.parties.find(({ party }) => party === 'msit-kr'),
    { name: { ko: '과학기술정보통신부', en: 'Ministry of Science' } },
  )
  t.match(state.renamings, [{ party: 'msit-kr', name, version: 3, countsFrom: /^\d{4}-\d\d-\d\d$/ }])
})

t.test(
  'a party that left can be renamed, one that never took part cannot, and the state of the proposal does not matter',
  async (t) => {
    const left = example('party-left', { party: 'lab' })
    const state = stateAfter(proposed(), left, renamed({ party: 'lab' }))
    t.match(state.formerParties, [{ party: 'lab', name }])
    given(proposed())
      .when(renamed({ party: 'stranger' }))
      .expect(t, refused('not-a-party'))
    given(proposed(), example('ended')).when(renamed()).expect(t, accepted)
  },
)

t.test('a proposal without renamings has no member for them', async (t) => {
  t.notOk('renamings' in stateAfter(proposed()))
})

const renaming = (party: string, countsFrom: string, position: number, text: object) => {
  return { party, countsFrom, position, name: text as Record<string, string> }
}

t.test('the name in force is the last one in each language, and a status also has the recorded one', async (t) => {
  const first = renaming('a', '2020-01-01', 9, { en: 'One', vi: 'Một' })
  const second = renaming('a', '2021-01-01', 2, { en: 'Two' })
  const other = renaming('b', '2022-01-01', 3, { en: 'Other' })
  t.same(nameInForce({ party: 'a', name: { en: 'Old', ko: '옛' } }, [first, second, other]), {
    en: 'Two',
    vi: 'Một',
    ko: '옛',
  })
  const parties = [{ party: 'a', name: { en: 'Old' } }, { party: 'b', name: { en: 'Other' } }, { party: 'c' }]
  const status = { parties, formerParties: [{ party: 'a' }] }
  t.same(withNamesInForce(status, [first, second, other]), {
    parties: [{ party: 'a', name: { en: 'Two', vi: 'Một' }, recordedName: { en: 'Old' } }, parties[1], parties[2]],
    formerParties: [{ party: 'a', name: { en: 'Two', vi: 'Một' }, recordedName: null }],
  })
  t.equal(withNamesInForce(status, []), status, 'nothing is copied where nobody is renamed')
})
