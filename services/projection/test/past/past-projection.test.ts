/** The moments as a separate projection, at its own pace. */
import { type Queryable } from '@commitments/event-store'
import { rebuild, rulesOf } from '@commitments/projection'
import { agreed, eventually, proposed } from '@commitments/test-kit'
import t from 'tap'
import { momentsProjection } from '../../src/past/past-projection.ts'
import { readLive } from '../../src/projections/generations.ts'
import type { Projector } from '../../src/projections/projection.ts'
import { type Ledger, openLedger, startService, type TestService } from '../support.ts'

const timeZone = 'Asia/Ho_Chi_Minh'

function optionsFor(ledger: Ledger) {
  const pool = ledger.database.pool('projection', { max: 6 })
  return { pool, projection: momentsProjection, timeZone, rules: rulesOf(timeZone) }
}

function createProjector(pool: Queryable, generation: number): Projector<null> {
  return { pool, generation, state: 'live', timeZone, position: 0, memory: null, batchSize: 500 }
}

async function momentsOf(service: TestService) {
  const { projections } = (await service.get('/v1/projections')).json()
  return projections.find(({ name }: { name: string }) => name === 'proposal-moments')
}

async function untilMoments(service: TestService, position: number): Promise<void> {
  await eventually(async () => (await momentsOf(service)).position >= position, { within: 20_000 })
}

async function stagesAt(service: TestService, query: string): Promise<Record<string, string>> {
  const { proposals } = (await service.get(`/v1/proposals?${query}`)).json()
  return Object.fromEntries(
    proposals.map(({ proposalId, stage }: { proposalId: string; stage: string }) => [proposalId, stage]),
  )
}

t.test('a status does not wait for the moments, and a question about a moment does', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { patience: 300 })
  await untilMoments(service, await ledger.record('lab', proposed({}, { occurredOn: '2023-06-22' })))
  const client = await ledger.pool.connect()
  await client.query('BEGIN')
  await client.query("SELECT FROM projection_generations WHERE projection = 'proposal-moments' FOR UPDATE")
  const head = await ledger.record('lab', agreed())
  t.match((await service.get(`/v1/proposals/lab?atLeast=${head}`)).json(), { stage: 'agreed' })
  for (const url of ['/v1/proposals', '/v1/portfolio']) {
    const behind = await service.get(`${url}?asOf=2026-01-01&atLeast=${head}`)
    t.match(behind.json(), { status: 503, code: 'not-yet-applied' })
    const before = await service.get(`${url}?asOf=2026-01-01`)
    t.match(before, { statusCode: 200, headers: { 'log-position': String(head - 1) } }, 'and says what it has seen')
  }
  await client.query('COMMIT')
  client.release()
  await untilMoments(service, head)
  t.same(await stagesAt(service, `asOf=2026-01-01&atLeast=${head}`), { lab: 'agreed' })
})

t.test('a batch reads the moments of its own proposals, however many others there are', async (t) => {
  const ledger = await openLedger(t)
  const client = await ledger.database.pool('projection').connect()
  t.after(() => client.release())
  const { generation } = await readLive(client, 'proposal-moments')
  const projector = createProjector(client, generation)
  // Fewer fit on a few pages, which Postgres 16 rightly reads as a whole.
  for (let from = 0; from < 2_000; from += 500) {
    await ledger.recordAll(Array.from({ length: 500 }, (_, index) => [`p-${from + index}`, proposed()] as const))
    t.match(await momentsProjection.step(projector), { outcome: 'applied', events: 500 })
  }
  await ledger.record('p-7', agreed())
  await client.query('BEGIN')
  t.match(await momentsProjection.step(projector), { outcome: 'applied', events: 1 })
  const { rows } = await client.query(
    `SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int AS read FROM pg_stat_xact_user_tables
      WHERE relname LIKE 'proposal_moments%'`,
  )
  await client.query('COMMIT')
  t.ok(rows[0].read > 0 && rows[0].read < 10, `${rows[0].read} rows were read`)
})

t.test('missing moments are made from the first event on, beside existing statuses', async (t) => {
  const ledger = await openLedger(t)
  const first = await startService(t, ledger)
  await ledger.record('lab', proposed({}, { occurredOn: '2023-06-22' }), agreed({}, { occurredOn: '2024-03-11' }))
  const head = await ledger.record('forum', proposed({ kind: 'forum' }, { occurredOn: '2024-01-01' }))
  await first.applied(head)
  await untilMoments(first, head)
  await first.stop()
  // The state in which migration 0011 leaves a ledger that was filled before it.
  await ledger.pool.query('TRUNCATE proposal_moments, moment_facets')
  await ledger.pool.query("UPDATE projection_generations SET position = 0 WHERE projection = 'proposal-moments'")
  const service = await startService(t, ledger, { batchSize: 2 })
  await untilMoments(service, head)
  t.same(await stagesAt(service, 'asOf=2023-12-31'), { lab: 'proposed' })
  t.same(await stagesAt(service, 'asOf=2024-12-31'), { forum: 'proposed', lab: 'agreed' })
  t.same(await stagesAt(service, 'knownAtPosition=1'), { lab: 'proposed' })
})

t.test(
  'an event that cannot be applied parks the moments of its proposal, which end before it, and no others',
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger)
    await ledger.record('bad', proposed({}, { occurredOn: '2023-06-22' }))
    const impossible = await ledger.recordImpossible('bad')
    await ledger.record('bad', agreed())
    const unstorable = await ledger.recordUnstorable('worse')
    const head = await ledger.record('good', proposed({}, { occurredOn: '2023-06-22' }), agreed())
    await untilMoments(service, head)
    t.same(await stagesAt(service, 'asOf=2026-01-01'), { bad: 'proposed', good: 'agreed' })
    const moments = await momentsOf(service)
    t.equal(moments.parkedTotal, 2)
    t.same(moments.parked, [
      { proposalId: 'bad', parked: { position: impossible, code: 'impossible' } },
      { proposalId: 'worse', parked: { position: unstorable, code: 'unstorable' } },
    ])
    const result = await rebuild(optionsFor(ledger))
    t.match(result, { outcome: 'switched', differences: 0 }, 'a rebuild parks them likewise')
    t.same((await momentsOf(service)).parked, moments.parked)
  },
)

t.test('a rebuild of the moments finds a wrong row, and does not touch the statuses', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.recordAll(Array.from({ length: 300 }, (_, index) => [`p-${index}`, proposed()]))
  const head = await ledger.recordAll(Array.from({ length: 100 }, (_, index) => [`p-${index}`, agreed()]))
  await untilMoments(service, head)
  t.match(await rebuild(optionsFor(ledger)), { outcome: 'switched', generation: 3, replaced: 2, differences: 0 })
  await ledger.pool.query("UPDATE proposal_moments SET stage = 'closed' WHERE proposal_id = 'p-7'")
  await ledger.pool.query("DELETE FROM moment_facets WHERE proposal_id = 'p-9'")
  await ledger.pool.query("DELETE FROM proposal_moments WHERE proposal_id = 'p-11'")
  const stopped = await rebuild(optionsFor(ledger))
  t.match(stopped, { outcome: 'differs', differences: 3, examples: ['p-11', 'p-7', 'p-9'] })
  await service.applied(head)
  const { projections } = (await service.get('/v1/projections')).json()
  t.match(projections, [
    { name: 'proposal-status', generation: 1, position: head },
    { name: 'proposal-moments', generation: 3, position: head },
  ])
  const accepted = { ...optionsFor(ledger), acceptDifferences: (stopped as { generation: number }).generation }
  t.match(await rebuild(accepted), { outcome: 'switched', differences: 3 })
  const next = await ledger.record('p-7', agreed())
  t.match(await stagesAt(service, `asOf=2026-11-22&atLeast=${next}&limit=500`), { 'p-7': 'agreed' })
})
