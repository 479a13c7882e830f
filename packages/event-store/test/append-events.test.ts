import { type Appended, appendEvents, readEvent, readHead, readStream } from '@commitments/event-store'
import { openDatabase } from '@commitments/test-kit'
import t from 'tap'
import { event, given, key, outcomes, run } from './examples.ts'

const database = await openDatabase(t)
const command = database.pool('command')

t.test('an event at the next version is appended and gets the next position', async (t) => {
  const before = await readHead(command)
  const [first, second] = await appendEvents(command, run('appended', 1, 2))
  t.match(first, { outcome: 'appended', version: 1, position: before.position + 1 })
  t.match(second, { outcome: 'appended', version: 2, position: before.position + 2 })
  t.match(await readHead(command), first?.outcome === 'appended' ? { recordedAt: first.recordedAt } : {})
})

t.test('without events there is no call', async (t) => {
  t.same(await appendEvents({ query: () => Promise.reject(new Error('called')) }, []), [])
})

t.test('of two writers at one version one wins, and the other learns the current version', async (t) => {
  await given(command, 'race', 1)
  const results = await Promise.all(Array.from({ length: 10 }, () => appendEvents(command, [event('race', 2)])))
  const conflicts = results.flat().filter((one) => one.outcome !== 'appended')
  t.equal(conflicts.length, 9)
  for (const conflict of conflicts) t.same(conflict, { outcome: 'version-conflict', actual: 2 })
})

t.test('a version beyond the next is refused, so a stream has no gaps', async (t) => {
  t.same(await appendEvents(command, [event('gap', 2)]), [{ outcome: 'version-conflict', actual: 0 }])
  t.equal(await readEvent(command, 'gap', 2), null)
})

t.test('a batch that is sent again is reported as repeated, at its original positions', async (t) => {
  const batch = [...run('again', 1, 2), event('again-too', 1, { keyDigest: key() })]
  const first = await appendEvents(command, batch)
  const second = await appendEvents(command, batch)
  t.same(outcomes(second), ['repeated', 'repeated', 'repeated'])
  t.same(second.map(positionOf), first.map(positionOf))
  t.equal((await readStream(command, 'again', { afterVersion: 0, limit: 10 })).length, 2)
})

t.test('a repeated event is recognised even after the stream went on', async (t) => {
  const [lost, ...later] = run('went-on', 1, 3)
  if (!lost) {
    t.fail('no event')
    return
  }
  await appendEvents(command, [lost])
  await appendEvents(command, later)
  t.match(await appendEvents(command, [lost]), [{ outcome: 'repeated', version: 1 }])
})

t.test('a repeated event has its own time, whatever became of the events before it in its batch', async (t) => {
  await given(command, 'taken', 1)
  const [refused, one, two] = [event('taken', 1), event('time-one', 1), event('time-two', 1)]
  const recorded = [...(await appendEvents(command, [one])), ...(await appendEvents(command, [two]))]
  const again = await appendEvents(command, [refused, one, two])
  t.same(again, [
    { outcome: 'version-conflict', actual: 1 },
    ...recorded.map((outcome) => ({ ...outcome, outcome: 'repeated' })),
  ])
})

t.test('a key that a recorded event has is refused with its position, on any stream', async (t) => {
  const keyDigest = key()
  const [holder] = await appendEvents(command, [event('holder', 1, { keyDigest })])
  const again = await appendEvents(command, [event('holder', 2, { keyDigest }), event('other', 1, { keyDigest })])
  const expected = { outcome: 'key-exists', position: holder && positionOf(holder) }
  t.same(again, [expected, expected])
})

t.test('many writers with one key have one effect', async (t) => {
  const keyDigest = key()
  const writers = Array.from({ length: 20 }, (_, n) => appendEvents(command, [event(`many-${n}`, 1, { keyDigest })]))
  const results = outcomes((await Promise.all(writers)).flat())
  t.equal(results.filter((outcome) => outcome === 'appended').length, 1)
  t.equal(results.filter((outcome) => outcome === 'key-exists').length, 19)
})

t.test('one key twice in one batch is a content fault, and nothing of the batch is recorded', async (t) => {
  const keyDigest = key()
  const batch = [event('twice-a', 1, { keyDigest }), event('twice-b', 1, { keyDigest })]
  await t.rejects(appendEvents(command, batch), { code: '23505' })
  t.equal(await readEvent(command, 'twice-a', 1), null)
})

t.test('when the first of a run loses, the rest of the run is refused, and other runs are not affected', async (t) => {
  await given(command, 'losing', 2)
  const batch = [event('winning', 1), ...run('losing', 2, 3), event('winning', 2)]
  const results = await appendEvents(command, batch)
  t.same(outcomes(results), ['appended', 'version-conflict', 'version-conflict', 'version-conflict', 'appended'])
  t.equal((await readStream(command, 'losing', { afterVersion: 0, limit: 10 })).length, 2)
})

t.test(
  'the rest of a run is refused even if another writer brought the stream to the version that it expects',
  async (t) => {
    // Both decided on version 1. The other writer's event took version 2; our third event would fit behind it, and must not be appended.
    await given(command, 'overtaken', 1)
    await appendEvents(command, [event('overtaken', 2)])
    const results = await appendEvents(command, run('overtaken', 2, 2))
    t.same(results, [
      { outcome: 'version-conflict', actual: 2 },
      { outcome: 'version-conflict', actual: 2 },
    ])
  },
)

t.test('the rest of a run is refused if the key of its first event is known', async (t) => {
  const keyDigest = key()
  await appendEvents(command, [event('known-key', 1, { keyDigest })])
  const results = await appendEvents(command, [event('known-key', 1, { keyDigest }), event('known-key', 2)])
  t.same(outcomes(results), ['key-exists', 'version-conflict'])
})

t.test('an event that depends on another stream is refused if that stream is at another version', async (t) => {
  await given(command, 'parent', 2)
  const restsOn = [{ proposalId: 'parent', version: 1 }]
  t.same(await appendEvents(command, [event('child', 1, { restsOn })]), [{ outcome: 'version-conflict', actual: 0 }])
})

t.test('an event that follows another event than the one there is refused, although the version fits', async (t) => {
  await given(command, 'other-past', 2)
  const follows = '0199a000-0000-7000-8000-000000000001'
  const refused = [{ outcome: 'version-conflict', actual: 2 }]
  t.same(await appendEvents(command, [event('other-past', 3, { follows })]), refused)
  t.same(await appendEvents(command, [event('other-past', 3, { follows })], { allOrNone: true }), refused)
  const restsOn = [{ proposalId: 'other-past', version: 2, follows }]
  const resting = await appendEvents(command, [event('rests-on-other-past', 1, { restsOn })])
  t.same(resting, [{ outcome: 'version-conflict', actual: 0 }])
})

t.test(
  'events that follow each other by id are appended in one batch, and a repeat of the batch is a repeat',
  async (t) => {
    const first = event('by-id', 1)
    const second = event('by-id', 2, { follows: first.eventId })
    const restsOn = [{ proposalId: 'by-id', version: 2, follows: second.eventId }]
    const batch = [first, second, event('rests-by-id', 1, { restsOn }), event('by-id', 3, { follows: second.eventId })]
    t.same(outcomes(await appendEvents(command, batch)), ['appended', 'appended', 'appended', 'appended'])
    t.same(outcomes(await appendEvents(command, batch)), ['repeated', 'repeated', 'repeated', 'repeated'])
  },
)

t.test('the function of the release before still appends, without comparing ids', async (t) => {
  const one = event('by-the-release-before', 1)
  const { rows } = await command.query(
    `SELECT outcome FROM append_events(ARRAY['by-the-release-before'], '{1}', '{1}', ARRAY[$1::uuid], '{NULL}', $2, '{}', '{}', '{}', false)`,
    [one.eventId, one.rest],
  )
  t.same(rows, [{ outcome: 'appended' }])
})

t.test('an event can depend on streams at the versions that it names, even on one that does not exist', async (t) => {
  await given(command, 'there', 3)
  const restsOn = [
    { proposalId: 'there', version: 3 },
    { proposalId: 'not-there', version: 0 },
  ]
  t.same(outcomes(await appendEvents(command, [event('resting', 1, { restsOn })])), ['appended'])
})

t.test('an event can depend on the result of an earlier event of its batch', async (t) => {
  const restsOn = [{ proposalId: 'new-parent', version: 1 }]
  const batch = [event('new-parent', 1), event('new-child', 1, { restsOn }), event('new-grandchild', 1)]
  t.same(outcomes(await appendEvents(command, batch)), ['appended', 'appended', 'appended'])
})

t.test('an event that depends on one of its batch is refused if that one loses to another writer', async (t) => {
  await given(command, 'taken', 1)
  const restsOn = [{ proposalId: 'taken', version: 1 }]
  const results = await appendEvents(command, [event('taken', 1), event('rests-on-taken', 1, { restsOn })])
  t.same(outcomes(results), ['version-conflict', 'version-conflict'])
})

t.test('all or none: one refusal keeps the others out, and names the refused event', async (t) => {
  await given(command, 'in-the-way', 1)
  const batch = [event('all-a', 1), event('in-the-way', 1), event('all-b', 1)]
  const results = await appendEvents(command, batch, { allOrNone: true })
  t.same(results, [
    { outcome: 'not-appended' },
    { outcome: 'version-conflict', actual: 1 },
    { outcome: 'not-appended' },
  ])
  t.equal(await readEvent(command, 'all-a', 1), null)
})

t.test('all or none: a batch that is sent again is repeated as a whole', async (t) => {
  const batch = run('all-again', 1, 3)
  t.same(outcomes(await appendEvents(command, batch, { allOrNone: true })), ['appended', 'appended', 'appended'])
  t.same(outcomes(await appendEvents(command, batch, { allOrNone: true })), ['repeated', 'repeated', 'repeated'])
})

t.test('a batch whose lines were cut apart by a raw line feed is refused', async (t) => {
  await t.rejects(appendEvents(command, [event('cut', 1, { rest: '"a":"\n"}' })]), { code: '22000' })
})

t.test('a line that is too long for the proof format is refused, with an error class of its own', async (t) => {
  await t.rejects(appendEvents(command, [event('long', 1, {}, { text: 'x'.repeat(65_535) })]), {
    code: '23514',
    constraint: 'events_line_length',
  })
})

t.test('it refuses to work on a snapshot that could be older than its lock', async (t) => {
  for (const level of ['REPEATABLE READ', 'SERIALIZABLE']) {
    const client = await database.client('command')
    await client.query(`BEGIN ISOLATION LEVEL ${level}`)
    await t.rejects(appendEvents(client, [event('snapshot', 1)]), /READ COMMITTED/)
  }
})

t.end()

function positionOf(appended: Appended): number | undefined {
  return 'position' in appended ? appended.position : undefined
}
