import { statusOf } from '@commitments/domain'
import {
  agreed,
  delivered,
  example,
  exampleDay,
  funded,
  given,
  proposed,
  refused,
  stateAfter,
} from '@commitments/test-kit/domain'
import t from 'tap'

const to = (which: string, day: string | null) => example('rescheduled', { which, to: day })
const begun = proposed({ planned: { start: '2025', end: '2026' } })

t.test('a planned date is replaced, and the slippage is kept', async (t) => {
  const state = stateAfter(begun, to('end', '2027-06'), to('end', null), to('end', '2028'))
  t.match(state, { planned: { start: '2025', end: '2028' }, firstPlanned: { end: '2026' } })
  t.match(
    state.reschedulings.map(({ which, from, to: until }) => [which, from, until]),
    [
      ['end', '2026', '2027-06'],
      ['end', '2027-06', null],
      ['end', null, '2028'],
    ],
  )
})

t.test('a milestone is rescheduled', async (t) => {
  t.match(stateAfter(begun, example('milestone-planned'), to('opening', '2028')).milestones, [
    { firstDue: '2027-06', due: '2028' },
  ])
  given(begun).when(to('opening', '2028')).expect(t, refused('unknown-milestone'))
})

t.test('the same date is no change', async (t) => {
  given(begun).when(to('end', '2026')).expect(t, refused('same-date'))
  given(proposed()).when(to('end', null)).expect(t, refused('same-date'))
})

t.test('an end before the start is refused', async (t) => {
  given(begun).when(to('end', '2024')).expect(t, refused('ends-before-start'))
})

t.test('a plan that was never moved, or is back at its first date, has not slipped', async (t) => {
  const daysOf = (...history: Parameters<typeof stateAfter>) =>
    statusOf(stateAfter(...history), exampleDay, 'Asia/Ho_Chi_Minh').delivery.slippage.map(({ which, days }) => [
      which,
      days,
    ])
  const none = { atLeast: 0, atMost: 0 }
  for (const end of ['2025', '2025-06', '2025-06-01', '2025/..', '[2025..]', '[2025..2027]'])
    t.same(daysOf(proposed({ planned: { end } })), [['end', none]], end)
  t.same(daysOf(begun, to('end', '2027'), to('end', '2026')), [
    ['start', none],
    ['end', none],
  ])
  t.match(daysOf(proposed(), example('milestone-planned', { due: '2027' })), [['opening', none]])
  t.same(daysOf(begun, to('end', null)).at(-1), ['end', null], 'postponed without a date')
})

t.test('the days of slippage are as precise as the dates', async (t) => {
  const slippage = (...history: Parameters<typeof stateAfter>) =>
    statusOf(stateAfter(...history), exampleDay, 'Asia/Ho_Chi_Minh').delivery.slippage
  t.same(slippage(proposed()), [])
  t.match(slippage(begun, to('end', '2027-06')), [
    { which: 'start', firstPlanned: '2025', lastPlanned: '2025', actual: null, days: { atLeast: 0, atMost: 0 } },
    { which: 'end', firstPlanned: '2026', lastPlanned: '2027-06', days: { atLeast: 152, atMost: 545 } },
  ])
  t.match(slippage(begun, to('end', null)).at(-1), { lastPlanned: null, days: null })
  const exact = proposed({ planned: { end: '2026-05-01' } })
  t.match(slippage(exact, agreed(), funded(), delivered({}, { occurredOn: '2026-05-31' })), [
    { which: 'end', actual: '2026-05-31', days: { atLeast: 30, atMost: 30 } },
  ])
  const opened = example('milestone-reached', {}, { occurredOn: '2026-05-01' })
  t.match(slippage(proposed(), example('milestone-planned', { due: '2026-05-11' }), opened), [
    { which: 'opening', actual: '2026-05-01', days: { atLeast: -10, atMost: -10 } },
  ])
})
