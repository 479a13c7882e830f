import { type EventData, parseEventBody } from '@commitments/domain'
import {
  accepted,
  agreed,
  delivered,
  example,
  funded,
  given,
  proposed,
  refused,
  stateAfter,
} from '@commitments/test-kit/domain'
import t from 'tap'

type Changes = EventData['amended']['changes']
const amended = (changes: Changes) => example('amended', { changes })
const terms = { objectives: { en: 'A laboratory' }, start: '2025', end: '2027' }
const history = [proposed(), agreed({ terms })]

t.test('new terms hold, and the old ones stay readable', async (t) => {
  const state = stateAfter(...history, amended({ terms: { end: '2029' } }))
  t.match(state.agreement?.terms, { ...terms, end: '2029' })
  t.match(state.amendments, [{ before: { terms, planned: { end: '2027' } }, version: 3, instrument: null }])
  t.match(state, { stage: 'agreed', planned: { start: '2025', end: '2029' }, firstPlanned: { end: '2027' } })
})

t.test('omitted members stay, and a term that becomes unknown leaves the planned date', async (t) => {
  const state = stateAfter(...history, amended({ terms: { end: null } }))
  t.match(state.agreement?.terms, { start: '2025', end: null })
  t.equal(state.planned.end, '2027')
})

t.test('a plan is changed, also to unknown', async (t) => {
  const state = stateAfter(...history, amended({ planned: { end: null, place: { en: 'Hanoi' } } }))
  t.same(state.planned, { start: '2025', end: null, place: { en: 'Hanoi' } })
})

t.test('only what was agreed or funded can be amended', async (t) => {
  const change = amended({ terms: { end: '2029' } })
  given(proposed()).when(change).expect(t, refused('not-agreed'))
  given(...history, funded())
    .when(change)
    .expect(t, accepted)
  given(...history, funded(), delivered())
    .when(change)
    .expect(t, refused('already-delivered'))
})

t.test('an amendment that changes nothing is refused', async (t) => {
  for (const changes of [{}, { terms: { end: '2027' } }, { planned: { start: '2025' } }]) {
    given(...history)
      .when(amended(changes))
      .expect(t, refused('changes-nothing'))
  }
})

t.test('it has a rationale, and refers to an instrument or a decision', async (t) => {
  const { decision: _none, ...bare } = amended({ terms: { end: '2029' } }).data
  t.match(parseEventBody({ ...example('amended'), data: bare }), { ok: false, errors: [{ path: 'data.instrument' }] })
  const { rationale: _why, ...without } = example('amended').data
  t.match(parseEventBody({ ...example('amended'), data: without }), { ok: false, errors: [{ path: 'data.rationale' }] })
})

t.test('dates are possible, and the instrument is already signed', async (t) => {
  given(...history)
    .when(amended({ terms: { end: '2024' } }))
    .expect(t, refused('ends-before-start'))
  given(...history, example('rescheduled', { which: 'start', to: '2023' }))
    .when(amended({ terms: { end: '2024' } }))
    .expect(t, refused('ends-before-start'))
  const instrument = { title: { en: 'Protocol' }, signedOn: '2030' }
  given(...history)
    .when(example('amended', { instrument, changes: { terms: { end: '2029' } } }))
    .expect(t, refused('in-the-future'))
})
