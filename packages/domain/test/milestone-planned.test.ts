import { conditionSteps, parseEventBody } from '@commitments/domain'
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

const planned = example('milestone-planned')

t.test('a milestone is listed', async (t) => {
  t.match(stateAfter(proposed(), planned).milestones, [
    {
      milestone: 'opening',
      due: '2027-06',
      firstDue: '2027-06',
      obligatory: false,
      planned: true,
      reached: null,
      version: 2,
    },
  ])
})

t.test('its id is taken once it was planned, or recorded as reached', async (t) => {
  given(proposed(), planned).when(planned).expect(t, refused('milestone-exists'))
  given(proposed(), example('milestone-reached', { title: { en: 'Opening' } }))
    .when(planned)
    .expect(t, refused('milestone-exists'))
})

t.test('its id is not start or end: those are the dates of the whole', async (t) => {
  for (const milestone of ['start', 'end']) {
    const body = example('milestone-planned', { milestone })
    t.match(parseEventBody(body), { ok: false, errors: [{ path: 'data.milestone' }] })
  }
})

t.test('the whole is delivered once every obligatory milestone is met or waived', async (t) => {
  const state = given(proposed(), agreed(), funded(), example('milestone-planned', { obligatory: true }))
  const reached = (outcome: 'met' | 'partially-met' | 'missed' | 'waived') =>
    state.and(example('milestone-reached', { outcome })).when(delivered())
  state.when(delivered()).expect(t, refused('milestone-open'))
  state.when(delivered({ complete: false })).expect(t, accepted)
  reached('met').expect(t, accepted)
  reached('waived').expect(t, accepted)
  reached('missed').expect(t, refused('milestone-open'))
  reached('partially-met').expect(t, refused('milestone-open'))
  given(proposed(), agreed(), funded(), planned).when(delivered()).expect(t, accepted)
})

t.test('an open milestone makes the whole due, and one with an outcome does not', async (t) => {
  const history = [proposed({ planned: { end: '2029-12-31' } }), planned]
  t.match(conditionSteps(stateAfter(...history), 'UTC').at(-1), { from: '2027-07-01', condition: 'overdue' })
  const reached = stateAfter(...history, example('milestone-reached', { outcome: 'missed' }))
  t.match(conditionSteps(reached, 'UTC').at(-1), { from: '2030-01-01', condition: 'overdue' })
})
