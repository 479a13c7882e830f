import { setImmediate } from 'node:timers/promises'
import { decodeLine, type EventBody, encodeRest, foldStream } from '@commitments/domain'
import { followLog } from '@commitments/event-store'
import { createLogger } from '@commitments/http-kit'
import { createTurns } from '@commitments/http-kit/turns'
import { agreed, delivered, eventually, funded, proposed, search } from '@commitments/test-kit'
import { array, assert, asyncProperty, integer } from 'fast-check'
import t from 'tap'
import { follow } from '../src/projections/follow.ts'
import type { Projector, Step } from '../src/projections/projection.ts'
import { createView } from '../src/projections/view.ts'
import { checkReplay } from '../src/replay-check/check-replay.ts'
import { readStanding } from '../src/status/read-standing.ts'
import { createStates, type States } from '../src/status/states.ts'
import { statusProjection } from '../src/status/status-projection.ts'
import { step } from '../src/status/status-step.ts'
import { type Ledger, openLedger, startService } from './support.ts'

const timeZone = 'Asia/Ho_Chi_Minh'

function projectorOf(ledger: Ledger, over: Partial<Projector<States>> = {}): Projector<States> {
  const memory = createStates(1_000_000)
  const pool = over.pool ?? ledger.database.pool('projection', { max: 2 })
  return { pool, generation: 1, state: 'live', timeZone, position: 0, memory, batchSize: 100, ...over }
}

async function runAll(projector: Projector<States>): Promise<Step[]> {
  const steps: Step[] = []
  for (;;) {
    const result = await step(projector)
    if (result.outcome !== 'applied') return steps
    steps.push(result)
  }
}

async function storedState(ledger: Ledger, proposalId: string): Promise<unknown> {
  const { rows } = await ledger.pool.query(
    'SELECT state FROM proposal_status WHERE generation = 1 AND proposal_id = $1',
    [proposalId],
  )
  return rows[0] === undefined ? null : JSON.parse(rows[0].state)
}

async function checkpoint(ledger: Ledger): Promise<number> {
  const { rows } = await ledger.pool.query('SELECT position FROM projection_generations WHERE generation = 1')
  return rows[0].position
}

async function fillSome(ledger: Ledger): Promise<number> {
  await ledger.record('a', proposed(), agreed())
  await ledger.record('b', proposed())
  await ledger.record('a', funded())
  return ledger.record('b', agreed(), funded(), delivered())
}

for (const batchSize of [1, 2, 3, 1000]) {
  t.test(`in batches of ${batchSize} the read model equals the fold of the log`, async (t) => {
    const ledger = await openLedger(t)
    const head = await fillSome(ledger)
    await runAll(projectorOf(ledger, { batchSize }))
    t.equal(await checkpoint(ledger), head)
    t.match(await checkReplay(ledger.pool, timeZone), { found: 0, events: 7, proposals: 2 })
  })
}

const acts: EventBody[] = [agreed(), funded(), delivered()]

t.test(
  'whatever the histories, the batches and the restarts, the stored state is the fold of the stream',
  async (t) => {
    const ledger = await openLedger(t)
    const pool = ledger.database.pool('projection', { max: 2 })
    let round = 0
    const history = array(integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 30 })
    const property = asyncProperty(
      history,
      array(integer({ min: 1, max: 7 }), { minLength: 1 }),
      async (events, batches) => {
        round += 1
        const touched = new Set<string>()
        for (const which of events) {
          const proposalId = `r${round}-${which}`
          const version = ledger.versions.get(proposalId) ?? 0
          touched.add(proposalId)
          if (version === 0) await ledger.record(proposalId, proposed())
          else if (version < 4) await ledger.record(proposalId, acts[version - 1] as EventBody)
        }
        let turn = 0
        for (;;) {
          // A new projector each time: only the checkpoint is remembered.
          const batchSize = batches[turn % batches.length] as number
          const result = await step(projectorOf(ledger, { pool, batchSize, position: await checkpoint(ledger) }))
          turn += 1
          if (result.outcome === 'idle') break
        }
        for (const proposalId of touched) {
          const { rows } = await ledger.pool.query('SELECT line FROM events WHERE proposal_id = $1 ORDER BY version', [
            proposalId,
          ])
          const expected = foldStream(
            rows.map(({ line }) => decodeLine(line)),
            timeZone,
          )
          t.same(await storedState(ledger, proposalId), JSON.parse(JSON.stringify(expected)))
        }
      },
    )
    await assert(property, { ...search(t, 15), verbose: true })
    t.equal((await checkReplay(ledger.pool, timeZone)).found, 0)
  },
)

t.test('of two projectors at one checkpoint only one writes, and the other is told so', async (t) => {
  const ledger = await openLedger(t)
  await fillSome(ledger)
  const first = projectorOf(ledger, { batchSize: 3 })
  const second = projectorOf(ledger, { batchSize: 4 })
  const results = await Promise.all([step(first), step(second)])
  t.same(results.map(({ outcome }) => outcome).toSorted(), ['applied', 'superseded'])
  const winner = results[0]?.outcome === 'applied' ? first : second
  t.equal(await checkpoint(ledger), winner.position)
  t.equal((await checkReplay(ledger.pool, timeZone)).found, 0)
})

t.test('a projector that comes back from a long pause writes nothing', async (t) => {
  const ledger = await openLedger(t)
  await ledger.record('a', proposed())
  const paused = projectorOf(ledger)
  await step(paused)
  await ledger.record('a', agreed())
  const successor = projectorOf(ledger, { position: 1 })
  await runAll(successor)
  await ledger.record('a', funded())
  const before = await ledger.pool.query('SELECT * FROM proposal_status')
  t.same(await step({ ...paused, batchSize: 1 }), { outcome: 'superseded' })
  t.same((await ledger.pool.query('SELECT * FROM proposal_status')).rows, before.rows)
  await runAll(successor)
  t.equal((await checkReplay(ledger.pool, timeZone)).found, 0)
})

t.test('a projector of a generation that is no longer live writes nothing', async (t) => {
  const ledger = await openLedger(t)
  await ledger.record('a', proposed())
  const projector = projectorOf(ledger)
  await ledger.pool.query("UPDATE projection_generations SET state = 'retired'")
  t.same(await step(projector), { outcome: 'superseded' })
  t.equal((await ledger.pool.query('SELECT FROM proposal_status')).rowCount, 0)
})

function poison(proposalId: string, version: number, over: object): string {
  const envelope = {
    eventId: '01935000-0000-7000-8000-000000000000',
    nonce: 'x',
    proposalId,
    version,
    schemaVersion: 1,
    recordedBy: 'key:x',
  }
  return encodeRest({ ...agreed(), ...envelope, ...over })
}

t.test('an event that cannot be applied parks its own proposal and stops nobody else', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('good', proposed())
  await ledger.record('unknown-type', proposed())
  const unknownType = await ledger.recordRest('unknown-type', poison('unknown-type', 2, { type: 'exploded' }))
  await ledger.record('not-json', proposed())
  const notJson = await ledger.recordRest('not-json', '"eventId":"oops"')
  await ledger.record('wrong-line', proposed())
  const wrongLine = await ledger.recordRest('wrong-line', poison('good', 2, {}))
  const broken = await ledger.recordRest('never-begun', poison('never-begun', 1, {}))
  await ledger.record('unknown-type', agreed())
  const head = await ledger.record('good', agreed())
  t.match((await service.get(`/v1/proposals/good?atLeast=${head}`)).json(), { stage: 'agreed', version: 2 })
  const cases = [
    ['unknown-type', unknownType, 'impossible'],
    ['not-json', notJson, 'unreadable'],
    ['wrong-line', wrongLine, 'unreadable'],
  ] as const
  for (const [proposalId, position, code] of cases) {
    const { stage, version, parked } = (await service.get(`/v1/proposals/${proposalId}`)).json()
    t.match(
      { stage, version, parked },
      { stage: 'proposed', version: 1, parked: { position, code, reason: /^The .+\.$/s } },
      proposalId,
    )
  }
  const never = await service.get('/v1/proposals/never-begun')
  t.match(never.json(), { status: 404, code: 'unknown-proposal', parked: { position: broken, code: 'impossible' } })
  const [projection] = (await service.get('/v1/projections')).json().projections
  t.equal(projection.parkedTotal, 4)
  t.same(
    projection.parked.map(({ proposalId }: { proposalId: string }) => proposalId),
    ['unknown-type', 'not-json', 'wrong-line', 'never-begun'],
  )
  const listed = (await service.get('/v1/proposals')).json().proposals
  t.same(
    listed.map(({ proposalId }: { proposalId: string }) => proposalId),
    ['good', 'not-json', 'unknown-type', 'wrong-line'],
  )
  t.match((await service.get('/metrics')).body, /projector_proposals_parked_total\{projection="proposal-status"\} 4/)
  t.match(
    (await service.get('/metrics')).body,
    /projector_faults_total\{projection="proposal-status"\} 0/,
    'none by a mistake of ours',
  )
})

t.test('one instance works and the other follows it; when the first ends, the other takes over', async (t) => {
  const ledger = await openLedger(t)
  const first = await startService(t, ledger, { takeOverAfter: 300 })
  await first.applied(await ledger.record('a', proposed()))
  const second = await startService(t, ledger, { takeOverAfter: 300 })
  for (let index = 0; index < 10; index += 1) {
    const position = await ledger.record(`p-${index}`, proposed())
    for (const service of [first, second]) {
      t.equal((await service.get(`/v1/proposals/p-${index}?atLeast=${position}`)).statusCode, 200)
    }
  }
  await first.stop()
  const position = await ledger.record('a', agreed())
  const answer = await second.get(`/v1/proposals/a?atLeast=${position}`)
  t.equal(answer.json().stage, 'agreed')
  t.equal((await checkReplay(ledger.pool, timeZone)).found, 0)
})

t.test('an instance that only follows never serves an answer that is older than its position', async (t) => {
  const ledger = await openLedger(t)
  const services = [await startService(t, ledger), await startService(t, ledger)]
  const begun = await ledger.record('a', proposed())
  for (const service of services) await service.applied(begun)
  let done = false
  let reads = 0
  const writing = (async () => {
    for (let line = 0; line < 60 || reads <= 10; line += 1)
      await ledger.record('a', line === 0 ? agreed() : funded({ line: `line-${line}` as never }))
    done = true
  })()
  const older: string[] = []
  while (!done) {
    for (const service of services) {
      const answer = await service.get('/v1/proposals/a')
      // An injected request that is answered from memory never lets the writer run.
      await setImmediate()
      // Only this proposal is written, so the version that an answer must show is known from its position.
      const seen = Number(answer.headers['log-position'])
      const { version } = answer.json()
      if (version < seen) older.push(`version ${version} under position ${seen}`)
      reads += 1
    }
  }
  await writing
  t.same(older, [])
  t.ok(reads > 10)
})

t.test('a projector waits for an unavailable database; nothing is repeated or left out', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  let last = 0
  for (let round = 0; round < 6; round += 1) {
    last = await ledger.record(`p-${round}`, proposed(), agreed(), funded())
    await ledger.pool
      .query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE application_name IN ('commitments', 'test') AND datname = current_database() AND pid <> pg_backend_pid()`,
      )
      .catch(() => {})
  }
  await eventually(async () => {
    const answer = await service.get(`/v1/proposals/p-5?atLeast=${last}`)
    if (answer.statusCode !== 200) throw new Error(answer.body)
  })
  t.equal((await checkReplay(ledger.pool, timeZone)).found, 0)
})

t.test('a projector that is told to stop ends after its current batch', async (t) => {
  const ledger = await openLedger(t)
  const pool = ledger.database.pool('projection')
  const { rows } = await pool.query('SELECT log_id FROM log_identity')
  const view = createView({ logId: rows[0].log_id, generation: 1, position: 0 })
  const follower = followLog({ url: ledger.database.url, ledger: 'commitments' })
  t.after(() => follower.close())
  const stop = new AbortController()
  const logger = createLogger({ name: 'test', level: 'silent' })
  const options = {
    pool,
    projection: statusProjection,
    readStanding,
    view,
    listener: follower,
    logger,
    timeZone,
    memoryBytes: 1_000_000,
    batchSize: 2,
    takeOverAfter: 100,
    pace: 0,
    turns: createTurns(1),
  }
  const running = follow(options, stop.signal)
  const head = await fillSome(ledger)
  await eventually(() => {
    if (view.position < head) throw new Error('not there yet')
  })
  stop.abort()
  await running
  await ledger.record('c', proposed())
  t.equal(await checkpoint(ledger), head)
})

for (const batchSize of [1, 7, 1000]) {
  t.test(`an event that the database refuses parks its proposal only, in batches of ${batchSize}`, async (t) => {
    const ledger = await openLedger(t)
    await ledger.recordAll(Array.from({ length: 20 }, (_, index) => [`before-${index}`, proposed()]))
    const position = await ledger.recordUnstorable('bad')
    await ledger.record('bad', agreed())
    const head = await ledger.recordAll(Array.from({ length: 20 }, (_, index) => [`after-${index}`, proposed()]))
    await runAll(projectorOf(ledger, { batchSize }))
    t.equal(await checkpoint(ledger), head)
    const { rows } = await ledger.pool.query("SELECT state, parked FROM proposal_status WHERE proposal_id = 'bad'")
    t.match(rows, [{ state: null, parked: { position, code: 'unstorable', reason: /^The database refuses/ } }])
    t.match(await checkReplay(ledger.pool, timeZone), { found: 0, proposals: 41 })
    await ledger.pool.query("UPDATE proposal_status SET parked = NULL WHERE proposal_id = 'bad'")
    t.match(await checkReplay(ledger.pool, timeZone), { found: 1, findings: [{ proposalId: 'bad' }] })
  })
}

t.test(
  'the planner knows what a young read model has while it grows, and not only once autovacuum came by',
  async (t) => {
    const ledger = await openLedger(t)
    for (const table of ['proposal_status_1', 'proposal_moments_2'])
      await ledger.pool.query(`ALTER TABLE ${table} SET (autovacuum_enabled = false)`)
    const service = await startService(t, ledger)
    const many = (from: number) => Array.from({ length: 600 }, (_, index) => [`p-${from + index}`, proposed()] as const)
    await service.applied(await ledger.recordAll(many(0)))
    await service.applied(await ledger.recordAll(many(600)))
    await eventually(async () => {
      const { rows } = await ledger.pool.query(
        "SELECT reltuples::int AS known FROM pg_class WHERE relname IN ('proposal_status_1', 'proposal_moments_2') ORDER BY relname",
      )
      return rows.every(({ known }) => known >= 1_000)
    })
  },
)

t.test('a planned end in the first month of the calendar is projected', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('old', proposed({ planned: { end: '0001-01-15' } }))
  await service.applied(await ledger.record('other', proposed()))
  t.match((await service.get('/v1/proposals/old')).json(), { condition: 'overdue', planned: { end: '0001-01-15' } })
})
