import { bodyOf, decodeLine, drained, type EventBody, foldStream, type RecordedEvent } from '@commitments/domain'
import { agreed, example, funded, proposed, search } from '@commitments/test-kit'
import { streams } from '@commitments/test-kit/random-histories'
import * as fc from 'fast-check'
import t from 'tap'
import type { Projector } from '../src/projections/projection.ts'
import { checkReplay } from '../src/replay-check/check-replay.ts'
import { createStates, type States } from '../src/status/states.ts'
import { step, withStream } from '../src/status/status-step.ts'
import { readLine } from '../src/streams/log-line.ts'
import { type Ledger, openLedger, startService } from './support.ts'

const timeZone = 'Asia/Ho_Chi_Minh'

function projectorOf(pool: Projector['pool'], over: Partial<Projector<States>>): Projector<States> {
  const memory = createStates(1_000_000)
  return { pool, generation: 1, state: 'live', timeZone, position: 0, memory, batchSize: 100, ...over }
}

function bodiesOf(stream: readonly RecordedEvent[]): EventBody[] {
  return stream.map((event) => {
    const { proposalId: _other, ...body } = bodyOf(event)
    return body
  })
}

/** Events of several streams, one of each in turn. */
function inTurn(ids: readonly string[], bodies: readonly EventBody[][]): [string, EventBody][] {
  const longest = Math.max(...bodies.map(({ length }) => length))
  return Array.from({ length: longest }, (_, turn) =>
    ids.flatMap((id, index): [string, EventBody][] => {
      const body = bodies[index]?.[turn]
      return body ? [[id, body]] : []
    }),
  ).flat()
}

async function expectedOf(ledger: Ledger, proposalId: string): Promise<unknown> {
  const { rows } = await ledger.pool.query('SELECT line FROM events WHERE proposal_id = $1 ORDER BY version', [
    proposalId,
  ])
  return JSON.parse(
    JSON.stringify(
      foldStream(
        rows.map(({ line }) => decodeLine(line)),
        timeZone,
      ),
    ),
  )
}

async function storedOf(ledger: Ledger, proposalId: string): Promise<unknown> {
  const { rows } = await ledger.pool.query(
    'SELECT state, parked FROM proposal_status WHERE generation = 1 AND proposal_id = $1',
    [proposalId],
  )
  return rows[0]?.parked ? rows[0].parked : JSON.parse(rows[0]?.state ?? 'null')
}

t.test(
  'with corrections and retractions too, the stored state is the fold of the stream, whatever the batches',
  async (t) => {
    const ledger = await openLedger(t)
    const pool = ledger.database.pool('projection', { max: 2 })
    let round = 0
    let position = 0
    const property = fc.asyncProperty(
      fc.array(streams, { minLength: 1, maxLength: 3 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      async (histories, batches, remembers) => {
        round += 1
        const ids = histories.map((_, index) => `r${round}-${index}`)
        await ledger.recordAll(inTurn(ids, histories.map(bodiesOf)))
        let projector = projectorOf(pool, { position })
        for (let turn = 0; ; turn += 1) {
          const batchSize = batches[turn % batches.length] as number
          if (!remembers) projector = projectorOf(pool, { position: projector.position })
          Object.assign(projector, { batchSize })
          if ((await step(projector)).outcome === 'idle') break
        }
        position = projector.position
        for (const id of ids) t.same(await storedOf(ledger, id), await expectedOf(ledger, id), id)
      },
    )
    await fc.assert(property, search(t, 25))
    t.equal((await checkReplay(ledger.pool, timeZone)).found, 0, 'and a fold in the order of streams says the same')
  },
)

t.test('a batch that ends before a later event is folded as of then, although the log has gone on', async (t) => {
  const ledger = await openLedger(t)
  const pool = ledger.database.pool('projection', { max: 2 })
  const retraction = example('retracted', { events: [2] })
  await ledger.record('lab', proposed(), agreed(), retraction, agreed(), funded())
  const projector = projectorOf(pool, { batchSize: 3 })
  await step(projector)
  t.match(await storedOf(ledger, 'lab'), { stage: 'proposed', version: 3 })
  await step(projector)
  t.match(await storedOf(ledger, 'lab'), { stage: 'funded', version: 5 })
})

t.test('a correction that no fold can take parks its proposal at that very event', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('lab', proposed(), agreed())
  const broken = await ledger.record('lab', example('retracted', { events: [1] }))
  const head = await ledger.record('lab', funded())
  const answer = await service.get(`/v1/proposals/lab?atLeast=${head}`)
  t.match(answer.json(), { stage: 'agreed', version: 2, parked: { position: broken, code: 'impossible' } })
  t.equal((await checkReplay(ledger.pool, timeZone)).found, 0)
})

t.test('applying a correction without its stream is an error of the caller, not of the log', async (t) => {
  const line = '{"position":1,"proposalId":"lab","version":1,"type":"corrected"}'
  const entry = { position: 1, proposalId: 'lab', version: 1, line }
  t.throws(() => drained(withStream(null, [readLine(entry)], timeZone, new Map())), /0 lines were given/)
})
