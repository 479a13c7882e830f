import { asOfSteps, type EventBody, foldAsOf, foldStream, type Proposal, type Refused } from '@commitments/domain'
import { agreed, example, exampleZone, funded, given, proposed, recorded, refused } from '@commitments/test-kit/domain'
import t from 'tap'

const usd = (value: string) => ({ value, currency: 'USD' })
const on = (occurredOn: string | null) => ({ occurredOn })

/** The state of a stream now and on two days; each event must be accepted in the order of recording. */
function course(...bodies: EventBody[]): (day?: string) => Proposal | null {
  given(...bodies)
  const events = bodies.map((body, index) => recorded(body, { version: index + 1, position: index + 1 }))
  return (day) => (day === undefined ? foldStream(events, exampleZone) : foldAsOf(events, day, exampleZone))
}

t.test('an event learnt late does not override a newer one', async (t) => {
  const pledge = (value: string, day: string) => example('pledged', { pledge: 'p', amount: usd(value) }, on(day))
  const pledged = course(proposed(), pledge('100', '2025-06-01'), pledge('50', '2025-03-01'))
  t.same(
    ['2025-03-01', '2025-06-01', undefined].map((day) => pledged(day)?.pledges[0]?.amount.value),
    ['50', '100', '100'],
  )

  const move = (to: string, day: string) => example('rescheduled', { which: 'end', to }, on(day))
  const moved = course(proposed(), move('2029', '2025-06-01'), move('2028', '2025-03-01'))
  t.same([moved('2025-04-01')?.planned.end, moved()?.planned.end], ['2028', '2029'])
  t.same(
    moved()
      ?.reschedulings.map(({ from, to }) => [from, to])
      .at(-1),
    ['2028', '2029'],
  )

  const confirm = (day: string) => example('confirmed', { asOf: day }, on(day))
  const confirmed = course(proposed(), confirm('2025-06-01'), confirm('2025-03-01'))
  t.same([confirmed('2025-04-01')?.lastConfirmedOn, confirmed()?.lastConfirmedOn], ['2025-03-01', '2025-06-01'])

  const title = (en: string, day: string) => example('updated', { title: { en } }, on(day))
  const updated = course(proposed(), title('Later', '2025-06-01'), title('Earlier', '2025-03-01'))
  t.same([updated('2025-04-01')?.title.en, updated()?.title.en], ['Earlier', 'Later'])

  const amend = (end: string, day: string) => example('amended', { changes: { terms: { end } } }, on(day))
  const amended = course(proposed(), agreed(), amend('2032', '2025-06-01'), amend('2031', '2025-03-01'))
  t.same([amended('2025-04-01')?.planned.end, amended()?.planned.end], ['2031', '2032'])

  const join = (role: 'host' | 'assessor', en: string, day: string) =>
    example('party-joined', { party: 'new', name: { en }, roles: [role] }, on(day))
  const joined = course(proposed(), join('host', 'Later', '2025-06-01'), join('assessor', 'Earlier', '2025-03-01'))
  const named = (day?: string) => joined(day)?.parties.find(({ party }) => party === 'new')?.name?.['en']
  t.same([named('2025-04-01'), named()], ['Earlier', 'Later'])

  const flag = example('risk-flagged', {}, on('2025-06-01'))
  const risks = course(
    proposed(),
    example('risk-flagged', {}, on('2025-01-01')),
    flag,
    example('risk-cleared', {}, on('2025-03-01')),
  )
  t.same([risks('2025-04-01')?.atRisk, risks()?.atRisk], [false, true])

  const rest = (day: string) => example('suspended', {}, on(day))
  const resume = (day: string) => example('resumed', {}, on(day))
  const rested = course(proposed(), rest('2025-05-01'), resume('2025-08-01'), rest('2025-01-01'), resume('2025-02-01'))
  t.same(
    ['2025-01-15', '2025-03-01', '2025-06-01', undefined].map((day) => rested(day)?.suspended),
    [true, false, true, false],
  )

  const reach = (outcome: 'missed' | 'waived', day: string) =>
    example('milestone-reached', { milestone: 'm', title: { en: 'M' }, outcome }, on(day))
  const reached = course(proposed(), reach('waived', '2025-06-01'), reach('missed', '2025-03-01'))
  t.same(
    [reached('2025-04-01')?.milestones[0]?.reached?.outcome, reached()?.milestones[0]?.reached?.outcome],
    ['missed', 'waived'],
  )

  const agenda = (en: string, day: string) => example('agenda-set', { items: [{ item: 1, title: { en } }] }, on(day))
  const session = course(proposed({ kind: 'forum' }), agenda('Later', '2025-06-01'), agenda('Earlier', '2025-03-01'))
  t.same(
    [session('2025-04-01')?.agenda?.items?.[0]?.title.en, session()?.agenda?.items?.[0]?.title.en],
    ['Earlier', 'Later'],
  )
})

t.test('money rules hold on every day, and the refusal names the day and the event', async (t) => {
  const paid = (transaction: string, day: string) =>
    example('disbursed', { line: 'a', transaction, amount: usd('100') }, on(day))
  const back = example('refunded', { transaction: 't1', amount: usd('100') }, on('2025-08-01'))
  const history = given(proposed(), agreed(), funded({ line: 'a', amount: usd('100') }), paid('t1', '2025-06-01'), back)
  const early = history.when(paid('t2', '2025-05-01')).expect(t, refused('over-committed'))
  t.match(early, { day: '2025-06-01', broken: [{ version: 4, type: 'disbursed' }], detail: /On 2025-06-01 .* event 4/ })
  const less = example('decommitted', { line: 'a', amount: usd('50') }, on('2025-05-01'))
  t.match(history.when(less).expect(t, refused('over-committed')), { day: '2025-06-01' })
  const within = history.when(paid('t2', '2025-07-01')).expect(t, refused('over-committed'))
  t.match(within, { day: '2025-07-01', detail: /2025-07-01/ })
  history.when(paid('t2', '2025-09-01')).expect(t, { outcome: 'accepted' })
})

t.test('open tranches stay within the line on every day, whatever reduces the line or extends the plan', async (t) => {
  const line = (value: string) => funded({ line: 'a', amount: usd(value) }, on('2025-02-01'))
  const plan = (value: string, day: string, tranche = 'first') =>
    example('tranche-planned', { line: 'a', tranche, amount: usd(value) }, on(day))
  const less = (value: string, day: string) => example('decommitted', { line: 'a', amount: usd(value) }, on(day))
  const end = (day: string) => example('ended', { remaining: 'decommit' }, on(day))
  const begun = [proposed(), agreed(), line('100')]
  const full = given(...begun, plan('80', '2025-04-01'))
  for (const event of [less('30', '2025-06-01'), end('2025-06-01')]) full.when(event).expect(t, refused('over-planned'))
  full.when(less('20', '2025-06-01')).expect(t, { outcome: 'accepted' })
  full.when(example('ended', { remaining: 'keep' }, on('2025-06-01'))).expect(t, { outcome: 'accepted' })
  t.match(full.when(less('30', '2025-03-01')).expect(t, refused('over-planned')), {
    day: '2025-04-01',
    broken: [{ version: 4, type: 'tranche-planned' }],
  })

  const cancelled = given(...begun, plan('80', '2025-04-01'), plan('0', '2025-06-01'), less('100', '2025-07-01'))
  t.match(cancelled.when(plan('50', '2025-06-15', 'second')).expect(t, refused('over-planned')), {
    day: '2025-07-01',
    broken: [{ version: 6, type: 'decommitted' }],
  })
  cancelled.when(less('50', '2025-05-01')).expect(t, refused('over-planned'))
  t.match(cancelled.when(example('retracted', { events: [5] })).expect(t, refused('breaks-events')), {
    broken: [{ version: 6, code: 'over-planned', day: '2025-07-01' }],
  })

  const finished = given(...begun, plan('80', '2025-04-01'), plan('0', '2025-06-01'), end('2025-07-01'))
  const corrected = (event: number, data: Record<string, unknown>) =>
    example('corrected', { corrections: [{ event, data }] })
  t.match(finished.when(corrected(5, plan('80', '').data)).expect(t, refused('breaks-events')), {
    broken: [{ version: 6, type: 'ended', code: 'over-planned', day: '2025-07-01' }],
  })
  t.match(full.when(corrected(3, line('70').data)).expect(t, refused('breaks-events')), {
    broken: [{ version: 4, type: 'tranche-planned', code: 'over-planned', day: '2025-04-01' }],
  })
  const kept = given(...begun, plan('80', '2025-04-01'), example('ended', { remaining: 'keep' }, on('2025-07-01')))
  t.match(kept.when(corrected(5, end('').data)).expect(t, refused('breaks-events')), {
    broken: [{ version: 5, type: 'ended', code: 'over-planned' }],
  })

  const paid = given(
    ...begun,
    plan('80', '2025-04-01'),
    example('disbursed', { line: 'a', tranche: 'first', transaction: 't', amount: usd('80') }, on('2025-05-01')),
  )
  paid.when(end('2025-06-01')).expect(t, { outcome: 'accepted' })
  paid
    .and(end('2025-06-01'))
    .when(example('refunded', { transaction: 't', amount: usd('10') }))
    .expect(t, {
      outcome: 'accepted',
    })
})

t.test(
  'a correction to a currency with other decimals is refused with what it breaks, whichever amount it corrects',
  async (t) => {
    const krw = (value: string) => ({ value, currency: 'KRW' })
    const bodies = [
      proposed(),
      agreed(),
      funded({ line: 'a', amount: null, amountStatus: 'unknown' }),
      example('tranche-planned', { tranche: 't', line: 'a', amount: usd('12.50') }),
      example('disbursed', { transaction: 'x', line: 'a', tranche: 't', amount: usd('10.25') }),
      example('decommitted', { line: 'a', amount: usd('1.25') }),
      example('refunded', { transaction: 'x', amount: usd('0.25') }),
    ]
    const history = given(...bodies)
    const known = funded({ line: 'a', amount: krw('5000') }).data
    const inWon = bodies.map(({ data }, at) => (at === 2 ? known : { ...data, amount: krw('5') }))
    const broken = [3, 4, 5, 6, 7].map((event) => {
      const corrected = example('corrected', { corrections: [{ event, data: inWon[event - 1] }] })
      return (history.when(corrected).expect(t, refused('breaks-events')) as Refused)['broken']
    })
    t.same(
      broken.map((events) => (events as { version: number }[]).map(({ version }) => version)),
      [[4, 5, 6], [5, 6], [5, 7], [6], [7]],
    )
    const all = [3, 4, 5, 6, 7].map((event) => ({ event, data: inWon[event - 1] }))
    history.when(example('corrected', { corrections: all })).expect(t, { outcome: 'accepted' })
  },
)

t.test('an id is taken, wherever in the order its event counts', async (t) => {
  const line = (day: string) => funded({ line: 'a' }, on(day))
  given(proposed(), agreed(), line('2025-06-01')).when(line('2025-03-01')).expect(t, refused('line-exists'))
  given(proposed(), agreed({}, on('2025')))
    .when(agreed({}, on('2024-04-01')))
    .expect(t, refused('already-agreed'))
})

t.test('no event counts before what it refers to', async (t) => {
  const state = course(
    proposed(),
    agreed(),
    funded({ line: 'a' }, on('2025-06-01')),
    example('disbursed', { line: 'a', transaction: 't' }, on('2025-03-01')),
    example('suspended', {}, on('2025-06-01')),
    example('resumed', {}, on('2025-03-01')),
  )
  t.match(state('2025-05-31'), { transactions: [], lines: [], suspended: false })
  t.match(state('2025-06-01'), { transactions: [{ transaction: 't' }], suspended: false, suspension: null })
})

t.test(
  'as of each day is one prefix of the order: a stream recorded newest first has as many steps as days',
  async (t) => {
    const events = [
      recorded(proposed({}, on('2001'))),
      ...Array.from({ length: 400 }, (_, index) =>
        recorded(example('assessed', {}, on(String(2025 - (index % 20)))), { version: index + 2, position: index + 2 }),
      ),
    ]
    const steps = asOfSteps(events, exampleZone)
    t.equal(steps.length, 21)
    t.same(
      steps.map(({ from }) => foldAsOf(events, from, exampleZone)?.assessments.length),
      steps.map(({ proposal }) => proposal.assessments.length),
    )
  },
)
