import { agreed, example, funded, proposed } from '@commitments/test-kit'
import t from 'tap'
import { openLog } from '../src/recorder/log.ts'
import { record, recordAll } from '../src/recorder/recorder.ts'
import { interrupted, logOf, openDatabase, openRecorder, recordInTurn, request } from './recorder-fixture.ts'

t.test('all of an atomic job is recorded, in its order, with children after the parents in the same job', async (t) => {
  const database = await openDatabase(t)
  const recorder = openRecorder(t, database)
  const result = await recordAll(
    recorder,
    [request('parent', proposed()), request('child', proposed({ parent: 'parent' })), request('parent', agreed())],
    3000,
  )
  t.match(result, { outcome: 'recorded', results: [{ position: 1 }, { position: 2 }, { position: 3, version: 2 }] })
  t.same(await logOf(database), ['parent/1 proposed', 'child/1 proposed', 'parent/2 agreed'])
})

t.test('one refused request keeps the whole job out, and every refusal is named', async (t) => {
  const database = await openDatabase(t)
  const recorder = openRecorder(t, database)
  const result = await recordAll(
    recorder,
    [request('a', proposed()), request('b', agreed()), request('a', funded())],
    3000,
  )
  t.match(result, {
    outcome: 'refused',
    refusals: [
      { index: 1, answer: { refusal: { code: 'unknown-proposal' } } },
      { index: 2, answer: { refusal: { code: 'not-agreed' } } },
    ],
  })
  t.same(await logOf(database), [])
})

t.test('a job that is sent again records only its new requests', async (t) => {
  const database = await openDatabase(t)
  const recorder = openRecorder(t, database)
  const first = [request('a', proposed(), { key: '1' }), request('a', agreed(), { key: '2' })]
  await recordAll(recorder, first, 2000)
  const again = await recordAll(recorder, [...first, request('a', funded(), { key: '3' })], 3000)
  t.match(again, {
    results: [
      { replayed: true, position: 1 },
      { replayed: true, position: 2 },
      { replayed: false, position: 3 },
    ],
  })
  t.equal((await logOf(database)).length, 3)
})

t.test('a key used twice in one job is a repeat with the same body, and is refused with a different one', async (t) => {
  const database = await openDatabase(t)
  const recorder = openRecorder(t, database)
  const once = request('a', proposed(), { key: '1' })
  t.match(await recordAll(recorder, [once, request('a', proposed({ kind: 'system' }), { key: '1' })], 2000), {
    outcome: 'refused',
    refusals: [{ index: 1, answer: { outcome: 'key-reused' } }],
  })
  t.match(await recordAll(recorder, [once, once], 2000), {
    results: [{ replayed: false }, { replayed: true, position: 1 }],
  })
  t.equal((await logOf(database)).length, 1)
})

t.test(
  'lines with one key and one body are a repeat, in any order of members, both at once and one after the other',
  async (t) => {
    const recorder = openRecorder(t, await openDatabase(t))
    const titled = (title: Record<string, string>) => request('a', proposed({ title }), { key: '1' })
    const once = titled({ en: 'A laboratory', vi: 'Phòng thí nghiệm' })
    const reordered = titled({ vi: 'Phòng thí nghiệm', en: 'A laboratory' })
    const together = await recordAll(recorder, [once, reordered], 2000)
    t.match(together, { results: [{ replayed: false }, { replayed: true, position: 1 }] })
    t.match(await record(recorder, reordered, 1000), { outcome: 'recorded', replayed: true, position: 1 })
    t.match(await recordAll(recorder, [reordered], 1000), { results: [{ replayed: true, position: 1 }] })
  },
)

t.test('a job that another writer precedes is decided again as a whole', async (t) => {
  const database = await openDatabase(t)
  const there = openRecorder(t, database)
  await recordInTurn(there, 'a', proposed(), agreed())
  const comesBefore = () => recordInTurn(there, 'a', funded({ line: 'first' }))
  const log = interrupted(openLog(database.pool('command')), 'append', 'before', comesBefore)
  const here = openRecorder(t, database, { log })
  t.match(await recordAll(here, [request('b', proposed()), request('a', funded())], 2000), {
    results: [{ position: 4 }, { position: 5, version: 4 }],
  })
})

t.test(
  'between two attempts of an import others are recorded, and later requests of its own key come after it',
  async (t) => {
    const database = await openDatabase(t)
    const there = openRecorder(t, database)
    await recordInTurn(there, 'a', proposed())
    const comesBefore = () => recordInTurn(there, 'a', agreed())
    const log = interrupted(openLog(database.pool('command')), 'append', 'before', comesBefore)
    const here = openRecorder(t, database, { log })
    const speaker = { recordedBy: 'key:other', party: null, correctsAnything: false }
    await Promise.all([
      recordAll(here, [request('a', example('assessed')), request('b', proposed())], 2000),
      record(here, request('c', proposed()), 1000),
      record(here, { ...request('d', proposed()), speaker }, 1000),
    ])
    t.same((await logOf(database)).slice(2), ['d/1 proposed', 'a/3 assessed', 'b/1 proposed', 'c/1 proposed'])
  },
)

t.test('single requests and atomic jobs keep the order in which they came', async (t) => {
  const database = await openDatabase(t)
  const recorder = openRecorder(t, database)
  await Promise.all([
    record(recorder, request('a', proposed()), 1000),
    recordAll(recorder, [request('a', agreed()), request('b', proposed())], 2000),
    record(recorder, request('a', funded()), 1000),
  ])
  t.same(await logOf(database), ['a/1 proposed', 'a/2 agreed', 'b/1 proposed', 'a/3 funded'])
})
