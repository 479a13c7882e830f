import { eventually, proposed } from '@commitments/test-kit'
import t from 'tap'
import { openCommandApp } from '../app-fixture.ts'
import { holdLog, terminateBackends, untilAppendsWait } from './behind-proxy.ts'

t.setTimeout(120_000)

t.test('with a read-only database the service is not ready, and tells the operator what to do', async (t) => {
  const { app, post, database } = await openCommandApp(t)
  const check = async () => {
    const { checks } = (await app.inject('/health/ready')).json()
    return checks.find(({ name }: { name: string }) => name === 'database')
  }
  t.match(await check(), { ok: true })
  const pool = database.pool()
  const { rows } = await pool.query('SELECT current_database() AS name')
  await pool.query(`ALTER DATABASE ${rows[0].name} SET default_transaction_read_only TO on`)
  await terminateBackends(database)
  await eventually(async () => (await app.inject('/health/ready')).statusCode === 503)
  t.match(await check(), { ok: false, detail: /only reads: default_transaction_read_only is on/ })
  t.match((await post('lab', proposed())).json(), { status: 503, code: 'unavailable' })
  const owner = await database.client()
  await owner.query('SET default_transaction_read_only TO off')
  await owner.query(`ALTER DATABASE ${rows[0].name} RESET default_transaction_read_only`)
  await terminateBackends(database)
  await eventually(async () => (await post('lab', proposed())).statusCode === 201)
  await eventually(async () => (await app.inject('/health/ready')).statusCode === 200)
})

t.test(
  'while a batch waits too long for the lock of the log the service is not ready; afterwards it is ready',
  async (t) => {
    const { app, post, database } = await openCommandApp(t, { limits: { stuckAfterMs: 50 } })
    const letGo = await holdLog(database)
    const waiting = post('lab', proposed())
    await untilAppendsWait(database, 1)
    await eventually(async () => (await app.inject('/health/ready')).statusCode === 503)
    const { checks } = (await app.inject('/health/ready')).json()
    t.match(
      checks.find(({ name }: { name: string }) => name === 'queue'),
      {
        ok: false,
        detail:
          /^1 events wait, and the oldest batch has been waiting for the database for \d+\.\d s; pg_locks and pg_stat_activity show the holder/,
      },
    )
    await letGo()
    t.equal((await waiting).statusCode, 201)
    await eventually(async () => (await app.inject('/health/ready')).statusCode === 200)
  },
)

t.test('after an append without an answer the service is not ready until the log takes writes again', async (t) => {
  const limits = { log: { tryMs: 150, readMs: 1_000 }, append: { resendForMs: 200, pauseMs: 10 } }
  const { app, post, database } = await openCommandApp(t, { limits })
  const letGo = await holdLog(database)
  t.match((await post('lab', proposed())).json(), { status: 503, code: 'outcome-unknown' })
  for (let look = 0; look < 3; look += 1) {
    const answer = await app.inject('/health/ready')
    const check = answer.json().checks.find(({ name }: { name: string }) => name === 'queue')
    t.match(
      [answer.statusCode, check.detail],
      [503, /^0 events wait, and for \d+\.\d s no append has had an answer from the database: the database gave no/],
    )
  }
  await letGo()
  await eventually(async () => (await app.inject('/health/ready')).statusCode === 200)
  t.equal((await post('other', proposed())).statusCode, 201)
})
