import {
  type Condition,
  conditionOn,
  conditionSteps,
  dueOf,
  type EventBody,
  evolve,
  type Proposal,
  statusOf,
} from '@commitments/domain'
import {
  agreed,
  delivered,
  example,
  exampleZone,
  funded,
  proposed,
  recorded,
  stateAfter,
} from '@commitments/test-kit/domain'
import t from 'tap'

const zone = 'Asia/Ho_Chi_Minh'
/** The example log is recorded on 2026-11-22, so a proposal without news is stale from 2027-11-22. */
const open = stateAfter(proposed())
const dueIn = (end: string | null): Proposal => ({ ...open, planned: { ...open.planned, end } })

t.test('the condition is the first that applies', async (t) => {
  const overdue = dueIn('2026-06')
  const table: [Condition, string, Partial<Proposal>][] = [
    [
      'done',
      'delivered, although ended, suspended, at risk and overdue',
      { stage: 'delivered', ending: 'superseded', suspended: true, atRisk: true },
    ],
    ['done', 'closed', { stage: 'closed' }],
    ['ended', 'ended, although suspended, at risk and overdue', { ending: 'cancelled', suspended: true, atRisk: true }],
    ['suspended', 'suspended, although at risk and overdue', { suspended: true, atRisk: true }],
    ['at-risk', 'at risk, although overdue', { atRisk: true }],
    ['overdue', 'overdue, although nothing was heard for a year', { recordedAt: '2020-01-01T00:00:00.000000Z' }],
    ['overdue', 'overdue', {}],
  ]
  for (const [condition, name, change] of table) {
    t.equal(statusOf({ ...overdue, ...change }, '2026-11-22', zone).condition, condition, name)
  }
})

t.test('the condition after what happened is the first that applies, in this order', async (t) => {
  const late = proposed({ kind: 'system', planned: { end: '2026-06' } })
  const milestone = (due: string) => example('milestone-planned', { milestone: `by-${due}`, due })
  const table: [Condition, EventBody[]][] = [
    ['done', [late, example('risk-flagged'), agreed(), delivered()]],
    ['done', [late, agreed(), delivered(), example('ended', { ending: 'superseded' })]],
    ['done', [late, agreed(), delivered(), example('closed')]],
    ['ended', [late, example('risk-flagged'), example('suspended'), example('ended')]],
    ['suspended', [late, example('risk-flagged'), example('suspended')]],
    ['at-risk', [late, example('risk-flagged')]],
    ['at-risk', [late, example('risk-flagged'), example('suspended'), example('resumed')]],
    ['overdue', [late]],
    ['overdue', [late, example('risk-flagged'), example('risk-cleared')]],
    ['overdue', [late, example('ended'), example('reopened')]],
    ['overdue', [proposed(), milestone('2026-11-21'), milestone('2026-11-22')]],
    ['due-soon', [proposed(), milestone('2026-11-22'), milestone('2030')]],
    ['due-soon', [late, example('rescheduled', { which: 'end', to: '2026-12-22' })]],
    ['on-track', [late, example('rescheduled', { which: 'end', to: '2026-12-23' })]],
    ['on-track', [proposed(), milestone('2030')]],
    ['unknown', [late, example('rescheduled', { which: 'end', to: null })]],
    ['unknown', [proposed(), example('milestone-planned', { due: null })]],
    ['unknown', [proposed(), example('milestone-planned'), example('milestone-reached', { outcome: 'waived' })]],
  ]
  for (const [condition, history] of table) {
    const name = history.map(({ type }) => type).join(', ')
    t.equal(statusOf(stateAfter(...history), '2026-11-22', zone).condition, condition, `${condition} after ${name}`)
  }
})

t.test('a confirmation keeps a proposal from being stale', async (t) => {
  const confirmed = stateAfter(proposed(), example('confirmed', { asOf: '2026-11-22' }))
  t.match(conditionSteps(confirmed, zone).at(-1), { from: '2027-11-22', condition: 'stale' })
})

t.test('overdue begins on the day after the last possible day of the planned end', async (t) => {
  const table: [string, string][] = [
    ['2027', '2028-01-01'],
    ['2027-02', '2027-03-01'],
    ['2027-02-10', '2027-02-11'],
    ['2026/2027-02', '2027-03-01'],
    ['[2027..2028]', '2029-01-01'],
    ['[..2027]', '2028-01-01'],
  ]
  for (const [end, from] of table) {
    t.match(conditionSteps(dueIn(end), zone).at(-1), { from, condition: 'overdue' }, end)
  }
})

t.test('due soon begins 30 days before the last possible day of the planned end', async (t) => {
  t.same(conditionSteps(dueIn('2027-06-30'), zone), [
    { from: null, condition: 'on-track' },
    { from: '2027-05-31', condition: 'due-soon' },
    { from: '2027-07-01', condition: 'overdue' },
  ])
})

t.test('a proposal without news for a year is stale, unless it is due', async (t) => {
  t.same(conditionSteps(dueIn('2030'), zone), [
    { from: null, condition: 'on-track' },
    { from: '2027-11-22', condition: 'stale' },
    { from: '2030-12-01', condition: 'due-soon' },
    { from: '2031-01-01', condition: 'overdue' },
  ])
  t.same(conditionSteps(dueIn('2027-12-10'), zone), [
    { from: null, condition: 'on-track' },
    { from: '2027-11-10', condition: 'due-soon' },
    { from: '2027-12-11', condition: 'overdue' },
  ])
})

t.test('without a planned end that makes it due the condition is unknown, never on track', async (t) => {
  for (const end of [null, '[2027..]', '2027/..']) {
    t.same(
      conditionSteps(dueIn(end), zone),
      [
        { from: null, condition: 'unknown' },
        { from: '2027-11-22', condition: 'stale' },
      ],
      String(end),
    )
  }
  const started = stateAfter(proposed({ planned: { start: '2025' } }))
  t.equal(statusOf(started, '2026-11-22', zone).condition, 'unknown', 'a planned start makes nothing due')
})

t.test('a passed planned end never means delivered', async (t) => {
  t.match(statusOf(dueIn('2020'), '2026-11-22', zone), { stage: 'proposed', condition: 'overdue' })
})

t.test('a done proposal stays done on every day', async (t) => {
  const done = stateAfter(proposed({ planned: { end: '2025' } }), agreed(), funded(), delivered())
  t.same(conditionSteps(done, zone), [{ from: null, condition: 'done' }])
})

t.test('the day of the last news is that of the time zone, and any event is news', async (t) => {
  const late = { ...open, recordedAt: '2026-11-22T17:00:00.000001Z' }
  t.match(conditionSteps(late, zone).at(-1), { from: '2027-11-23', condition: 'stale' })
  t.match(conditionSteps(late, 'UTC').at(-1), { from: '2027-11-22', condition: 'stale' })
  const news = evolve(open, recorded(agreed(), { version: 2, recordedAt: '2027-03-01T00:00:00.000000Z' }), exampleZone)
  t.match(conditionSteps(news, zone).at(-1), { from: '2028-03-01', condition: 'stale' })
})

t.test('a confirmation is news if it is later than the last event', async (t) => {
  t.match(conditionSteps({ ...open, lastConfirmedOn: '2027-03-01' }, zone).at(-1), { from: '2028-03-01' })
  t.match(conditionSteps({ ...open, lastConfirmedOn: '2020-03-01' }, zone).at(-1), { from: '2027-11-22' })
})

t.test('the due date is the earliest last possible day, with the date that it belongs to', async (t) => {
  const milestone = (id: string, due: string | null) => ({ ...open.milestones[0], milestone: id, due, reached: null })
  const due = (end: string | null, ...milestones: object[]) => dueOf({ ...dueIn(end), milestones } as never)
  t.equal(due(null), null)
  t.same(due('2027'), { day: '2027-12-31', of: 'planned-end' })
  t.same(due('2027', milestone('m-1', '2027-06'), milestone('m-2', '2027-06-30')), {
    day: '2027-06-30',
    of: 'milestone',
    milestoneId: 'm-1',
  })
  t.same(due('2027-06', milestone('m-1', '2027-06-30')), { day: '2027-06-30', of: 'planned-end' })
  t.same(due('2027/..', milestone('m-1', null)), null, 'a date without last day makes nothing due')
  t.match(dueOf({ ...dueIn('2027'), suspended: true }), { day: '2027-12-31' }, 'also while it is suspended')
  t.equal(dueOf({ ...dueIn('2027'), stage: 'delivered' }), null)
  t.equal(dueOf({ ...dueIn('2027'), ending: 'withdrawn' }), null)
})

t.test('steps are in ascending order, the first has no beginning, and no two neighbours are equal', async (t) => {
  for (const end of [null, '2020', '2026-12', '2027-11', '2027-12', '2030', '9999', '0001']) {
    const steps = conditionSteps(dueIn(end), zone)
    t.equal(steps[0]?.from, null)
    for (const [index, step] of steps.entries()) {
      const before = steps[index - 1]
      if (!before) continue
      t.ok((before.from ?? '') < (step.from ?? ''), `${end}: ${before.from} < ${step.from}`)
      t.not(before.condition, step.condition)
    }
  }
})

t.test('the condition on a day is that of the last step that has begun', async (t) => {
  const steps = conditionSteps(dueIn('2027-06-30'), zone)
  const on = (day: string) => conditionOn(steps, day)
  t.same(['2027-05-30', '2027-05-31', '2027-06-30', '2027-07-01'].map(on), [
    'on-track',
    'due-soon',
    'due-soon',
    'overdue',
  ])
  t.throws(() => conditionOn([], '2027-05-30'), RangeError)
})
