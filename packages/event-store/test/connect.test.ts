import {
  acceptRestore,
  assertDurable,
  assertOwnSessions,
  clientFactory,
  openPool,
  readLogIdentity,
} from '@commitments/event-store'
import { eventually, openDatabase } from '@commitments/test-kit'
import t from 'tap'
import { given } from './examples.ts'

t.test('a connection begins with its search path, role and limits', async (t) => {
  const database = await openDatabase(t)
  const { rows } = await database.pool('projection').query(
    `SELECT current_setting('search_path') AS path, current_user AS role, current_setting('statement_timeout') AS timeout,
            current_setting('default_transaction_isolation') AS isolation, current_setting('application_name') AS name`,
  )
  const expected = {
    path: 'commitments,pg_temp',
    role: 'commitments_projection',
    timeout: '0',
    isolation: 'read committed',
    name: 'test',
  }
  t.same(rows, [expected])
})

t.test('settings in the address apply, unless they would undo ours', async (t) => {
  const database = await openDatabase(t)
  const url = new URL(database.url)
  url.searchParams.set(
    'options',
    '-c work_mem=7MB -c statement_timeout=1 -c default_transaction_isolation=serializable',
  )
  const pool = openPool(url.href, { ledger: 'commitments', role: 'command', max: 1 })
  t.after(() => pool.end())
  const { rows } = await pool.query(
    `SELECT current_setting('work_mem') AS memory, current_setting('statement_timeout') AS timeout`,
  )
  t.same(rows, [{ memory: '7MB', timeout: '0' }])
  t.match(await given(pool, 'a', 1), [{ outcome: 'appended' }])
})

t.test('positions come as numbers and days as text, in lists too', async (t) => {
  const { rows } = await (await openDatabase(t))
    .pool()
    .query(
      `SELECT 9007199254740991::int8 AS position, '2024-01-31'::date AS day, 'infinity'::date AS never, '{2024-02-29,infinity}'::date[] AS days`,
    )
  t.same(rows, [
    { position: Number.MAX_SAFE_INTEGER, day: '2024-01-31', never: 'infinity', days: ['2024-02-29', 'infinity'] },
  ])
})

t.test('a statement that nobody waits for is cancelled, in the database too, and the pool continues', async (t) => {
  const database = await openDatabase(t)
  let wanted: AbortController | undefined = new AbortController()
  const options = { ledger: 'commitments', max: 1, applicationName: 'unwanted' }
  const pool = openPool(database.url, { ...options, wanted: () => wanted?.signal })
  t.after(() => pool.end())
  const watcher = database.pool()
  const untilRunning = (many: number) =>
    eventually(async () => {
      const { rows } = await watcher.query(
        `SELECT FROM pg_stat_activity WHERE application_name = 'unwanted' AND state = 'active'`,
      )
      if (rows.length !== many) throw new Error(`${rows.length} are running`)
    })
  const both = Promise.allSettled([pool.query('SELECT pg_sleep(60)'), pool.query('SELECT 1')])
  await untilRunning(1)
  wanted.abort()
  const [long, waiting] = await both
  t.match(long, { status: 'rejected', reason: { message: /nobody waits/ } })
  t.match(waiting, { status: 'rejected' }, 'what waited for the connection is given up as well')
  await untilRunning(0)
  await t.rejects(pool.query('SELECT 1'), { name: 'AbortError' }, 'nothing is begun for somebody who has left')
  wanted = undefined
  t.same((await pool.query('SELECT 1 AS one')).rows, [{ one: 1 }])
})

t.test('a connection that is terminated while idle, or checked out and idle, does not end the process', async (t) => {
  const database = await openDatabase(t)
  const warnings: string[] = []
  const logger = { info: () => undefined, warn: (_: object, message: string) => warnings.push(message) }
  const pool = openPool(database.url, { ledger: 'commitments', max: 2, applicationName: 'victim', logger })
  t.after(() => pool.end())
  const held = await pool.connect()
  await pool.query('SELECT 1')
  await database
    .pool()
    .query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'`)
  await eventually(() => warnings.length === 1)
  await t.rejects(held.query('SELECT 1'))
  held.release(true)
  t.same((await pool.query('SELECT 1 AS one')).rows, [{ one: 1 }])
})

t.test('the factory makes a new unconnected client each time', async (t) => {
  const database = await openDatabase(t)
  const connect = clientFactory(database.url, { ledger: 'commitments', role: 'command' })
  const [one, other] = [connect(), connect()]
  t.not(one, other)
  await one.connect()
  t.match((await one.query('SELECT current_user AS role')).rows, [{ role: 'commitments_command' }])
  await one.end()
})

t.test('a service whose database cannot be reached at its start says so in a sentence', async (t) => {
  const pool = openPool('postgres://nobody@127.0.0.1:1/nothing', { ledger: 'commitments', max: 2 })
  t.after(() => pool.end())
  const sentence = 'this service cannot start: the database cannot be reached (ECONNREFUSED)'
  await t.rejects(assertOwnSessions(pool), { name: 'LedgerUnusable', message: sentence })
})

t.test('a database that can lose acknowledged events is refused with advice', async (t) => {
  const database = await openDatabase(t, { durable: true })
  await assertDurable(database.pool('command'))
  const url = new URL(database.url)
  url.searchParams.set('options', '-c synchronous_commit=off')
  const pool = openPool(url.href, { ledger: 'commitments', max: 1 })
  t.after(() => pool.end())
  await t.rejects(assertDurable(pool), /^synchronous_commit is off .* Set it to on/)
})

t.test('of two that accept a restore at the same moment one does, and the other is told', async (t) => {
  const database = await openDatabase(t)
  const [pool, first] = [database.pool(), await database.client()]
  await first.query('BEGIN')
  const { logId } = await acceptRestore(first, 'one')
  const second = acceptRestore(pool, 'two').catch((error: unknown) => error)
  await eventually(async () => {
    const { rows } = await first.query<{ waiting: boolean }>(
      "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted) AS waiting",
    )
    return rows[0]?.waiting === true
  })
  await first.query('COMMIT')
  t.match(await second, { name: 'LedgerUnusable', message: /^somebody else has accepted a restore/ })
  t.match(await readLogIdentity(pool), { logId, generation: 2 })
})

t.test('an accepted restore gives the log another identity, whose reason stays readable', async (t) => {
  const database = await openDatabase(t)
  const before = await readLogIdentity(database.pool('projection'))
  t.equal(before.generation, 1)
  await given(database.pool('command'), 'a', 3)
  await t.rejects(acceptRestore(database.pool('command'), 'not mine to say'), { code: '42501' })
  const after = await acceptRestore(database.pool(), 'restored from the backup of Sunday')
  t.equal(after.generation, 2)
  t.not(after.logId, before.logId)
  t.same(await readLogIdentity(database.pool('command')), after)
  const { rows } = await database.pool().query('SELECT first_position, reason FROM log_identity WHERE generation = 2')
  t.same(rows, [{ first_position: 4, reason: 'restored from the backup of Sunday' }])
  // As where two more were recorded after a loss, in place of what had been signed, before it was noticed.
  await database.pool().query(`INSERT INTO log_checkpoints (log_id, size, root, note, vkeys, epoch)
    SELECT log_id, 1, sha256(''), '', '', 1 FROM log_identity WHERE generation = 2`)
  await acceptRestore(database.pool(), 'again')
  const again = await database.pool().query('SELECT first_position FROM log_identity WHERE generation = 3')
  t.same(again.rows, [{ first_position: 2 }], 'after the last event that is known to have been signed')
})
