import { setTimeout as sleep } from 'node:timers/promises'
import { clockChecks, followDatabaseClock } from '@commitments/event-store'
import { eventually, openDatabase } from '@commitments/test-kit'
import t from 'tap'

const day = 86_400_000
const minute = 60_000

async function openClock(t: Parameters<typeof openDatabase>[0], machine?: () => number) {
  const pool = (await openDatabase(t)).pool()
  const clock = await followDatabaseClock(pool, { every: 20, ...(machine && { machine }) })
  t.after(() => clock.close())
  return { pool, clock }
}

t.test('the time is that of the database, however the clock of the machine is set', async (t) => {
  let set = 10 * day
  const { pool, clock } = await openClock(t, () => Date.now() + set)
  const { rows } = await pool.query<{ now: number }>(
    'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now',
  )
  t.ok(Math.abs(clock.now().getTime() - (rows[0]?.now ?? 0)) < minute)
  t.ok(Math.abs(clock.machineAhead() - 864_000) < 60)
  const before = clock.now().getTime()
  set = -2 * day
  t.ok(clock.now().getTime() >= before, 'a step of the machine moves nothing')
  t.ok(Math.abs(clock.machineAhead() + 172_800) < 60, 'it is noticed at once')
})

t.test('the time goes on while the database is away', async (t) => {
  const { pool, clock } = await openClock(t)
  await pool.end()
  const before = clock.now().getTime()
  await sleep(60)
  t.ok(clock.now().getTime() > before)
})

t.test('the time of the ledger is never before its newest event', async (t) => {
  const { pool, clock } = await openClock(t)
  await pool.query(
    `INSERT INTO events (position, proposal_id, version, event_id, recorded_at, line)
     VALUES (1, 'future', 1, gen_random_uuid(), clock_timestamp() + interval '10 days', '{}')`,
  )
  await eventually(() => clock.ledgerNow().getTime() - clock.now().getTime() > 9 * day)
})

t.test(
  'the clocks of database and machine may differ by five seconds; beyond that somebody is told which way',
  async (t) => {
    const { pool } = await openClock(t)
    const detailAt = async (ahead: number) => {
      const [, machine] = clockChecks(pool, { machineAhead: () => ahead })
      return machine?.check()
    }
    t.match(await detailAt(4.9), { ok: true })
    t.match(await detailAt(-4.9), { ok: true })
    t.match(await detailAt(5.1), {
      ok: false,
      detail: /^the clock of this machine is 5\.1 s ahead of the database clock\. Days/,
    })
    t.match(await detailAt(-7), { ok: false, detail: /^the clock of this machine is 7\.0 s behind the database clock/ })
  },
)
