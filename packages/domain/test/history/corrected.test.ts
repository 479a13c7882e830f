import type { EventBody, EventData } from '@commitments/domain'
import { accepted, agreed, delivered, example, funded, given, proposed, refused } from '@commitments/test-kit/domain'
import t from 'tap'

type Corrections = EventData['corrected']['corrections']

function corrected(...corrections: Corrections): EventBody {
  return example('corrected', { corrections })
}

function retracted(...events: number[]): EventBody {
  return example('retracted', { events })
}

function dataOf(body: EventBody): Record<string, unknown> {
  return { ...body.data }
}

const history = given(proposed(), agreed(), funded())

t.test('a corrected date applies, and the rest of the event stays', async (t) => {
  const { proposal } = history.and(corrected({ event: 2, occurredOn: '2024-06-21' }))
  t.match(proposal?.history.agreed, { occurredOn: '2024-06-21', version: 2 })
  t.equal(proposal?.agreement?.form, 'agreement')
})

t.test('a date can be corrected to unknown', async (t) => {
  const { proposal } = history.and(corrected({ event: 2, occurredOn: null }))
  t.equal(proposal?.history.agreed?.occurredOn, null)
})

t.test('corrected data replaces all of the data', async (t) => {
  const { instrument: _left, ...data } = agreed().data
  const { proposal } = history.and(corrected({ event: 2, data: { ...data, form: 'minutes' } }))
  t.match(proposal?.agreement, { form: 'minutes', instrument: null, version: 2 })
})

t.test('corrections of one event merge member by member, and the later one wins', async (t) => {
  const { proposal } = history.and(
    corrected({ event: 3, occurredOn: '2024-08', data: dataOf(funded({ line: 'first' })) }),
    corrected({ event: 3, data: dataOf(funded({ line: 'second' })) }),
  )
  t.match(proposal?.lines, [{ line: 'second', occurredOn: '2024-08', version: 3 }])
})

t.test('corrected evidence replaces the old evidence; the correction\u2019s own evidence counts too', async (t) => {
  const evidence = [
    { title: 'Joint minutes', supports: 'Says so.' },
    { title: 'Press release', supports: 'Says so too.' },
  ]
  t.equal(history.proposal?.evidenceCount, 3)
  t.equal(history.and(corrected({ event: 3, evidence })).proposal?.evidenceCount, 5)
})

t.test('version, position and time of the state are those of the correction', async (t) => {
  const { proposal } = history.and(corrected({ event: 3, occurredOn: '2024-08' }))
  t.match(proposal, { version: 4, position: 4 })
  t.equal(history.and(corrected({ event: 3, occurredOn: '2024-08' }), delivered()).proposal?.version, 5)
})

t.test('several events can be corrected at once, even if neither could be corrected alone', async (t) => {
  const amount = { value: '500000', currency: 'USD' }
  const paid = history.and(example('disbursed', { amount: { value: '2000000', currency: 'USD' } }))
  const line = { event: 3, data: dataOf(funded({ amount })) }
  const payment = { event: 4, data: { ...example('disbursed').data, amount } }
  paid.when(corrected(line)).expect(t, refused('breaks-events'))
  paid.when(corrected(line, payment)).expect(t, accepted)
})

t.test('a correction that would break a later event is refused, and names it with its reason', async (t) => {
  const paid = history.and(example('disbursed'))
  const decision = paid
    .when(corrected({ event: 3, data: dataOf(funded({ line: 'other' })) }))
    .expect(t, refused('breaks-events'))
  t.match(decision, { broken: [{ version: 4, type: 'disbursed', code: 'unknown-line' }] })
  t.match(decision.outcome === 'refused' && decision.detail, /event 4 \(disbursed: unknown-line\)/)
})

t.test('a correction of the first event is checked against all later events', async (t) => {
  const { instrument: _left, ...data } = agreed().data
  given(proposed(), agreed({ ...data }))
    .when(corrected({ event: 1, data: dataOf(proposed({ kind: 'treaty' })) }))
    .expect(t, accepted)
  const decision = history
    .when(corrected({ event: 1, data: dataOf(proposed({ kind: 'treaty' })) }))
    .expect(t, refused('breaks-events'))
  t.match(decision, { broken: [{ version: 3, code: 'takes-no-funding' }] })
})

t.test('an event that is corrected to something impossible is named itself', async (t) => {
  const decision = history.when(corrected({ event: 2, occurredOn: '2031' })).expect(t, refused('breaks-events'))
  t.match(decision, { broken: [{ version: 2, code: 'in-the-future' }] })
})

t.test('corrected data that does not fit the type of its event is refused with every error', async (t) => {
  const decision = history
    .when(corrected({ event: 2, occurredOn: '2024' }, { event: 3, data: { line: 'A', provider: 'msit-kr' } }))
    .expect(t, refused('correction-invalid'))
  const paths = (decision as unknown as { errors: { path: string }[] }).errors.map(({ path }) => path)
  t.ok(paths.includes('data.corrections.1.data.line'), paths.join(' '))
  t.ok(paths.includes('data.corrections.1.data.amount'), paths.join(' '))
})

t.test('an event that nobody asserts keeps at least one piece of evidence', async (t) => {
  const decision = history.when(corrected({ event: 2, evidence: [] })).expect(t, refused('correction-invalid'))
  t.match(decision, { errors: [{ path: 'data.corrections.0.evidence' }] })
  given(proposed({}, { assertedBy: 'most-vn' }))
    .when(corrected({ event: 1, evidence: [] }))
    .expect(t, accepted)
})

t.test('a correction has no date of its own', async (t) => {
  history
    .when({ ...corrected({ event: 2, occurredOn: '2024' }), occurredOn: '2024' })
    .expect(t, refused('correction-dated'))
})

t.test('a corrected event must exist', async (t) => {
  history.when(corrected({ event: 4, occurredOn: '2024' })).expect(t, refused('unknown-version'))
})

t.test('corrections and retractions cannot be corrected', async (t) => {
  history
    .and(corrected({ event: 2, occurredOn: '2024' }))
    .when(corrected({ event: 4, occurredOn: '2023' }))
    .expect(t, refused('not-correctable'))
  history
    .and(retracted(3))
    .when(corrected({ event: 4, occurredOn: '2023' }))
    .expect(t, refused('not-correctable'))
})

t.test('a correction can name a party that joined later', async (t) => {
  const joined = history.and(example('party-joined'))
  const withThird = corrected({ event: 2, data: { ...agreed().data, parties: ['most-vn', 'msit-kr', 'kist-kr'] } })
  history.when(withThird).expect(t, refused('breaks-events'))
  joined.when(withThird).expect(t, accepted)
  t.same(joined.and(withThird, delivered()).proposal?.agreement?.parties, ['most-vn', 'msit-kr', 'kist-kr'])
})

t.test('a correction can name a pledge that was recorded later', async (t) => {
  const line = corrected({ event: 3, data: dataOf(funded({ pledge: 'kr-pledge' })) })
  history.when(line).expect(t, refused('breaks-events'))
  history.and(example('pledged')).when(line).expect(t, accepted)
})

t.test('a payment can be moved to a line that was recorded later, and events that depend on it follow', async (t) => {
  const { proposal } = history.and(
    example('disbursed'),
    example('refunded'),
    funded({ line: 'second' }),
    corrected({ event: 4, data: { ...example('disbursed').data, line: 'second' } }),
    delivered(),
  )
  t.match(proposal?.lines, [
    { line: 'kr-grant', disbursed: '0' },
    { line: 'second', disbursed: '750000' },
  ])
  t.equal(proposal?.stage, 'delivered')
  t.equal(proposal?.version, 8)
})

t.test('a reached milestone can be corrected to one that was planned later', async (t) => {
  const { proposal } = given(
    proposed(),
    example('milestone-reached', { milestone: 'ceremony', title: { en: 'Ceremony' } }),
    example('milestone-planned'),
    corrected({ event: 2, data: { milestone: 'opening', outcome: 'met' } }),
  )
  t.match(proposal?.milestones, [{ milestone: 'opening', planned: true, reached: { outcome: 'met', version: 2 } }])
})

t.test('a party that is no longer in the record cannot be named', async (t) => {
  const withThird = corrected({ event: 2, data: { ...agreed().data, parties: ['most-vn', 'kist-kr'] } })
  const decision = history
    .and(example('party-joined'), withThird)
    .when(retracted(4))
    .expect(t, refused('breaks-events'))
  t.match(decision, { broken: [{ version: 2, code: 'not-a-party' }] })
})

t.test('an ended proposal can still be corrected, and that can move the stage back', async (t) => {
  const ended = history.and(example('ended'))
  ended.when(corrected({ event: 2, occurredOn: '2024' })).expect(t, accepted)
  t.equal(history.and(retracted(3)).proposal?.stage, 'agreed')
})
