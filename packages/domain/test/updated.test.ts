import { type EventData, parseEventBody } from '@commitments/domain'
import { accepted, agreed, example, given, proposed, refused, stateAfter } from '@commitments/test-kit/domain'
import t from 'tap'

const updated = (data: EventData['updated']) => ({ ...example('updated'), data })
const planned = { start: '2026', place: { en: 'Hanoi' } }

t.test('texts are changed language by language, and none is lost', async (t) => {
  const { title, summary } = stateAfter(
    proposed({ title: { en: 'Laboratory', vi: 'Phòng thí nghiệm' }, summary: { ko: '요약' } }),
    updated({ title: { en: 'Joint laboratory', fr: 'Laboratoire' }, summary: { en: 'Summary' } }),
  )
  t.same(title, { en: 'Joint laboratory', vi: 'Phòng thí nghiệm', fr: 'Laboratoire' })
  t.same(summary, { ko: '요약', en: 'Summary' })
})

t.test('fields and requested funding replace the old ones', async (t) => {
  const requestedFunding = [{ provider: 'msit-kr', amount: { value: '10', currency: 'USD' } }]
  const state = stateAfter(proposed({ fields: ['materials'] }), updated({ fields: ['chemistry'], requestedFunding }))
  t.match(state, { fields: ['chemistry'], requested: requestedFunding })
  given(proposed())
    .when(updated({ requestedFunding: [{ provider: 'kist-kr' }] }))
    .expect(t, refused('not-a-party'))
})

t.test('unknown planned dates and place become known, and count as first planned', async (t) => {
  const state = stateAfter(proposed(), agreed(), updated({ planned }))
  t.match(state, { planned: { ...planned, end: null }, firstPlanned: { start: '2026', end: null } })
  t.same(stateAfter(proposed({ planned }), updated({ planned: { place: { vi: 'Hà Nội' } } })).planned.place, {
    en: 'Hanoi',
    vi: 'Hà Nội',
  })
})

t.test('a known date or place, and agreed terms, cannot be updated', async (t) => {
  const known = given(proposed({ planned }))
  known.when(updated({ planned: { start: '2027' } })).expect(t, refused('already-planned'))
  known.when(updated({ planned: { start: null } })).expect(t, refused('already-planned'))
  known.when(updated({ planned: { place: { en: 'Hue' } } })).expect(t, refused('already-planned'))
  known.when(updated({ planned: { start: '2026', end: '2027' } })).expect(t, accepted)
  given(proposed(), agreed({ terms: { end: '2027' } }))
    .when(updated({ planned: { end: '2028' } }))
    .expect(t, refused('already-planned'))
  given(proposed(), agreed({ terms: { start: null, end: null } }))
    .when(updated({ planned: { end: '2028' } }))
    .expect(t, accepted)
})

t.test('an end before the known start is refused', async (t) => {
  given(proposed({ planned }))
    .when(updated({ planned: { end: '2025' } }))
    .expect(t, refused('ends-before-start'))
})

t.test('an update that changes nothing is refused', async (t) => {
  const state = given(proposed({ planned, fields: ['materials'] }))
  for (const data of [{}, { title: proposed().data.title }, { planned }, { fields: ['materials'] }]) {
    state.when(updated(data)).expect(t, refused('changes-nothing'))
  }
})

t.test('kind and parties cannot be updated', async (t) => {
  t.match(parseEventBody({ ...example('updated'), data: { kind: 'forum' } }), {
    ok: false,
    errors: [{ path: 'data.kind' }],
  })
})
