import {
  decide,
  type EventBody,
  type EventDefinition,
  type EventType,
  effectiveHistory,
  eventDefinitions,
  evolve,
  foldStream,
  ImpossibleHistory,
  isRereading,
  type RecordedEvent,
  WholeStreamNeeded,
} from '@commitments/domain'
import {
  accepted,
  agreed,
  example,
  exampleNow,
  exampleZone,
  funded,
  proposed,
  recorded,
} from '@commitments/test-kit/domain'
import t from 'tap'

function streamOf(...bodies: EventBody[]): RecordedEvent[] {
  return bodies.map((body, index) => recorded(body, { version: index + 1 }))
}

const corrected = example('corrected', { corrections: [{ event: 2, occurredOn: '2020' }] })

t.test('exactly the events whose definitions say so change earlier events', async (t) => {
  const definitions: readonly EventDefinition[] = eventDefinitions
  for (const { type, rereads = false } of definitions) {
    t.equal(isRereading(recorded(example(type as EventType))), rereads, type)
  }
})

t.test('no single step can apply an event that changes earlier events', async (t) => {
  const [first, second, third] = streamOf(proposed(), agreed(), corrected) as [
    RecordedEvent,
    RecordedEvent,
    RecordedEvent,
  ]
  const before = evolve(evolve(null, first, exampleZone), second, exampleZone)
  t.throws(() => evolve(before, third, exampleZone), WholeStreamNeeded)
  t.equal(foldStream([first, second, third], exampleZone)?.history.agreed?.occurredOn, '2020')
})

t.test(
  'the effective history has the corrected events, without the retracted ones, the corrections and the retractions',
  async (t) => {
    const events = streamOf(proposed(), agreed(), funded(), corrected, example('retracted', { events: [3] }))
    const effective = effectiveHistory(events)
    t.same(
      effective.map(({ version }) => version),
      [1, 2],
    )
    t.equal(effective[0], events[0])
    t.same(effective[1], { ...events[1], occurredOn: '2020' })
  },
)

t.test('a whole stream can be read from any iterable', async (t) => {
  const events = streamOf(proposed(), agreed(), corrected)
  t.same(foldStream(new Set(events), exampleZone), foldStream(events, exampleZone))
})

t.test('a stream with a gap, or with another proposal\u2019s event, is impossible, with corrections too', async (t) => {
  const [first, second, third] = streamOf(proposed(), agreed(), corrected) as [
    RecordedEvent,
    RecordedEvent,
    RecordedEvent,
  ]
  t.throws(() => foldStream([first, third], exampleZone), ImpossibleHistory)
  t.throws(() => foldStream([first, { ...second, proposalId: 'other' }, third], exampleZone), ImpossibleHistory)
})

t.test('a reference to something that no event introduced is impossible history', async (t) => {
  const unpaid = streamOf(proposed(), agreed(), example('disbursed'), corrected)
  t.throws(() => foldStream(unpaid, exampleZone), { code: 'nothing-there' })
})

t.test('an event that was already broken blocks no other event', async (t) => {
  const history = streamOf(proposed({ parent: 'programme' }), agreed())
  const body = { ...corrected, proposalId: 'joint-laboratory' }
  // According to the record, the parent existed when it was named; rules may also become stricter with a release.
  const world = {
    futureBegins: '2026-11-24',
    now: exampleNow,
    timeZone: exampleZone,
    find: () => null,
    history: () => history,
  }
  t.same(decide(foldStream(history, exampleZone), body, world), accepted)
})

t.test('the signal for a history that is not loaded passes through a decision', async (t) => {
  const notLoaded = new Error('not loaded yet')
  const world = {
    futureBegins: '2026-11-24',
    now: exampleNow,
    timeZone: exampleZone,
    find: () => null,
    history: () => {
      throw notLoaded
    },
  }
  const before = foldStream(streamOf(proposed(), agreed()), exampleZone)
  t.throws(() => decide(before, { ...corrected, proposalId: 'joint-laboratory' }, world), notLoaded)
})
