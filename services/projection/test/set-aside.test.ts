/** An event that ends the process that projects it is skipped, and everybody else is served. */

import { createTurns } from '@commitments/http-kit/turns'
import { agreed, proposed } from '@commitments/test-kit'
import t from 'tap'
import type { Projection, Projector } from '../src/projections/projection.ts'
import { readBatch } from '../src/projections/projection.ts'
import { createCare } from '../src/projections/set-aside.ts'
import { projections } from '../src/read-models.ts'
import { checkReplay } from '../src/replay-check/check-replay.ts'
import { createStates } from '../src/status/states.ts'
import { type Ledger, openLedger, startService } from './support.ts'

const timeZone = 'Asia/Ho_Chi_Minh'

/** A projector as a new process starts it, at the checkpoint of the last one. */
async function inNewProcess(ledger: Ledger, projection: Projection): Promise<Projector> {
  const { rows } = await ledger.pool.query(
    'SELECT generation, position FROM projection_generations WHERE projection = $1',
    [projection.name],
  )
  const care = createCare(createTurns(1))
  return {
    pool: ledger.pool,
    ...rows[0],
    state: 'live',
    timeZone,
    memory: createStates(1_000_000),
    batchSize: 100,
    care,
  }
}

/** Projects up to the event at the position, which ends the process; or everything, if no event does. Returns whether it ended. */
async function project(ledger: Ledger, projection: Projection, deadly: number): Promise<boolean> {
  const projector = await inNewProcess(ledger, projection)
  for (;;) {
    const { position, care } = projector
    const ended = position < deadly && (await readBatch(projector, Number.MAX_SAFE_INTEGER)).at(-1)
    if (ended && ended.position >= deadly && care?.passOver !== deadly) return endSession(ledger)
    if ((await projection.step(projector)).outcome !== 'applied') return false
  }
}

/** The session of an ended process does not exist any more. */
async function endSession(ledger: Ledger): Promise<true> {
  await ledger.pool.query('UPDATE projection_generations SET tried_by = 0')
  return true
}

for (const projection of projections) {
  t.test(`an event that ends each process is skipped, and stops no other proposal (${projection.name})`, async (t) => {
    const ledger = await openLedger(t)
    await ledger.recordAll(Array.from({ length: 10 }, (_, index) => [`before-${index}`, proposed()]))
    await ledger.record('deadly', proposed())
    const deadly = await ledger.record('deadly', agreed())
    await ledger.record('deadly', agreed({ form: 'treaty' }))
    const head = await ledger.recordAll(Array.from({ length: 10 }, (_, index) => [`after-${index}`, proposed()]))
    let ended = 0
    while (await project(ledger, projection, deadly)) ended += 1
    t.equal(ended, 3, 'two processes with the batch, and one that tried its events alone')
    const { rows } = await ledger.pool.query('SELECT projection, proposal_id, position FROM set_aside')
    t.same(rows, [{ projection: projection.name, proposal_id: 'deadly', position: deadly }])
    const generations = await ledger.pool.query(
      'SELECT position, tries FROM projection_generations WHERE projection = $1',
      [projection.name],
    )
    t.same(generations.rows, [{ position: head, tries: 0 }])
    const service = await startService(t, ledger)
    await service.applied(head)
    t.match((await service.get('/v1/proposals/after-3')).json(), { stage: 'proposed' })
    const shown = (await service.get('/v1/projections')).json()
    t.match(JSON.stringify(shown), /"too-costly"/)
    if (projection.name === 'proposal-status') {
      t.match((await service.get('/v1/proposals/deadly')).json(), {
        stage: 'proposed',
        parked: { code: 'too-costly' },
      })
    }
    t.match(await checkReplay(ledger.pool, timeZone), { found: 0 }, 'comparisons pass over it, too')
  })
}

t.test('a process that is killed from outside on its first batch sets no applicable event aside', async (t) => {
  const ledger = await openLedger(t)
  const head = await ledger.recordAll(Array.from({ length: 10 }, (_, index) => [`p-${index}`, proposed()]))
  for (const projection of projections) {
    await ledger.pool.query(
      'UPDATE projection_generations SET tries = 2, tried_to = $1, tried_by = 0 WHERE projection = $2',
      [head, projection.name],
    )
    t.equal(await project(ledger, projection, Infinity), false)
  }
  t.equal((await ledger.pool.query('SELECT FROM set_aside')).rows.length, 0)
  const { rows } = await ledger.pool.query('SELECT position, tries FROM projection_generations')
  t.same(rows, [
    { position: head, tries: 0 },
    { position: head, tries: 0 },
  ])
})
