import { endings, statusOf } from '@commitments/domain'
import {
  accepted,
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

const { remaining: _keep, ...bare } = example('ended').data
const ended = { ...example('ended'), data: bare }
const unknown = { amount: null, amountStatus: 'unknown' } as const

t.test('an open proposal can end in any way, and keeps its stage', async (t) => {
  for (const ending of endings) {
    const state = stateAfter(proposed(), { ...ended, data: { ...bare, ending } })
    t.match(state, { stage: 'proposed', ending, end: { ending, by: ['most-vn'], remaining: null, version: 2 } })
  }
})

t.test('a delivered proposal can expire, be superseded or be void, but cannot end otherwise', async (t) => {
  const state = given(proposed({ kind: 'system' }), agreed(), delivered())
  for (const ending of endings) {
    const expected = ['expired', 'superseded', 'void'].includes(ending) ? accepted : refused('already-delivered')
    state.when({ ...ended, data: { ...bare, ending } }).expect(t, expected)
  }
})

t.test('if money is open, the event says what happens to it; a line of unknown amount is open', async (t) => {
  given(proposed(), agreed(), funded()).when(ended).expect(t, refused('money-undecided'))
  given(proposed(), agreed(), funded(unknown)).when(ended).expect(t, refused('money-undecided'))
  given(proposed(), agreed(), funded(), example('disbursed', { amount: { value: '2000000', currency: 'USD' } }))
    .when(ended)
    .expect(t, accepted)
  for (const remaining of ['keep', 'decommit', 'return'] as const) {
    given(proposed(), agreed(), funded()).when(example('ended', { remaining })).expect(t, accepted)
  }
})

t.test('with decommit this event decommits the undisbursed rest of each line', async (t) => {
  const state = stateAfter(
    proposed(),
    agreed(),
    funded(),
    funded({ line: 'vn-side', amount: { value: '700', currency: 'VND' } }),
    funded({ line: 'unknown', ...unknown }),
    example('disbursed'),
    example('ended', { remaining: 'decommit' }),
  )
  const { committed, disbursed, undisbursed } = statusOf(state, exampleDay, 'Asia/Ho_Chi_Minh').money
  t.same(
    { committed, disbursed, undisbursed },
    { committed: { USD: '1000000' }, disbursed: { USD: '1000000' }, undisbursed: {} },
  )
  t.same(
    state.lines.map(({ decommitted }) => decommitted),
    ['1000000', '700', '0'],
  )
})

t.test('with keep and return the lines stay unchanged', async (t) => {
  for (const remaining of ['keep', 'return'] as const) {
    const before = stateAfter(proposed(), agreed(), funded())
    t.same(stateAfter(proposed(), agreed(), funded(), example('ended', { remaining })).lines, before.lines)
  }
})

t.test('parties end it, or nobody does', async (t) => {
  given(proposed())
    .when(example('ended', { by: ['kist-kr'] }))
    .expect(t, refused('not-a-party'))
  given(proposed())
    .when(example('ended', { by: [], ending: 'expired' }))
    .expect(t, accepted)
})

t.test('it can end only once', async (t) => {
  given(proposed(), ended).when(ended).expect(t, refused('ended'))
})
