import { haltedState, readHalt } from '@commitments/event-store'
import { rebuild, rulesOf } from '@commitments/projection'
import { agreed, eventually, funded, pastGuards, proposed } from '@commitments/test-kit'
import { signingFor } from '@commitments/test-kit/services'
import t from 'tap'
import { differenceSentence } from '../../src/drift/report.ts'
import { pauseAfter } from '../../src/drift/watch.ts'
import { statusProjection } from '../../src/status/status-projection.ts'
import { openLedger } from '../support.ts'
import { type Keeping, recordMany, restoreAfterNine, servedCheckpoint, startKeeping } from '../transparency/support.ts'

t.setTimeout(120_000)

const secret = 'admin-secret-0123456789'
const options = { environment: { API_KEYS: `admin:admin:${secret}`, DRIFT_CHECK_RATE: '0' } }

/** A signed log of 300 events: tile 0 of level 0 is full, and has a tile above it. */
async function signedLedger(t: Parameters<typeof signingFor>[0]) {
  const ledger = await openLedger(t)
  const service = await startKeeping(t, ledger, signingFor(t), options)
  await recordMany(ledger, 1, 300)
  await service.signedAt(300)
  await service.applied(300)
  const drift = async () => (await service.get('/v1/projections')).json().projections[0].drift
  const round = async () => {
    const headers = { authorization: `Bearer ${secret}` }
    await service.app.inject({ method: 'POST', url: '/v1/projections/proposal-status/drift-check', headers })
    await eventually(async () => !(await drift()).asked, { within: 30_000 })
    return drift()
  }
  const asSuperuser = async (sql: string) => {
    await ledger.pool.query(pastGuards(sql))
  }
  return { ledger, service, round, asSuperuser }
}

const forged = `UPDATE events SET line = replace(line, '"occurredOn":"', '"occurredOn" :"') WHERE position = 42`
const putBack = `UPDATE events SET line = replace(line, '"occurredOn" :"', '"occurredOn":"') WHERE position = 42`

t.test(
  'a changed old line is found in one round, with its position; no rebuild is recommended, and nothing is recorded or signed',
  async (t) => {
    const { ledger, service, round, asSuperuser } = await signedLedger(t)
    t.match(await round(), { differing: 0, roundSeconds: null })
    await asSuperuser(forged)
    const { differences } = await round()
    t.match(differences, [
      { what: /the log was changed: the line at position 42 is not the one that was taken into the tree/ },
    ])
    const { checks } = (await service.get('/health/ready')).json()
    const { detail } = checks.find(({ name }: { name: string }) => name === 'drift')
    t.match(detail, /the log itself was changed behind the service: .*position 42.*do not rebuild/)
    t.notMatch(detail, /accept-differences/)
    await t.rejects(ledger.record('one-more', proposed()), { code: haltedState, message: /position 42/ })
    await service.untilReady(false, /Nothing is signed: the log itself was changed/)
    t.equal((await servedCheckpoint(service)).size, 300)

    await asSuperuser(putBack)
    t.match(await round(), { differing: 0 })
    t.equal(await readHalt(ledger.pool, 'lines'), null)
    await service.untilReady(true)
    ledger.versions.clear()
    await ledger.record('one-more', proposed())
    await service.signedAt(301)
  },
)

t.test(
  'a row with another time than its line, and a tile that fits neither line nor tree, are different findings',
  async (t) => {
    const { round, asSuperuser, ledger } = await signedLedger(t)
    await asSuperuser(`UPDATE events SET recorded_at = recorded_at - interval '1 day' WHERE position = 7`)
    await ledger.pool.query(
      `UPDATE log_tiles SET hashes = overlay(hashes PLACING sha256('x') FROM 9 * 32 + 1) WHERE level = 0 AND index = 0`,
    )
    const { differences } = await round()
    const said = differences.map(({ what }: { what: string }) => what).join('\n')
    t.match(said, /the log was changed: the row at position 7 has another time, id, version or proposal than its line/)
    t.match(said, /the tree was changed: the tile of position 10 fits neither its line nor the rest of the tree/)
  },
)

t.test(
  'what other rules folded is an alarm, and the lines of the log are compared all the same: a changed one stops the recording until it is put back',
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startKeeping(t, ledger, signingFor(t), { environment: { DRIFT_CHECK_RATE: '1000' } })
    await recordMany(ledger, 1, 5)
    await service.signedAt(5)
    await service.applied(5)
    await ledger.database.pool('projection').query(`UPDATE projection_generations SET rules = 'others'`)
    await eventually(async () => !(await checkOf(service, 'drift')).ok)
    t.match(await checkOf(service, 'drift'), {
      alarm: true,
      detail: /^not compared: .* by other rules, and a rebuild is due/,
    })
    t.equal((await service.get('/health/ready')).statusCode, 200)
    const change = (from: string, to: string) =>
      ledger.pool.query(pastGuards(`UPDATE events SET line = replace(line, '${from}', '${to}') WHERE position = 4`))
    await change('"occurredOn":"', '"occurredOn" :"')
    await eventually(async () => /position 4 /.test((await readHalt(ledger.pool, 'lines')) ?? ''), { within: 30_000 })
    t.match(await checkOf(service, 'drift'), { ok: false, detail: /the log itself was changed/ })
    await change('"occurredOn" :"', '"occurredOn":"')
    await ledger.pool.query(`UPDATE projection_drift SET seen_at = seen_at - interval '2 minutes'`)
    await eventually(async () => (await readHalt(ledger.pool, 'lines')) === null, { within: 30_000 })
  },
)

t.test(
  'a damaged last tile, or one that was cut, is a damaged tree and not a changed log: it is to be rebuilt, and recording goes on',
  async (t) => {
    const { ledger, service, round } = await signedLedger(t)
    await ledger.pool.query(
      `UPDATE log_tiles SET hashes = overlay(hashes PLACING sha256('x') FROM 32 + 1) WHERE level = 0 AND index = 1`,
    )
    t.match((await round()).differences, [{ what: /^the tree was changed: the tile of position 258/ }])
    t.match(await checkOf(service, 'drift'), {
      ok: false,
      detail: /the tree of the log was changed.*rebuild -- --tree/,
    })
    await ledger.pool.query(
      `UPDATE log_tiles SET hashes = substring(hashes FOR 255 * 32) WHERE level = 0 AND index = 0`,
    )
    const said = (await round()).differences.map(({ what }: { what: string }) => what).join('; ')
    t.match(said, /the tree was changed/)
    t.notMatch(said, /the log was changed/)
    t.equal(await readHalt(ledger.pool), null)
    await ledger.record('one-more', proposed())
  },
)

t.test('the result of a changed log is not accepted: a rebuild cannot launder a forgery', async (t) => {
  const { ledger, asSuperuser } = await signedLedger(t)
  const common = {
    projection: statusProjection,
    pool: ledger.database.pool('projection', { max: 6 }),
    timeZone: 'Asia/Ho_Chi_Minh',
    rules: rulesOf('Asia/Ho_Chi_Minh'),
  }
  await asSuperuser(`UPDATE events SET line = replace(line, '"kind":"', '"kind":"forum","k":"') WHERE position = 42`)
  await ledger.pool.query(`UPDATE proposal_status SET kind = 'forum' WHERE proposal_id = 'p42'`)
  const stopped = await rebuild(common)
  t.match(stopped, { outcome: 'differs' })
  const acceptDifferences = 'generation' in stopped ? stopped.generation : 0
  t.match(await rebuild({ ...common, acceptDifferences }), { outcome: 'log-changed', first: /differs from the log/ })
})

t.test('a position is never given twice: a truncated log takes no writes', async (t) => {
  const { ledger, asSuperuser } = await signedLedger(t)
  await asSuperuser('DELETE FROM events WHERE position > 290')
  ledger.versions.clear()
  await t.rejects(ledger.record('another', proposed()), {
    code: haltedState,
    message: /The log was cut|The log ends at position 290/,
  })
  await eventually(async () => (await readHalt(ledger.pool, 'signer')) !== null)
  t.match(await readHalt(ledger.pool), /The log ends at position 290, but the tree has 300 leaves of it/)
})

t.test('a log that is shorter than what was signed takes no writes once the signer notices', async (t) => {
  const ledger = await openLedger(t)
  const signing = signingFor(t)
  await restoreAfterNine(t, { ledger, signing })
  const service = await startKeeping(t, ledger, signing)
  await service.untilReady(false, /9 events was signed/)
  await t.rejects(ledger.record('another', proposed()), { code: haltedState, message: /accept-restore/ })
})

t.test('a removed event is a changed log, and nobody is told to rebuild', async (t) => {
  const { ledger, service, round, asSuperuser } = await signedLedger(t)
  await ledger.record('p7', agreed())
  await service.signedAt(await ledger.record('p7', funded()))
  await service.applied(302)
  await asSuperuser('DELETE FROM events WHERE position IN (42, 301)')
  const { differences } = await round()
  const said = differences.map(({ proposalId, what }: { proposalId: string; what: string }) => `${proposalId}: ${what}`)
  t.match(
    said.join('\n'),
    /p42: .*the log was changed: the event at position 42, which was applied and is in the tree, is missing/,
  )
  t.match(said.join('\n'), /p7: .*the log was changed: 1 of the versions up to 3, is missing/)
  t.match(await checkOf(service, 'drift'), { ok: false, detail: /the log itself was changed.*do not rebuild/ })
  t.match(await readHalt(ledger.pool, 'lines'), /position 42/)
})

t.test(
  'an event that was removed with all its rows is noticed by its tile, full or not, and stops the recording until it is put back',
  async (t) => {
    const { ledger, service, round, asSuperuser } = await signedLedger(t)
    await ledger.pool.query('CREATE TABLE kept AS SELECT * FROM events WHERE position IN (42, 290)')
    await asSuperuser('DELETE FROM events WHERE position IN (42, 290)')
    for (const table of ['proposal_status', 'proposal_search', 'proposal_moments', 'moment_facets'])
      await ledger.pool.query(`DELETE FROM ${table} WHERE proposal_id IN ('p42', 'p290')`)
    await eventually(async () => !(await checkOf(service, 'log-tiles')).ok)
    t.match(await checkOf(service, 'log-tiles'), { alarm: true, detail: /from position 1 to 256, .* 1 are missing/ })
    const known =
      /changed behind the service: the event at position 42 is missing, the event at position 290 is missing/
    t.match(await readHalt(ledger.pool, 'lines'), known)
    t.match(await checkOf(service, 'drift'), { ok: false, detail: known })
    t.match((await service.get('/v1/proposals')).headers, { 'log-alarm': /served-differs/ })
    await t.rejects(ledger.record('another', proposed()), { code: haltedState })
    t.match(await round(), { differing: 0 }, 'no proposal that is there differs')
    t.match(await readHalt(ledger.pool, 'lines'), known)

    const putBackOne = (position: number) =>
      ledger.pool.query(`ALTER TABLE events DISABLE TRIGGER ALL; INSERT INTO events SELECT * FROM kept WHERE position = ${position};
        ALTER TABLE events ENABLE ALWAYS TRIGGER events_append_only; ALTER TABLE events ENABLE ALWAYS TRIGGER events_halted`)
    await putBackOne(42)
    await eventually(async () => (await checkOf(service, 'log-tiles')).detail.includes('from position 257 to 300'))
    await putBackOne(290)
    t.match(await round(), { differing: 2 }, 'their rows are still missing')
    t.equal(await readHalt(ledger.pool, 'lines'), null)
    await eventually(async () => (await checkOf(service, 'log-tiles')).ok)
  },
)

t.test('a tile that does not fit is an alarm, and only a rebuild of the tree is recommended', async (t) => {
  const { ledger, service, round } = await signedLedger(t)
  await ledger.pool.query(
    `UPDATE log_tiles SET hashes = overlay(hashes PLACING sha256('x') FROM 1) WHERE level = 1 AND index = 0`,
  )
  await eventually(async () => !(await checkOf(service, 'log-tiles')).ok)
  const { detail } = await checkOf(service, 'log-tiles')
  t.match(detail, /tile 0\/0 of the tree does not fit.*rebuild -- --tree/)
  t.equal((await service.get('/health/ready')).statusCode, 200)
  await ledger.pool.query(
    `UPDATE log_tiles SET hashes = overlay(hashes PLACING sha256('x') FROM 9 * 32 + 1) WHERE level = 0 AND index = 0`,
  )
  await round()
  t.match(await checkOf(service, 'drift'), { detail: /the tree of the log was changed.*rebuild -- --tree/ })
  t.notMatch((await checkOf(service, 'drift')).detail, /accept-differences/)
})

async function checkOf({ get }: Pick<Keeping, 'get'>, name: string) {
  const { checks } = (await get('/health/ready')).json()
  return checks.find((check: { name: string }) => check.name === name)
}

t.test('a round takes at most a day for any number of proposals', (t) => {
  const round = { isAsked: false, total: 1_000_000, live: 1, rules: 'r' }
  const known = new Map([['proposal-status', { round, differing: new Map() }]])
  const drift = { rate: 2, rules: 'r', failures: 0, known } as unknown as Parameters<typeof pauseAfter>[0]
  for (const took of [10, 1_000])
    t.ok((pauseAfter(drift, took) * 1_000_000) / 10 < 24 * 3_600 * 1_000, `${took} ms a look`)
  t.match(differenceSentence(new Map([['lab', 'has no row']])), /npm run rebuild/)
  t.end()
})

t.test('a halt for a changed log that somebody takes away is set again, without a round', async (t) => {
  const { ledger, round, asSuperuser } = await signedLedger(t)
  await asSuperuser(forged)
  await round()
  await ledger.database.pool('projection').query('DELETE FROM log_halts')
  await eventually(async () => /position 42/.test((await readHalt(ledger.pool, 'lines')) ?? ''), { within: 20_000 })
})
