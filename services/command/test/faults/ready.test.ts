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
