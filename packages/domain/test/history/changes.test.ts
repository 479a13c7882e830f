import { changesOf, type EventBody } from '@commitments/domain'
import { agreed, example, exampleZone, funded, proposed, recorded } from '@commitments/test-kit/domain'
import t from 'tap'

function changesIn(...bodies: EventBody[]) {
  const events = bodies.map((body, index) => recorded(body, { version: index + 1, position: index + 101 }))
  const fields = new Map(changesOf(events, exampleZone).map(({ field, changes }) => [field, changes]))
  return (field: string) => fields.get(field)?.map(({ value, version }) => [value, version])
}

t.test('a field lists every value that it had, with the event that set it', async (t) => {
  const changes = changesIn(proposed(), agreed(), funded())
  t.same(changes('stage'), [
    ['proposed', 1],
    ['agreed', 2],
    ['funded', 3],
  ])
  t.same(changes('money.committed'), [
    [{}, 1],
    [{ USD: '2000000' }, 3],
  ])
  t.same(changes('ending'), [[null, 1]])
})

t.test('a change tells when it happened, when we learnt it, and where it is recorded', async (t) => {
  const events = [proposed(), agreed()].map((body, index) =>
    recorded(body, { version: index + 1, position: index + 101 }),
  )
  const stage = changesOf(events, exampleZone).find(({ field }) => field === 'stage')
  t.same(stage?.changes[1], {
    value: 'agreed',
    version: 2,
    position: 102,
    recordedAt: events[1]?.recordedAt,
    occurredOn: '2024-06-22',
  })
})

t.test('corrections and retractions change the fields from the time they are recorded', async (t) => {
  const changes = changesIn(
    proposed(),
    agreed(),
    funded(),
    example('corrected', {
      corrections: [{ event: 3, data: { ...funded({ amount: { value: '3000000', currency: 'USD' } }).data } }],
    }),
    example('retracted', { events: [3] }),
  )
  t.same(changes('money.committed'), [
    [{}, 1],
    [{ USD: '2000000' }, 3],
    [{ USD: '3000000' }, 4],
    [{}, 5],
  ])
  t.same(changes('stage'), [
    ['proposed', 1],
    ['agreed', 2],
    ['funded', 3],
    ['agreed', 5],
  ])
})

t.test('members that change with the day, or only say where they were read, are not fields', async (t) => {
  const fields = changesOf([recorded(proposed())], exampleZone).map(({ field }) => field)
  for (const field of ['condition', 'version', 'position', 'lastEventAt', 'money', 'delivery', 'history']) {
    t.notOk(fields.includes(field), field)
  }
  t.ok(fields.includes('history.agreed'))
  t.ok(fields.includes('delivery.complete'))
})
