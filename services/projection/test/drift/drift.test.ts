import { setTimeout as sleep } from 'node:timers/promises'
import { rebuild, rulesOf } from '@commitments/projection'
import { agreed, eventually, funded, proposed } from '@commitments/test-kit'
import t from 'tap'
import { readDifferences } from '../../src/drift/differences.ts'
import { momentsProjection } from '../../src/past/past-projection.ts'
import { statusProjection } from '../../src/status/status-projection.ts'
import { type Ledger, openLedger, startService, type TestService } from '../support.ts'

t.setTimeout(120_000)

const timeZone = 'Asia/Ho_Chi_Minh'
const secret = 'admin-secret-0123456789'
const API_KEYS = `admin:admin:${secret}`
/** Nothing runs unless it is requested. */
const onCall = { environment: { API_KEYS, DRIFT_CHECK_RATE: '0' } }

function ask(service: TestService, name = 'proposal-status') {
  const authorization = `Bearer ${secret}`
  return service.app.inject({ method: 'POST', url: `/v1/projections/${name}/drift-check`, headers: { authorization } })
}

const names = ['proposal-status', 'proposal-moments'] as const

async function driftOf(service: TestService, name: (typeof names)[number] = 'proposal-status') {
  return (await service.get('/v1/projections')).json().projections[names.indexOf(name)].drift
}

/** A whole round, from the request to its end. */
async function check(service: TestService, name: (typeof names)[number] = 'proposal-status') {
  const answer = await ask(service, name)
  if (answer.statusCode !== 202) throw new Error(answer.body)
  await eventually(async () => !(await driftOf(service, name)).asked, { within: 30_000 })
  return driftOf(service, name)
}

async function readiness(service: TestService) {
  const answer = await service.get('/health/ready')
  const { checks } = answer.json<{ checks: { name: string; ok: boolean; alarm?: true; detail: string }[] }>()
  return { status: answer.statusCode, drift: checks.find(({ name }) => name === 'drift') }
}

/** It is ready in any case; this is whether it reports an alarm. */
async function isAlarmed(service: TestService): Promise<boolean> {
  const { status, drift } = await readiness(service)
  if (status !== 200 || drift?.alarm !== true) throw new Error(JSON.stringify({ status, drift }))
  return !drift.ok
}

async function metric(service: TestService, name: string): Promise<number> {
  const [, value] = new RegExp(`^${name} (\\S+)$`, 'm').exec((await service.get('/metrics')).body) ?? []
  return Number(value)
}

async function fill(ledger: Ledger, count: number): Promise<number> {
  await ledger.recordAll(Array.from({ length: count }, (_, index) => [`p-${index}`, proposed()] as const))
  return ledger.record('p-1', agreed(), funded())
}

function rebuildOptions(ledger: Ledger) {
  return {
    projection: statusProjection,
    pool: ledger.database.pool('projection', { max: 6 }),
    timeZone,
    rules: rulesOf(timeZone),
  }
}

t.test(
  'a falsified row is an alarm: the service tells operators and readers, continues, and says what to do; a rebuild clears it',
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger, onCall)
    await service.applied(await fill(ledger, 25))
    t.match(await check(service), { checkedShare: 1, differing: 0, differences: [], lastDifferenceAt: null })
    t.match(await readiness(service), { status: 200, drift: { ok: true } })
    t.notHas((await service.get('/v1/proposals/p-7')).headers, { 'log-alarm': String })
    t.match((await service.get('/v1/projections')).json(), { alarms: [] })
    await ledger.pool.query("UPDATE proposal_status SET kind = 'forum', ending = 'void' WHERE proposal_id = 'p-7'")
    t.match(await check(service), {
      differing: 1,
      differences: [{ proposalId: 'p-7', what: 'the row differs from the fold in ending, kind' }],
      lastDifferenceAt: /^2\d{3}-/,
    })
    const { status, drift } = await readiness(service)
    t.equal(status, 200)
    t.match(drift, {
      ok: false,
      alarm: true,
      detail: /p-7 \(the row differs from the fold in ending, kind\).*npm run rebuild.*accept/,
    })
    for (const url of ['/v1/proposals/p-7', '/v1/proposals/p-1', '/v1/proposals', '/v1/portfolio', '/v1/events'])
      t.match((await service.get(url)).headers, { 'log-alarm': 'served-differs' }, url)
    t.match((await service.get('/v1/projections')).json().alarms, [
      { alarm: 'served-differs', detail: /p-7.*npm run rebuild/ },
    ])
    t.equal(await metric(service, 'drift_differing_proposals'), 1)
    t.ok((await metric(service, 'drift_last_difference_timestamp_seconds')) > Date.now() / 1_000 - 60)
    t.match(await check(service), { differing: 1 }, 'it does not go away by being looked at')

    const stopped = await rebuild(rebuildOptions(ledger))
    t.match(stopped, { outcome: 'differs', differences: 1, examples: ['p-7'] })
    t.equal(await isAlarmed(service), true, 'a rebuild that was not put in its place changes nothing')
    await rebuild({ ...rebuildOptions(ledger), acceptDifferences: 3 })
    await eventually(async () => !(await isAlarmed(service)), { within: 60_000 })
    t.equal(await metric(service, 'drift_differing_proposals'), 0)
    t.notHas((await service.get('/v1/proposals/p-7')).headers, { 'log-alarm': String })
    t.ok((await metric(service, 'drift_last_difference_timestamp_seconds')) > 0, 'when it was stays known')
  },
)

t.test('a missing row and an extra row are differences too', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, onCall)
  await service.applied(await fill(ledger, 25))
  await ledger.pool.query("DELETE FROM proposal_status WHERE proposal_id = 'p-3'")
  await ledger.pool.query("UPDATE proposal_status SET proposal_id = 'invented' WHERE proposal_id = 'p-4'")
  const { differences } = await check(service)
  t.match(differences, [
    { proposalId: 'invented', what: 'has a row but no events' },
    { proposalId: 'p-3', what: 'has no row' },
    { proposalId: 'p-4', what: 'has no row' },
  ])
})

t.test('a changed row of the past is found too, in any table, and so is a missing link', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, onCall)
  await ledger.record('top', proposed({ kind: 'programme' }))
  await ledger.record('part', proposed({ parent: 'top' }))
  await service.applied(await fill(ledger, 12))
  const past = () => check(service, 'proposal-moments')
  t.match(await past(), { checkedShare: 1, differing: 0, differences: [], lastDifferenceAt: null })
  await ledger.pool.query("UPDATE proposal_moments SET stage = 'closed' WHERE proposal_id = 'p-2'")
  await ledger.pool.query("UPDATE moment_facets SET search = 'x' WHERE proposal_id = 'p-3'")
  await ledger.pool.query("DELETE FROM proposal_moments WHERE proposal_id = 'p-4'")
  await ledger.pool.query(`INSERT INTO parked_moments SELECT generation, 'p-5', 1, 'impossible' FROM projection_generations
    WHERE projection = 'proposal-moments' AND state = 'live'`)
  await ledger.pool.query("UPDATE moment_facets SET proposal_id = 'invented' WHERE proposal_id = 'p-6'")
  const { differing, differences } = await past()
  t.equal(differing, 6)
  t.match(differences, [
    { proposalId: 'invented', what: 'has rows of moment_facets but no events' },
    { proposalId: 'p-2', what: '1 rows of proposal_moments differ from the fold' },
    { proposalId: 'p-3', what: '1 rows of moment_facets differ from the fold' },
    { proposalId: 'p-4', what: '1 rows of proposal_moments differ from the fold' },
    { proposalId: 'p-5', what: '1 rows of parked_moments differ from the fold' },
    { proposalId: 'p-6', what: '1 rows of moment_facets differ from the fold' },
  ])
  t.equal(await metric(service, 'drift_differing_proposals'), 6)
  t.equal(await isAlarmed(service), true)
  t.match((await service.get('/v1/proposals?asOf=2026-01-01')).headers, { 'log-alarm': 'served-differs' })
  t.match(await check(service), { differing: 0 }, 'of today nothing differs')
  await ledger.pool.query("DELETE FROM proposal_links WHERE proposal_id = 'part'")
  t.match(await check(service), {
    differing: 1,
    differences: [{ proposalId: 'part', what: 'proposal_links has no row for its link to top' }],
  })
  await rebuild({ ...rebuildOptions(ledger), projection: momentsProjection })
  await rebuild({ ...rebuildOptions(ledger), projection: momentsProjection, acceptDifferences: 3 })
  await eventually(async () => (await driftOf(service, 'proposal-moments')).differing === 0, { within: 60_000 })
})

t.test('every instance reports what one instance found, even one that is started later', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, onCall)
  await service.applied(await fill(ledger, 5))
  await ledger.pool.query("UPDATE proposal_status SET kind = 'forum' WHERE proposal_id = 'p-2'")
  t.match(await check(service), { differing: 1 })
  const later = await startService(t, ledger, onCall)
  t.match(await readiness(later), { status: 200, drift: { ok: false, alarm: true, detail: /p-2/ } })
  t.match(await driftOf(later), { differing: 1, differences: [{ proposalId: 'p-2' }], lastDifferenceAt: /^2/ })
  await service.applied(await ledger.record('p-2', agreed()))
  t.match(await check(later), { differing: 0 })
  t.equal(await isAlarmed(service), false)
})

t.test('in the background every proposal is checked in turn, and a repair is noticed by itself', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { environment: { API_KEYS, DRIFT_CHECK_RATE: '200' } })
  await service.applied(await fill(ledger, 20))
  await eventually(async () => (await driftOf(service)).checkedShare === 1, { within: 60_000 })
  // All were checked, and the check that finds no more of them ends the round.
  const first = await eventually(async () => (await driftOf(service)).completedAt as string | null, {
    within: 60_000,
  })
  t.ok((await metric(service, 'drift_check_age_seconds')) < 20)
  // The next round begins at once, and counts from nothing.
  await eventually(async () => (await metric(service, 'drift_checked_share')) === 1, { within: 60_000 })
  await ledger.pool.query("UPDATE proposal_status SET stage = 'delivered' WHERE proposal_id = 'p-11'")
  await eventually(() => isAlarmed(service), { within: 60_000 })
  await eventually(async () => (await driftOf(service)).completedAt > first, { within: 60_000 })
  // The projector writes the whole row with the next event.
  await service.applied(await ledger.record('p-11', agreed()))
  await eventually(async () => !(await isAlarmed(service)), { within: 60_000 })
  t.equal((await driftOf(service)).differing, 0)
})

t.test('events that are recorded meanwhile, and parked proposals, are not differences', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { ...onCall, batchSize: 7 })
  await fill(ledger, 40)
  await ledger.recordImpossible('p-2')
  await ledger.recordImpossible('never-begun')
  await ledger.recordUnstorable('unstorable')
  await service.applied(await ledger.record('p-3', agreed()))
  let recording = true
  const writing = (async () => {
    for (let round = 0; recording; round += 1) {
      await ledger.recordAll(Array.from({ length: 20 }, (_, index) => [`w-${round}-${index}`, proposed()] as const))
      // Events of the proposals that are being compared, each again and again.
      const line = `line-${round}`
      await ledger.recordAll(Array.from({ length: 37 }, (_, index) => [`p-${index + 3}`, funded({ line })] as const))
      // With longer and longer pauses: a check takes longer with more events, and on a busy machine the two would drive each other without
      // end.
      await sleep(20 + round * 5)
    }
  })()
  for (let round = 0; round < 8; round += 1) t.match(await check(service), { differing: 0, differences: [] })
  recording = false
  await writing
  t.ok(ledger.versions.size > 100, `${ledger.versions.size} proposals`)
})

t.test('no false difference is found while a rebuild replaces the live generation', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { environment: { API_KEYS, DRIFT_CHECK_RATE: '1000' } })
  await service.applied(await fill(ledger, 80))
  for (let round = 0; round < 3; round += 1) t.match(await rebuild(rebuildOptions(ledger)), { outcome: 'switched' })
  await eventually(async () => (await driftOf(service)).checkedShare === 1, { within: 60_000 })
  t.match(await driftOf(service), { differing: 0, lastDifferenceAt: null })
})

t.test(
  'a round is refused during another one, for an unknown projection, and for one folded by other rules',
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger, onCall)
    await service.applied(await fill(ledger, 100))
    const answers = await Promise.all([ask(service), ask(service), ask(service)])
    t.equal(answers.filter(({ statusCode }) => statusCode === 202).length, 1)
    t.match(answers.find(({ statusCode }) => statusCode === 409)?.json(), { code: 'drift-check-running' })
    t.match((await ask(service, 'nothing')).json(), { code: 'unknown-projection' })
    await eventually(async () => !(await driftOf(service)).asked)
    await ledger.pool.query("UPDATE projection_generations SET rules = 'older'")
    await ledger.pool.query("UPDATE proposal_status SET kind = 'forum' WHERE proposal_id = 'p-7'")
    t.match((await ask(service)).json(), { status: 409, code: 'rebuild-due' })
    t.equal(
      (await service.app.inject({ method: 'POST', url: '/v1/projections/proposal-status/drift-check' })).statusCode,
      401,
    )
  },
)

t.test(
  'a generation folded by other rules is not compared, which is an alarm, and the service is ready with it',
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger, { environment: { API_KEYS, DRIFT_CHECK_RATE: '1000' } })
    await service.applied(await fill(ledger, 10))
    await ledger.pool.query("UPDATE projection_generations SET rules = 'older'")
    await ledger.pool.query("UPDATE proposal_status SET kind = 'forum' WHERE proposal_id = 'p-7'")
    await eventually(async () => /other rules/.test((await readiness(service)).drift?.detail ?? ''))
    t.match(await readiness(service), { status: 200, drift: { ok: false, alarm: true } })
    t.match(await driftOf(service), { differing: 0, checkedShare: 0 })
  },
)

t.test('a note about an unknown proposal, which would never be compared, is ignored', async (t) => {
  const ledger = await openLedger(t)
  await ledger.record('lab', proposed())
  const note = (proposalId: string) =>
    ledger.database
      .pool('projection')
      .query(`INSERT INTO projection_drift SELECT $1, 1, 'x', clock_timestamp(), clock_timestamp()`, [proposalId])
  await note('no-such-proposal')
  t.equal((await readDifferences(ledger.pool, statusProjection)).size, 0)
  await note('lab')
  t.same([...(await readDifferences(ledger.pool, statusProjection)).keys()], ['lab'])
})
