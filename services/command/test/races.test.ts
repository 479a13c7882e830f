import { openPool } from '@commitments/event-store'
import { agreed, delivered, example, funded, proposed, tcpProxy } from '@commitments/test-kit'
import t from 'tap'
import { judge } from '../src/recorder/judge.ts'
import { openLog } from '../src/recorder/log.ts'
import { record, recordAll } from '../src/recorder/recorder.ts'
import { openStreams } from '../src/recorder/streams.ts'
import { interrupted, logOf, openDatabase, openRecorder, recordInTurn, request } from './recorder-fixture.ts'

t.test('a refusal from stale memory is decided again with what another service recorded meanwhile', async (t) => {
  const database = await openDatabase(t)
  const [here, there] = [openRecorder(t, database), openRecorder(t, database)]
  await recordInTurn(here, 'lab', proposed())
  await recordInTurn(there, 'lab', agreed())
  // The memory of `here` does not have the agreement.
  t.match(await record(here, request('lab', funded()), 1000), { outcome: 'recorded', version: 3 })
})

t.test(
  'a run whose first event loses is decided again as a whole, and other runs of the batch are not affected',
  async (t) => {
    const database = await openDatabase(t)
    const there = openRecorder(t, database)
    const here = openRecorder(t, database, {
      log: interrupted(openLog(database.pool('command')), 'append', 'before', async () => {}),
    })
    await recordInTurn(here, 'lab', proposed())
    await recordInTurn(there, 'lab', agreed())
    const results = await Promise.all([
      record(here, request('lab', agreed({ form: 'memorandum' })), 1000),
      record(here, request('lab', funded()), 1000),
      record(here, request('other', proposed()), 1000),
    ])
    t.match(results, [
      { outcome: 'refused', refusal: { code: 'already-agreed' } },
      { outcome: 'recorded', version: 3 },
      { outcome: 'recorded', version: 1 },
    ])
    t.same(
      (await logOf(database)).filter((event) => event.startsWith('lab')),
      ['lab/1 proposed', 'lab/2 agreed', 'lab/3 funded'],
    )
  },
)

t.test('an event that depends on a lost event is not recorded on a state that never existed', async (t) => {
  const database = await openDatabase(t)
  const there = openRecorder(t, database)
  const here = openRecorder(t, database)
  await recordInTurn(here, 'lab', proposed({ kind: 'memorandum' }))
  // The other recorder delivers it without the agreement of `here`, whose run [agreed, delivered] depends on version 1.
  await recordInTurn(there, 'lab', agreed(), delivered())
  const results = await Promise.all([
    record(here, request('lab', agreed()), 1000),
    record(here, request('lab', delivered()), 1000),
  ])
  t.match(results, [
    { outcome: 'refused', refusal: { code: 'already-agreed' } },
    { outcome: 'refused', refusal: { code: 'already-delivered' } },
  ])
  t.equal((await logOf(database)).length, 3)
})

t.test('a key that is recorded between the two lookups turns a refusal into a repeat', async (t) => {
  const database = await openDatabase(t)
  const there = openRecorder(t, database)
  const log = openLog(database.pool('command'))
  let reads = 0
  const here = openRecorder(t, database, {
    log: {
      ...log,
      async readStreams(ids) {
        const streams = await log.readStreams(ids)
        reads += 1
        // The second read is the final one, on which the refusal would be based. Just after it, the twin is recorded by the other recorder.
        if (reads === 2) {
          await recordInTurn(there, 'lab', proposed())
          await record(there, request('lab', agreed(), { key: 'twin' }), 1000)
        }
        return streams
      },
    },
  })
  const result = await record(here, request('lab', agreed(), { key: 'twin' }), 1000)
  t.equal(reads, 2)
  t.match(result, { outcome: 'recorded', version: 2, replayed: true })
})

t.test('a key that is recorded between the decision and the append makes a repeat', async (t) => {
  const database = await openDatabase(t)
  const there = openRecorder(t, database)
  await recordInTurn(there, 'lab', proposed())
  const twin = request('lab', agreed(), { key: 'twin' })
  const log = interrupted(openLog(database.pool('command')), 'append', 'before', () => record(there, twin, 1000))
  const here = openRecorder(t, database, { log })
  t.match(await record(here, twin, 1000), { outcome: 'recorded', version: 2, replayed: true })
  t.same(await logOf(database), ['lab/1 proposed', 'lab/2 agreed'])
})

t.test('if a parent changes between the decision and the append, the child is decided again', async (t) => {
  const database = await openDatabase(t)
  const there = openRecorder(t, database)
  await recordInTurn(there, 'parent', proposed())
  const moves = () => recordInTurn(there, 'parent', agreed())
  const here = openRecorder(t, database, {
    log: interrupted(openLog(database.pool('command')), 'append', 'before', moves),
  })
  t.match(await record(here, request('child', proposed({ parent: 'parent' })), 1000), {
    outcome: 'recorded',
    position: 3,
  })
})

const correctedParent = (parent: string) =>
  example('corrected', { corrections: [{ event: 1, data: proposed({ parent }).data }] })

t.test('a correction that looks at a proposal not yet read counts its history once', async (t) => {
  const recorder = openRecorder(t, await openDatabase(t))
  await recordInTurn(recorder, 'parent', proposed())
  await recordInTurn(recorder, 'lab', proposed(), example('assessed'))
  // Two readings would exceed the limit of a batch, and the correction would be postponed forever.
  const streams = openStreams(recorder, 3)
  t.match(await judge(streams, request('lab', correctedParent('parent')), true), {
    verdict: 'accepted',
    lookedAt: ['parent'],
  })
  t.equal(streams.work.done, 2)
})

t.test('two corrections of one batch that would make a cycle of parents together: the second is refused', async (t) => {
  const database = await openDatabase(t)
  const recorder = openRecorder(t, database)
  for (const id of ['a', 'b']) await recordInTurn(recorder, id, proposed())
  const results = await Promise.all([
    record(recorder, request('a', correctedParent('b')), 1000),
    record(recorder, request('b', correctedParent('a')), 1000),
  ])
  t.match(results, [{ outcome: 'recorded' }, { outcome: 'refused', refusal: { code: 'parent-cycle' } }])
})

t.test(
  'two corrections in two services that would make a cycle of parents together: one of them is refused',
  async (t) => {
    const database = await openDatabase(t)
    const there = openRecorder(t, database)
    for (const id of ['a', 'middle', 'b']) await recordInTurn(there, id, proposed())
    await recordInTurn(there, 'middle', example('linked', { relation: 'child', other: 'b' }))
    const here = openRecorder(t, database, {
      log: interrupted(openLog(database.pool('command')), 'append', 'before', () =>
        recordInTurn(there, 'b', correctedParent('a')),
      ),
    })
    // The proposals that were read on the way up, two levels, are part of the decision.
    t.match(await record(here, request('a', correctedParent('middle')), 1000), {
      outcome: 'refused',
      refusal: { code: 'parent-cycle' },
    })
    t.equal((await logOf(database)).filter((event) => event.endsWith('corrected')).length, 1)
  },
)

t.test('an answer that is lost after the commit is requested again, and the event is in the log once', async (t) => {
  const database = await openDatabase(t)
  const proxy = await tcpProxy(t, { port: Number(new URL(database.url).port) })
  const pool = openPool(proxy.through(database.url), { ledger: database.ledger, role: 'command', max: 2 })
  t.teardown(() => pool.end())
  const recorder = openRecorder(t, database, { log: openLog(pool) })
  await recordInTurn(recorder, 'lab', proposed())
  const lost = proxy.loseAnswer((sent) => sent.includes('Phòng') || sent.includes('agreed'))
  const results = await Promise.all([
    record(recorder, request('lab', agreed()), 1000),
    record(recorder, request('other', proposed()), 1000),
  ])
  await lost
  t.match(results, [
    { outcome: 'recorded', version: 2, replayed: false },
    { outcome: 'recorded', version: 1, replayed: false },
  ])
  t.same((await logOf(database)).sort(), ['lab/1 proposed', 'lab/2 agreed', 'other/1 proposed'])
})

t.test(
  'two services that write the same proposals at once lose nothing, duplicate nothing and leave no gap',
  async (t) => {
    const database = await openDatabase(t)
    const recorders = [openRecorder(t, database), openRecorder(t, database)]
    const ids = Array.from({ length: 40 }, (_, index) => `p${index}`)
    const bodies = [proposed(), agreed(), funded(), delivered()]
    const walks = recorders.flatMap((recorder) =>
      ids.map(async (id) => {
        const outcomes: string[] = []
        for (const body of bodies) {
          const result = await record(recorder, request(id, body), 1000)
          outcomes.push(result.outcome)
        }
        return outcomes
      }),
    )
    const outcomes = (await Promise.all(walks)).flat()
    t.equal(outcomes.filter((outcome) => outcome === 'recorded').length, ids.length * bodies.length)
    const log = await logOf(database)
    t.equal(new Set(log).size, ids.length * bodies.length)
    const { rows } = await database.pool().query('SELECT max(position) AS head, count(*) AS events FROM events')
    t.same(rows, [{ head: log.length, events: log.length }])
  },
)

t.test('an atomic import is decided together with its own line that another service records meanwhile', async (t) => {
  const database = await openDatabase(t)
  const there = openRecorder(t, database)
  await recordInTurn(there, 'lab', proposed(), agreed())
  const line = request('lab', funded(), { key: 'w' })
  const payment = example('disbursed', {
    transaction: 't1',
    line: 'kr-grant',
    amount: { value: '1', currency: 'USD' },
  })
  const log = openLog(database.pool('command', { max: 4 }))
  const here = openRecorder(t, database, {
    log: interrupted(log, 'readKeys', 'before', () => record(there, line, 1000)),
  })
  t.match(await recordAll(here, [line, request('lab', payment, { key: 'x' })], 1000), {
    outcome: 'recorded',
    results: [{ version: 3, replayed: true }, { version: 4 }],
  })
  t.same(await logOf(database), ['lab/1 proposed', 'lab/2 agreed', 'lab/3 funded', 'lab/4 disbursed'])
})

t.test(
  'requests of one proposal keep their order when some are overtaken and the ones behind them are postponed',
  async (t) => {
    const database = await openDatabase(t)
    const there = openRecorder(t, database)
    await recordInTurn(there, 'lab', proposed({}, { occurredOn: '2020' }), agreed({}, { occurredOn: '2020' }))
    await recordInTurn(there, 'lab', funded({ amount: { value: '900000', currency: 'USD' } }, { occurredOn: '2020' }))
    const pay = (number: number, occurredOn: string) =>
      example(
        'disbursed',
        { transaction: `p${number}`, line: 'kr-grant', amount: { value: '1', currency: 'USD' } },
        { occurredOn },
      )
    // So long that a few requests which do not count last use up the limit of one batch.
    const long = Array.from({ length: 2_500 }, (_, index) => request('lab', pay(index, '2024-06-01')))
    t.equal((await recordAll(there, long, 1000)).outcome, 'recorded')
    const log = openLog(database.pool('command', { max: 4 }))
    const here = openRecorder(t, database, {
      log: interrupted(log, 'append', 'before', () => record(there, request('lab', pay(9_000, '2024-07-01')), 1000)),
    })
    const backDated = Array.from({ length: 24 }, (_, index) => request('lab', pay(5_000 + index, '2024-03-01')))
    const results = await Promise.all(backDated.map((one) => record(here, one, 1000)))
    const versions = results.map((result) => (result.outcome === 'recorded' ? result.version : result))
    t.same(
      versions,
      Array.from({ length: 24 }, (_, index) => 2_505 + index),
    )
  },
)
