import type { EventBody } from '@commitments/domain'
import { agreed, delivered, funded, proposed } from '@commitments/test-kit'
import t from 'tap'
import { record, recordAll } from '../src/recorder/recorder.ts'
import { logOf, openDatabase, openRecorder, recordInTurn, request } from './recorder-fixture.ts'

const evidence = [{ title: 'The signed paper', supports: 'Gives the form.' }]

function correctedForm(form: 'memorandum' | 'treaty'): EventBody {
  const data = {
    reason: { en: 'The form was misread.' },
    corrections: [{ event: 2, data: { ...agreed().data, form } }],
  }
  return { type: 'corrected', occurredOn: null, evidence, data }
}

function retracted(...events: number[]): EventBody {
  return {
    type: 'retracted',
    occurredOn: null,
    evidence,
    data: { events, reason: { en: 'It did not happen.' } },
  }
}

t.test('a correction is recorded from warm memory, and later events are decided on the corrected past', async (t) => {
  const recorder = openRecorder(t, await openDatabase(t))
  await recordInTurn(recorder, 'lab', proposed(), agreed(), correctedForm('memorandum'))
  const again = await record(recorder, request('lab', agreed()), 1000)
  t.match(again, { outcome: 'refused', refusal: { code: 'already-agreed' } })
  await recordInTurn(recorder, 'lab', retracted(2))
  t.match(await record(recorder, request('lab', funded()), 1000), {
    outcome: 'refused',
    refusal: { code: 'not-agreed' },
  })
  t.same(await recordInTurn(recorder, 'lab', agreed(), funded()), [5, 6])
})

t.test('a retraction that breaks a later event is refused and names it', async (t) => {
  const recorder = openRecorder(t, await openDatabase(t))
  await recordInTurn(recorder, 'lab', proposed(), agreed(), funded())
  t.match(await record(recorder, request('lab', retracted(2)), 1000), {
    outcome: 'refused',
    refusal: { code: 'breaks-events', broken: [{ version: 3, type: 'funded' }] },
  })
})

t.test('in one batch, events after a retraction see it, and the retraction sees the events before it', async (t) => {
  const database = await openDatabase(t)
  const recorder = openRecorder(t, database)
  await recordInTurn(recorder, 'lab', proposed())
  const results = await Promise.all(
    [agreed(), funded(), retracted(3), funded(), delivered()].map((body) =>
      record(recorder, request('lab', body), 1000),
    ),
  )
  t.ok(results.every((result) => result.outcome === 'recorded'))
  t.same((await logOf(database)).slice(1), [
    'lab/2 agreed',
    'lab/3 funded',
    'lab/4 retracted',
    'lab/5 funded',
    'lab/6 delivered',
  ])
})

t.test('an atomic job can correct its own events', async (t) => {
  const recorder = openRecorder(t, await openDatabase(t))
  const bodies = [proposed(), agreed(), correctedForm('treaty'), funded()]
  const result = await recordAll(
    recorder,
    bodies.map((body) => request('lab', body)),
    4000,
  )
  t.match(result, { outcome: 'recorded', results: [{ version: 1 }, { version: 2 }, { version: 3 }, { version: 4 }] })
})
