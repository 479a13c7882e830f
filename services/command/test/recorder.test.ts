import { decodeLine } from '@commitments/domain'
import { agreed, delivered, funded, proposed } from '@commitments/test-kit'
import t from 'tap'
import { dryRun } from '../src/recorder/decide.ts'
import { type Log, openLog } from '../src/recorder/log.ts'
import { drain, hasRoom, record, roomInQueue } from '../src/recorder/recorder.ts'
import { Overloaded, Unstorable } from '../src/recorder/requests.ts'
import { logOf, openDatabase, openRecorder, recordInTurn, request } from './recorder-fixture.ts'

t.test('a proposal goes from proposed to delivered, and each answer is exactly the line in the log', async (t) => {
  const database = await openDatabase(t)
  const recorder = openRecorder(t, database)
  for (const [index, body] of [proposed(), agreed(), funded(), delivered()].entries()) {
    const result = await record(recorder, request('lab', body), 1000)
    t.match(result, { outcome: 'recorded', version: index + 1, position: index + 1, replayed: false })
    if (result.outcome !== 'recorded') return
    const { rows } = await database.pool().query('SELECT line FROM events WHERE position = $1', [index + 1])
    t.equal(result.line, rows[0]?.line)
    t.match(decodeLine(result.line), { proposalId: 'lab', type: body.type, nonce: /^[\w-]{22}$/ })
  }
})

t.test('requests that arrive together are written together, each proposal in its own order', async (t) => {
  const database = await openDatabase(t)
  const sizes: number[] = []
  const recorder = openRecorder(t, database, {
    metrics: { queued: () => {}, startAppend: (events) => ({ end: () => sizes.push(events) }) },
  })
  const requests = ['a', 'b', 'c'].flatMap((id) => [proposed(), agreed(), funded()].map((body) => request(id, body)))
  const results = await Promise.all(requests.map((one) => record(recorder, one, 1000)))
  t.ok(results.every((result) => result.outcome === 'recorded'))
  t.same(sizes, [9], 'one batch')
  const log = await logOf(database)
  for (const id of ['a', 'b', 'c']) {
    const own = log.filter((event) => event.startsWith(`${id}/`))
    t.same(own, [`${id}/1 proposed`, `${id}/2 agreed`, `${id}/3 funded`])
  }
})

t.test('the next batch is sent before the last one is answered, and in the end all are answered', async (t) => {
  const database = await openDatabase(t)
  const log = openLog(database.pool('command', { max: 4 }))
  const told: string[] = []
  const recordAndTell = async (proposalId: string) => {
    await record(recorder, request(proposalId, proposed()), 1000)
    told.push(`${proposalId} is answered`)
  }
  const watched: Log = {
    ...log,
    async append(events, options) {
      told.push(`${events[0]?.proposalId} is sent`)
      const outcomes = await log.append(events, options)
      if (told.length === 1) void recordAndTell('second')
      return outcomes
    },
  }
  const recorder = openRecorder(t, database, { log: watched })
  void recordAndTell('first')
  await drain(recorder)
  t.same(told, ['first is sent', 'second is sent', 'first is answered', 'second is answered'])
})

t.test('a refusal names the rule, and is final if the rule still applies after a fresh read', async (t) => {
  const recorder = openRecorder(t, await openDatabase(t))
  t.match(await record(recorder, request('lab', agreed()), 1000), {
    outcome: 'refused',
    refusal: { code: 'unknown-proposal' },
  })
  await recordInTurn(recorder, 'lab', proposed())
  t.match(await record(recorder, request('lab', funded()), 1000), {
    outcome: 'refused',
    refusal: { code: 'not-agreed' },
  })
  t.match(await record(recorder, request('lab', proposed()), 1000), {
    outcome: 'refused',
    refusal: { code: 'already-proposed' },
  })
})

t.test(
  'of two requests that exclude each other in one batch, the first is recorded and the second refused',
  async (t) => {
    const recorder = openRecorder(t, await openDatabase(t))
    const [first, second] = await Promise.all([
      record(recorder, request('lab', proposed()), 1000),
      record(recorder, request('lab', proposed()), 1000),
    ])
    t.match(first, { outcome: 'recorded', version: 1 })
    t.match(second, { outcome: 'refused', refusal: { code: 'already-proposed' } })
  },
)

t.test('a precondition is checked against the version in the log', async (t) => {
  const recorder = openRecorder(t, await openDatabase(t))
  await recordInTurn(recorder, 'lab', proposed())
  const at = (versions: number[]) => ({ precondition: { demand: 'version' as const, versions } })
  t.match(await record(recorder, request('lab', agreed(), at([2])), 1), { outcome: 'version-conflict', actual: 1 })
  t.match(await record(recorder, request('lab', agreed(), at([])), 1), { outcome: 'version-conflict', actual: 1 })
  t.match(await record(recorder, request('lab', proposed(), { precondition: { demand: 'absent' } }), 1), {
    outcome: 'version-conflict',
    actual: 1,
  })
  t.match(await record(recorder, request('new', proposed(), { precondition: { demand: 'present' } }), 1), {
    outcome: 'version-conflict',
    actual: 0,
  })
  t.match(await record(recorder, request('none', agreed(), at([1])), 1), { refusal: { code: 'unknown-proposal' } })
  t.match(await record(recorder, request('lab', agreed(), at([1])), 1), { outcome: 'recorded', version: 2 })
})

t.test('many requests with one key have one effect, and all get the same answer', async (t) => {
  const database = await openDatabase(t)
  const recorders = [openRecorder(t, database), openRecorder(t, database)]
  const [one] = recorders
  if (!one) return
  await recordInTurn(one, 'lab', proposed())
  const tries = Array.from({ length: 60 }, (_, index) => recorders[index % 2] ?? one)
  const results = await Promise.all(
    tries.map((recorder) => record(recorder, request('lab', agreed(), { key: 'agree-once' }), 1000)),
  )
  t.ok(results.every((result) => result.outcome === 'recorded'))
  const lines = new Set(results.map((result) => result.outcome === 'recorded' && result.line))
  t.equal(lines.size, 1)
  t.equal(results.filter((result) => result.outcome === 'recorded' && !result.replayed).length, 1)
  t.same(await logOf(database), ['lab/1 proposed', 'lab/2 agreed'])
})

t.test('a key that was used for another event is refused, even for another proposal', async (t) => {
  const recorder = openRecorder(t, await openDatabase(t))
  await record(recorder, request('lab', proposed(), { key: 'k' }), 1000)
  t.match(await record(recorder, request('other', proposed(), { key: 'k' }), 1000), {
    outcome: 'key-reused',
    position: 1,
  })
  const changed = proposed({ kind: 'system' })
  t.match(await record(recorder, request('lab', changed, { key: 'k' }), 1000), { outcome: 'key-reused', position: 1 })
})

t.test('two requests with one key and different bodies in one batch: one is recorded, the other refused', async (t) => {
  const database = await openDatabase(t)
  const recorder = openRecorder(t, database)
  const results = await Promise.all(
    ['a', 'b'].map((id) => record(recorder, request(id, proposed(), { key: 'k' }), 1000)),
  )
  t.match(results, [{ outcome: 'recorded' }, { outcome: 'key-reused' }])
  t.equal((await logOf(database)).length, 1)
})

t.test('a refused request does not use up its key: the same key works for the corrected request', async (t) => {
  const recorder = openRecorder(t, await openDatabase(t))
  await recordInTurn(recorder, 'lab', proposed())
  t.match(await record(recorder, request('lab', funded(), { key: 'k' }), 1000), { outcome: 'refused' })
  t.match(await record(recorder, request('lab', agreed(), { key: 'k' }), 1000), {
    outcome: 'recorded',
    replayed: false,
  })
})

t.test('a child depends on its parent: an unknown one is refused, and one in the same batch is found', async (t) => {
  const recorder = openRecorder(t, await openDatabase(t))
  t.match(await record(recorder, request('child', proposed({ parent: 'parent' })), 1000), {
    outcome: 'refused',
    refusal: { code: 'unknown-parent' },
  })
  const both = [request('parent', proposed()), request('child', proposed({ parent: 'parent' }))]
  t.match(await Promise.all(both.map((one) => record(recorder, one, 1000))), [
    { outcome: 'recorded' },
    { outcome: 'recorded' },
  ])
})

t.test('a dry run says what would happen, and neither records nor uses up a key', async (t) => {
  const database = await openDatabase(t)
  const recorder = openRecorder(t, database)
  t.match(await dryRun(recorder, request('lab', proposed(), { key: 'k' })), { outcome: 'acceptable', version: 1 })
  t.match(await dryRun(recorder, request('lab', proposed({ parent: 'lab-2' }))), {
    refusal: { code: 'unknown-parent' },
  })
  t.match(await dryRun(recorder, request('lab', agreed())), { refusal: { code: 'unknown-proposal' } })
  t.same(await logOf(database), [])
  t.match(await record(recorder, request('lab', proposed({ kind: 'system' }), { key: 'k' }), 1000), {
    outcome: 'recorded',
  })
})

t.test('an event whose line would be too long is refused before it reaches the log', async (t) => {
  const recorder = openRecorder(t, await openDatabase(t))
  const evidence = Array.from({ length: 60 }, (_, index) => ({
    title: `${index} `.repeat(250),
    supports: 'x'.repeat(800),
  }))
  const result = await record(recorder, request('lab', proposed({}, { evidence })), 100_000)
  t.match(result, { outcome: 'too-large', bytes: Number })
})

t.test('an event that the database refuses fails alone: the others of its batch are recorded', async (t) => {
  const database = await openDatabase(t)
  await database.pool().query(`ALTER TABLE events ADD CHECK (proposal_id <> 'offending')`)
  const recorder = openRecorder(t, database)
  const ids = ['a', 'b', 'offending', 'c', 'd', 'e', 'f']
  const results = await Promise.allSettled(ids.map((id) => record(recorder, request(id, proposed()), 1000)))
  t.same(
    results.map((result) => result.status),
    ids.map((id) => (id === 'offending' ? 'rejected' : 'fulfilled')),
  )
  const [offending] = results.filter((result) => result.status === 'rejected')
  t.ok(offending?.reason instanceof Unstorable)
  t.same(
    (await logOf(database)).sort(),
    ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => `${id}/1 proposed`),
  )
})

t.test(
  'beyond the bounds of the queue a request is refused at once, and there is room again when the queue is processed',
  async (t) => {
    const recorder = openRecorder(t, await openDatabase(t), { queueLimits: { events: 3, bytes: 1_000_000 } })
    const ids = ['a', 'b', 'c', 'd']
    const tries = ids.map((id) => record(recorder, request(id, proposed()), 1000))
    const results = await Promise.allSettled(tries)
    t.same(
      results.map((result) => result.status),
      ['fulfilled', 'fulfilled', 'fulfilled', 'rejected'],
    )
    t.ok(results[3]?.status === 'rejected' && results[3].reason instanceof Overloaded)
    const more = ids.map((id) => record(recorder, request(id, agreed()), 1000).catch(() => null))
    t.notOk(hasRoom(recorder, request('d', proposed()).speaker.recordedBy))
    await roomInQueue(recorder)
    t.ok(hasRoom(recorder, request('d', proposed()).speaker.recordedBy))
    t.match(await record(recorder, request('d', proposed()), 1000), { outcome: 'recorded' })
    await Promise.all(more)
  },
)

t.test('a stream that cannot be folded fails its own requests and nobody else’s', async (t) => {
  const database = await openDatabase(t)
  await database.pool().query(
    `INSERT INTO events (position, proposal_id, version, event_id, recorded_at, line)
     VALUES (1, 'broken', 1, gen_random_uuid(), clock_timestamp(), '{"type":')`,
  )
  const recorder = openRecorder(t, database)
  const [broken, sound] = await Promise.allSettled([
    record(recorder, request('broken', agreed()), 1000),
    record(recorder, request('sound', proposed()), 1000),
  ])
  t.equal(broken?.status, 'rejected')
  t.equal(sound?.status, 'fulfilled')
})

t.test('when the recorder is drained, everything that was accepted has been answered', async (t) => {
  const recorder = openRecorder(t, await openDatabase(t))
  let answered = 0
  for (const id of ['a', 'b', 'c']) void record(recorder, request(id, proposed()), 1000).then(() => (answered += 1))
  await drain(recorder)
  t.equal(answered, 3)
})
