import { execFile } from 'node:child_process'
import { isDeepStrictEqual, promisify } from 'node:util'
import { type ProgressReport, projections, rebuild, rollBack, rulesOf } from '@commitments/projection'
import { agreed, delivered, eventually, funded, proposed } from '@commitments/test-kit'
import t from 'tap'
import type { Projector } from '../src/projections/projection.ts'
import { holdingRebuildLock } from '../src/projections/rebuild/rebuild.ts'
import { switchTo } from '../src/projections/rebuild/switch.ts'
import { checkReplay } from '../src/replay-check/check-replay.ts'
import { createStates, type States } from '../src/status/states.ts'
import { statusProjection } from '../src/status/status-projection.ts'
import { step } from '../src/status/status-step.ts'
import { type LogLine } from '../src/streams/log-line.ts'
import { type Stream, streamsInOrder } from '../src/streams/streams-in-order.ts'
import { type Ledger, openLedger, startService } from './support.ts'

const timeZone = 'Asia/Ho_Chi_Minh'

function optionsFor(ledger: Ledger) {
  const pool = ledger.database.pool('projection', { max: 6 })
  return { pool, projection: statusProjection, timeZone, rules: rulesOf(timeZone) }
}

function projectorOf(ledger: Ledger, over: Partial<Projector<States>> = {}): Projector<States> {
  const pool = ledger.database.pool('projection', { max: 2 })
  const memory = createStates(1_000_000)
  return { pool, generation: 1, state: 'live', timeZone, position: 0, memory, batchSize: 1_000, ...over }
}

async function generations(ledger: Ledger) {
  const { rows } = await ledger.pool.query(
    `SELECT generation, state, position, phase, differences FROM projection_generations
      WHERE projection = 'proposal-status' ORDER BY generation`,
  )
  return rows
}

/** Titles with everything that could break COPY and arrays. */
const awkward = { en: 'a\tb\\c "d" {e}, \\N', vi: 'dòng một\nhai\r\n', ko: '한국어 \u2028 ' }

async function fill(ledger: Ledger): Promise<number> {
  await ledger.recordAll(
    Array.from({ length: 2_500 }, (_, index) => [`p-${index}`, proposed({ title: { ...awkward, fr: `${index}` } })]),
  )
  await ledger.recordAll(Array.from({ length: 500 }, (_, index) => [`p-${index * 3}`, agreed()]))
  await ledger.recordImpossible('p-7')
  await ledger.recordImpossible('never-begun')
  return ledger.record('p-0', funded(), delivered())
}

t.test('a rebuild folds the log again, finds the same, and replaces the live generation', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  const head = await fill(ledger)
  await service.applied(head)
  const before = await service.get('/v1/proposals/p-0')
  const reports: ProgressReport[] = []
  const result = await rebuild({ ...optionsFor(ledger), onProgress: (report) => reports.push(report) })
  t.same(result, { outcome: 'switched', generation: 3, replaced: 1, differences: 0 })
  t.match(
    reports.find(({ phase }) => phase === 'indexing'),
    { generation: 3, done: head, target: head },
  )
  t.same(await generations(ledger), [
    { generation: 1, state: 'retired', position: head, phase: 'retired', differences: null },
    { generation: 3, state: 'live', position: head, phase: 'following', differences: null },
  ])
  t.match(await checkReplay(ledger.pool, timeZone), { generation: 3, found: 0, events: head, proposals: 2_501 })
  const next = await ledger.record('p-1', agreed())
  t.match((await service.get(`/v1/proposals/p-1?atLeast=${next}`)).json(), { stage: 'agreed' })
  const after = await service.get('/v1/proposals/p-0')
  t.equal(after.body, before.body)
  t.not(after.headers.etag, before.headers.etag, 'the tag names the generation')
  t.match(await rebuild(optionsFor(ledger)), { outcome: 'switched', generation: 4, replaced: 3 })
  t.same(
    (await generations(ledger)).map(({ generation }) => generation),
    [3, 4],
    'the older one is dropped',
  )
})

t.test('during a rebuild the live generation continues, and the position never falls', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await service.applied(await fill(ledger))
  let done = false
  const rebuilding = rebuild(optionsFor(ledger)).finally(() => {
    done = true
  })
  let seen = 0
  let writes = 0
  while (!done || writes < 20) {
    const position = await ledger.record(`during-${writes}`, proposed())
    writes += 1
    const answer = await service.get(`/v1/proposals/during-${writes - 1}?atLeast=${position}`)
    if (answer.statusCode !== 200) t.fail(answer.body)
    const now = Number(answer.headers['log-position'])
    if (now < seen) t.fail(`position ${now} after ${seen}`)
    seen = now
  }
  t.match(await rebuilding, { outcome: 'switched' })
  await service.applied(await ledger.record('after', proposed()))
  t.match(await checkReplay(ledger.pool, timeZone), { generation: 3, found: 0 })
})

t.test('a difference stops the rebuild until it is accepted by name, and the switch can be rolled back', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await service.applied(await fill(ledger))
  await ledger.pool.query("UPDATE proposal_status SET kind = 'forum' WHERE proposal_id IN ('p-3', 'p-5')")
  await ledger.pool.query("DELETE FROM proposal_status WHERE proposal_id = 'p-9'")
  const stopped = await rebuild(optionsFor(ledger))
  t.same(stopped, { outcome: 'differs', generation: 3, differences: 3, examples: ['p-3', 'p-5', 'p-9'] })
  t.match(await generations(ledger), [{ state: 'live' }, { state: 'building', phase: 'differs', differences: 3 }])
  t.match((await service.get('/v1/projections')).json().projections[0], { generation: 1, rebuilding: false })
  t.same(await rebuild({ ...optionsFor(ledger), acceptDifferences: 7 }), { outcome: 'nothing-to-accept' })
  t.same(await rebuild({ ...optionsFor(ledger), acceptDifferences: 1 }), { outcome: 'nothing-to-accept' })
  const accepted = await rebuild({ ...optionsFor(ledger), acceptDifferences: 3 })
  t.match(accepted, { outcome: 'switched', generation: 3, replaced: 1, differences: 3 })
  t.equal((await checkReplay(ledger.pool, timeZone)).found, 0)
  const head = await ledger.record('p-11', agreed())
  await service.applied(head)
  t.match(await rollBack(optionsFor(ledger)), { outcome: 'switched', generation: 1, replaced: 3 })
  t.match(await checkReplay(ledger.pool, timeZone), { generation: 1, found: 3, position: head })
  t.match(await rollBack(optionsFor(ledger)), { outcome: 'switched', generation: 3, replaced: 1 })
  t.match((await service.get(`/v1/proposals/p-9?atLeast=${head}`)).json(), { proposalId: 'p-9' })
})

t.test('the replay check reports moments and links that differ from the fold of the log', async (t) => {
  const ledger = await openLedger(t)
  await ledger.record('top', proposed({ kind: 'programme' }))
  await ledger.record('part', proposed({ parent: 'top' }), agreed())
  for (const projection of projections) {
    t.match(await rebuild({ ...optionsFor(ledger), projection }), { outcome: 'switched' })
  }
  t.same((await checkReplay(ledger.pool, timeZone)).findings, [])
  const spoil = async (statement: string, what: RegExp, proposalId: string) => {
    const client = await ledger.pool.connect()
    await client.query('BEGIN')
    await client.query(statement)
    await client.query('COMMIT')
    client.release()
    const { findings } = await checkReplay(ledger.pool, timeZone)
    t.ok(
      findings.some((one) => what.test(one.what) && one.proposalId === proposalId),
      JSON.stringify(findings),
    )
  }
  await spoil(
    "UPDATE proposal_moments SET stage = 'closed' WHERE proposal_id = 'top'",
    /proposal_moments differ/,
    'top',
  )
  await spoil("UPDATE moment_facets SET search = 'x' WHERE proposal_id = 'top'", /moment_facets differ/, 'top')
  await spoil("DELETE FROM proposal_moments WHERE proposal_id = 'part'", /proposal_moments differ/, 'part')
  await spoil("DELETE FROM proposal_links WHERE other = 'top'", /no row for its link to top/, 'part')
  await spoil(
    `INSERT INTO proposal_links SELECT generation, 'part', 'top' FROM projection_generations
      WHERE projection = 'proposal-status' AND state = 'live'`,
    /linked to part, which it never was/,
    'top',
  )
  await spoil("UPDATE moment_facets SET proposal_id = 'ghost' WHERE proposal_id = 'top'", /no events/, 'ghost')
})

t.test('a difference stops the rebuild even if the live generation lags behind the log', async (t) => {
  const ledger = await openLedger(t)
  const head = await fill(ledger)
  const live = projectorOf(ledger)
  while (live.position < 1_000) await step(live, 1_000)
  await ledger.pool.query("UPDATE proposal_status SET kind = 'forum' WHERE proposal_id = 'p-3'")
  t.match(await rebuild(optionsFor(ledger)), { outcome: 'differs', differences: 1, examples: ['p-3'] })
  t.equal((await generations(ledger))[0].position, 1_000)
  t.ok(head > 1_000)
})

t.test('if the live generation has applied nothing, the whole log is folded', async (t) => {
  const ledger = await openLedger(t)
  const head = await fill(ledger)
  t.match(await rebuild(optionsFor(ledger)), { outcome: 'switched', generation: 3 })
  t.match(await generations(ledger), [{}, { state: 'live', position: head }])
  t.match(await checkReplay(ledger.pool, timeZone), { found: 0, events: head })
})

t.test('changes after the comparison are compared before the switch', async (t) => {
  const ledger = await openLedger(t)
  await fill(ledger)
  const live = projectorOf(ledger)
  await step(live, 1_000)
  await rebuild(optionsFor(ledger))
  const made = projectorOf(ledger, { generation: 3, position: 1_000 })
  const building = await ledger.pool.query("SELECT make_generation('proposal-status', 'x') AS generation")
  const { generation } = building.rows[0]
  await ledger.pool.query('SELECT attach_generation($1)', [generation])
  await step(made, 1_010)
  await ledger.pool.query("UPDATE proposal_status SET kind = 'forum' WHERE generation = 3 AND position = 1005")
  const terms = { later: ['p-1004'] }
  t.match(await switchTo(optionsFor(ledger), generation, terms), { outcome: 'differs', differing: ['p-1004'] })
  t.match(
    (await generations(ledger)).filter(({ state }) => state === 'live'),
    [{ generation: 3 }],
  )
})

t.test('a rebuild parks an event that the database refuses just as the projector did', async (t) => {
  const ledger = await openLedger(t)
  await fill(ledger)
  await ledger.recordUnstorable('bad')
  const head = await ledger.record('fine', proposed())
  const live = projectorOf(ledger)
  while ((await step(live)).outcome === 'applied');
  t.match(await rebuild(optionsFor(ledger)), { outcome: 'switched', replaced: 1 })
  t.match(await checkReplay(ledger.pool, timeZone), { found: 0, position: head })
})

t.test('a rebuild reads every line as recorded, in the order of streams', async (t) => {
  const ledger = await openLedger(t)
  const awkwardLine = '"text":"tab \\t, \\\\ and \\"","raw":"\t"}'
  await ledger.recordAll(Array.from({ length: 300 }, (_, index) => [`p-${index}`, proposed({ title: awkward })]))
  await ledger.recordAll(Array.from({ length: 2_000 }, (_, index) => [`p-${index % 7}`, agreed()]))
  await ledger.recordRest('odd', awkwardLine)
  const { rows } = await ledger.pool.query<LogLine>(
    'SELECT proposal_id AS "proposalId", version, position, line FROM events ORDER BY proposal_id, version',
  )
  const expected = [...Map.groupBy(rows, ({ proposalId }) => proposalId)].map(([proposalId, entries]) => ({
    proposalId,
    entries,
  }))
  const found: Stream[] = []
  for await (const streams of streamsInOrder(ledger.pool, 'proposal-status', rows.length)) found.push(...streams)
  t.ok(isDeepStrictEqual(found, expected))
})

t.test('without an earlier generation there is nothing to roll back', async (t) => {
  t.same(await rollBack(optionsFor(await openLedger(t))), { outcome: 'nothing-to-roll-back' })
})

t.test('of two rebuilds at once one is told that the other is running', async (t) => {
  const ledger = await openLedger(t)
  await fill(ledger)
  const results = await Promise.all([rebuild(optionsFor(ledger)), rebuild(optionsFor(ledger))])
  t.same(results.map(({ outcome }) => outcome).toSorted(), ['busy', 'switched'])
})

t.test('the remains of a rebuild that died are dropped by the next', async (t) => {
  const ledger = await openLedger(t)
  await fill(ledger)
  await ledger.pool.query("SELECT make_generation('proposal-status', 'x')")
  t.match(await rebuild(optionsFor(ledger)), { outcome: 'switched', generation: 4 })
  t.same(
    (await generations(ledger)).map(({ generation }) => generation),
    [1, 4],
  )
  const { rows } = await ledger.pool.query("SELECT to_regclass('proposal_status_3') AS gone")
  t.equal(rows[0].gone, null)
})

t.test('the admin call starts a rebuild, which /v1/projections follows to its end', async (t) => {
  const ledger = await openLedger(t)
  const secret = 'a-secret-for-the-admin'
  const service = await startService(t, ledger, { environment: { API_KEYS: `boss:admin:${secret}` } })
  await service.applied(await fill(ledger))
  const headers = { authorization: `Bearer ${secret}` }
  const post = (url: string) => service.app.inject({ method: 'POST', url, headers })
  const started = await post('/v1/projections/proposal-status/rebuild')
  t.equal(started.statusCode, 202)
  t.equal(started.headers.location, '/v1/projections')
  const second = await post('/v1/projections/proposal-status/rebuild')
  t.match(second.json(), { status: 409, code: 'rebuild-running' })
  t.match((await post('/v1/projections/proposal-status/rebuild?acceptDifferences=9')).json(), { status: 409 })
  t.match((await post('/v1/projections/other/rebuild')).json(), { status: 404, code: 'unknown-projection' })
  await eventually(async () => {
    const [projection] = (await service.get('/v1/projections')).json().projections
    return projection.generation === 3 && projection.state === 'current' && projection.generations[0].currentRules
  })
  t.match((await service.get('/v1/proposals/p-0')).json(), { stage: 'delivered' })
})

t.test('the admin call answers 409 if a rebuild cannot start', async (t) => {
  const ledger = await openLedger(t)
  const secret = 'a-secret-for-the-admin'
  const service = await startService(t, ledger, { environment: { API_KEYS: `boss:admin:${secret}` } })
  const headers = { authorization: `Bearer ${secret}` }
  const post = (query: string) =>
    service.app.inject({ method: 'POST', url: `/v1/projections/proposal-status/rebuild${query}`, headers })
  t.match((await post('?acceptDifferences=9')).json(), { status: 409, code: 'nothing-to-accept' })
  t.match((await post('?acceptDifferences=1')).json(), { status: 409, code: 'nothing-to-accept' })
  const { promise: release, resolve } = Promise.withResolvers<void>()
  const elsewhere = holdingRebuildLock(ledger.database.pool('projection', { max: 1 }), async () => {
    t.match((await post('')).json(), { status: 409, code: 'rebuild-running' })
    resolve()
  })
  await release
  await elsewhere
  await eventually(async () => (await post('')).statusCode === 202)
})

t.test('the exit codes of the commands give the result', { timeout: 90_000 }, async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await service.applied(await fill(ledger))
  const env = { ...process.env, DATABASE_URL: ledger.database.url }
  const run = (script: string, ...args: string[]) =>
    promisify(execFile)(
      process.execPath,
      [new URL(`../../../scripts/${script}.ts`, import.meta.url).pathname, ...args],
      { env },
    ).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
    )
  t.match(await run('replay-check'), { code: 0, stdout: /everything agrees/ })
  t.match(await run('rebuild'), {
    code: 0,
    stdout: /status: generation 3 is live.*moments: generation 4 is live/s,
    stderr: /generation 3 indexing: \d+ of \d+ events \(100 %\)/,
  })
  t.match(await run('rebuild', '--accept-differences=9'), { code: 3 })
  t.match(await run('rebuild', '--rollback'), {
    code: 0,
    stdout: /status: generation 1 is live.*moments: generation 2 is live/s,
  })
  t.match(await run('rebuild', '--acept'), { code: 1, stderr: /Usage: npm run rebuild/ })
  await ledger.pool.query("UPDATE proposal_status SET stage = 'closed' WHERE proposal_id = 'p-3'")
  t.match(await run('replay-check'), { code: 2, stdout: /p-3: the row differs from the fold in stage/ })
  t.match(await run('rebuild'), { code: 2, stdout: /--accept-differences=\d/ })
})

t.test('a read model that was left out of a backup is made again from the log, with nothing to accept', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await service.applied(await ledger.recordAll(['lab', 'school'].map((id) => [id, proposed()])))
  await service.stop()
  await ledger.pool.query('TRUNCATE proposal_status_1, proposal_search_1, proposal_moments_2, moment_facets_2')
  for (const projection of projections)
    t.match(
      await rebuild({ ...optionsFor(ledger), projection }),
      { outcome: 'switched', differences: 0 },
      projection.name,
    )
  t.match(await checkReplay(ledger.pool, timeZone), { found: 0, events: 2, proposals: 2 })
})
