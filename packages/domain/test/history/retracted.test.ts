import { annotations, type EventBody } from '@commitments/domain'
import { accepted, agreed, example, funded, given, proposed, recorded, refused } from '@commitments/test-kit/domain'
import t from 'tap'

function retracted(...events: number[]): EventBody {
  return example('retracted', { events })
}

const history = given(proposed(), agreed(), funded(), example('started'))

t.test('a retracted event is read as if it had not been recorded', async (t) => {
  const { proposal } = history.and(retracted(4))
  t.equal(proposal?.delivery.started, null)
  t.match(proposal, { stage: 'funded', version: 5, position: 5 })
})

t.test('a retracted event can be recorded again', async (t) => {
  history.when(example('started')).expect(t, refused('already-started'))
  t.equal(history.and(retracted(4), example('started')).proposal?.delivery.started?.version, 6)
})

t.test(
  'a retraction that would break a later event is refused and names it; retracting both is accepted',
  async (t) => {
    const paid = history.and(example('disbursed'), example('refunded'))
    const decision = paid.when(retracted(3)).expect(t, refused('breaks-events'))
    t.match(decision, {
      broken: [
        { version: 5, type: 'disbursed', code: 'unknown-line' },
        { version: 6, type: 'refunded', code: 'unknown-transaction' },
      ],
    })
    paid.when(retracted(3, 5, 6)).expect(t, accepted)
  },
)

t.test('a retracted correction no longer applies', async (t) => {
  const correction = example('corrected', { corrections: [{ event: 2, occurredOn: '2020' }] })
  const { proposal } = history.and(correction, retracted(5))
  t.equal(proposal?.history.agreed?.occurredOn, '2024-06-22')
})

t.test('retracting a retraction restores the event', async (t) => {
  t.equal(history.and(retracted(4), retracted(5)).proposal?.delivery.started?.version, 4)
  t.equal(history.and(retracted(4), retracted(5), retracted(6)).proposal?.delivery.started, null)
})

t.test('a retraction cannot be retracted if the event would now be refused', async (t) => {
  const decision = history.and(retracted(4), example('started')).when(retracted(5)).expect(t, refused('breaks-events'))
  t.match(decision, { broken: [{ version: 6, type: 'started', code: 'already-started' }] })
})

t.test('the order of events is not changed to save one of them', async (t) => {
  const suspendedTwice = history.and(example('suspended'), example('resumed'), example('suspended'))
  const decision = suspendedTwice.when(retracted(5)).expect(t, refused('breaks-events'))
  t.match(decision, { broken: [{ version: 6, code: 'not-suspended' }] })
})

t.test('the first event cannot be retracted', async (t) => {
  history.when(retracted(4, 1)).expect(t, refused('first-event-retracted'))
})

t.test('a retracted event must exist', async (t) => {
  history.when(retracted(5)).expect(t, refused('unknown-version'))
})

t.test('evidence of a retracted event no longer counts; that of the retraction does', async (t) => {
  t.equal(history.proposal?.evidenceCount, 4)
  t.equal(history.and(retracted(4)).proposal?.evidenceCount, 4)
  t.equal(history.and(retracted(4), retracted(5)).proposal?.evidenceCount, 5)
})

t.test('annotations name the corrections and the retraction in force', async (t) => {
  const bodies = [
    proposed(),
    agreed(),
    example('started'),
    example('corrected', { corrections: [{ event: 2, occurredOn: '2020' }] }),
    example('corrected', {
      corrections: [
        { event: 2, occurredOn: '2021' },
        { event: 1, occurredOn: '2019' },
      ],
    }),
    retracted(3, 4),
  ]
  const events = bodies.map((body, index) => recorded(body, { version: index + 1 }))
  t.same(annotations(events), [
    { version: 1, correctedBy: [5], retractedBy: null },
    { version: 2, correctedBy: [5], retractedBy: null },
    { version: 3, correctedBy: [], retractedBy: 6 },
    { version: 4, correctedBy: [], retractedBy: 6 },
    { version: 5, correctedBy: [], retractedBy: null },
    { version: 6, correctedBy: [], retractedBy: null },
  ])
})
