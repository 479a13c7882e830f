import {
  type AppendFault,
  appendEvents,
  classifyFault,
  describeFault,
  openPool,
  sqlState,
  TookTooLong,
} from '@commitments/event-store'
import { eventually, openDatabase, type TestDatabase, tcpProxy } from '@commitments/test-kit'
import t from 'tap'
import { event, key } from './examples.ts'

t.test('what a fault of the database means is said to operators without addresses, users and data', async (t) => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:5432'), {
    code: 'ECONNREFUSED',
    syscall: 'connect',
  })
  t.equal(describeFault(refused), 'the database cannot be reached (ECONNREFUSED)')
  t.equal(describeFault(new AggregateError([refused, refused])), 'the database cannot be reached (ECONNREFUSED)')
  t.match(describeFault(serverError('57P03')), /^the database is starting or stopping, .* \(57P03\)$/)
  t.match(describeFault(serverError('53300')), /no connections left: raise its max_connections/)
  t.match(describeFault(serverError('08006')), /^the database cannot work now \(08006\)$/)
  t.equal(describeFault(new Error('Connection terminated unexpectedly')), 'the connection to the database was lost')
  t.match(describeFault(new Error('timeout exceeded when trying to connect')), /gave no connection in time/)
  t.equal(describeFault(new TookTooLong('x')), 'the database gave no answer in time')
  const nowhere = new Error('no host of the address fits target_session_attrs=read-write: db-1:5432 is a standby')
  t.equal(describeFault(nowhere), 'no server of the address can be reached and fits target_session_attrs=read-write')
  t.equal(describeFault(serverError('42601')), null, 'a mistake of ours is not a fault of the database')
  t.match(describeFault(serverError('42P01')), /^a table of the ledger is not there, .* it is being restored/)
  t.equal(describeFault(new TypeError('x')), null)
})

t.test('each SQLSTATE says what a failed append means', (t) => {
  const states: Record<AppendFault, string[]> = {
    'not-recorded': [
      '28P01',
      '3D000',
      '53300',
      '57P03',
      '40001',
      '40P01',
      '42501',
      '42883',
      '25006',
      '55P03',
      '57014',
      '53200',
    ],
    content: ['22000', '22021', '23505', '23514', '54000'],
    unknown: [
      '08006',
      '08007',
      '57P01',
      '57P02',
      '57P05',
      '25P03',
      '25P04',
      '40003',
      '53100',
      '58030',
      'XX000',
      'XX001',
    ],
  }
  for (const [fault, codes] of Object.entries(states)) {
    for (const code of codes) t.equal(classifyFault(serverError(code)), fault, code)
  }
  t.end()
})

t.test('an error that did not come from the server says what is known about it', (t) => {
  t.equal(
    classifyFault(Object.assign(new Error('refused'), { code: 'ECONNREFUSED', syscall: 'connect' })),
    'not-recorded',
  )
  t.equal(
    classifyFault(Object.assign(new Error('no host'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' })),
    'not-recorded',
  )
  t.equal(classifyFault(new AggregateError([Object.assign(new Error('a'), { syscall: 'connect' })])), 'not-recorded')
  t.equal(classifyFault(new AggregateError([Object.assign(new Error('a'), { syscall: 'read' })])), 'unknown')
  t.equal(classifyFault(Object.assign(new Error('reset'), { code: 'ECONNRESET', syscall: 'read' })), 'unknown')
  t.equal(classifyFault(Object.assign(new Error('pipe'), { code: 'EPIPE', syscall: 'write' })), 'unknown')
  t.equal(classifyFault(new Error('Connection terminated unexpectedly')), 'unknown')
  t.equal(classifyFault(new Error('timeout exceeded when trying to connect')), 'not-recorded')
  t.equal(classifyFault('no error'), 'unknown')
  t.equal(
    sqlState(Object.assign(new Error('pipe'), { code: 'EPIPE' })),
    null,
    'a code of five letters that is not a SQLSTATE',
  )
  t.end()
})

t.test('real faults are classified correctly', async (t) => {
  const database = await openDatabase(t)
  const pool = database.pool('command')
  const keyDigest = key()

  t.equal(await faultOf(appendEvents(pool, [event('a', 1, { keyDigest }), event('b', 1, { keyDigest })])), 'content')
  t.equal(
    await faultOf(appendEvents(pool, [event('a', 1, { rest: `"a":"\u0000"}` })])),
    'content',
    'text that Postgres cannot hold',
  )
  t.equal(await faultOf(appendEvents(database.pool('projection'), [event('a', 1)])), 'not-recorded', 'not permitted')
  const nowhere = openPool('postgres://nobody@127.0.0.1:1/nothing', { ledger: 'commitments' })
  t.equal(await faultOf(appendEvents(nowhere, [event('a', 1)])), 'not-recorded', 'nobody listens')
  await nowhere.end()

  const proxy = await tcpProxy(t, { port: Number(new URL(database.url).port) })
  const behind = openPool(proxy.through(database.url), { ledger: 'commitments', role: 'command', max: 1 })
  t.after(() => behind.end())
  await appendEvents(behind, [event('c', 1)])
  const lost = proxy.loseAnswer()
  const [, fault] = await Promise.all([lost, faultOf(appendEvents(behind, [event('c', 2)]))])
  t.equal(fault, 'unknown', 'the answer was lost')
  t.match(
    await appendEvents(pool, [event('c', 2)]),
    [{ outcome: 'version-conflict', actual: 2 }],
    'and it was recorded',
  )
})

t.test('a backend that is terminated while its append waits leaves the outcome unknown', async (t) => {
  const database = await openDatabase(t)
  const [held, waiting] = [await database.client('command'), database.pool('command', { max: 1 })]
  await held.query('BEGIN')
  await appendEvents(held, [event('a', 1)])
  const append = faultOf(appendEvents(waiting, [event('b', 1)]))
  await eventually(() => terminateWaiting(database))
  t.equal(await append, 'unknown')
  await held.query('COMMIT')
})

/** Whether there was a connection to terminate. */
async function terminateWaiting(database: TestDatabase): Promise<boolean> {
  const { rowCount } = await database
    .pool()
    .query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'relation' AND datname = current_database()`,
    )
  return rowCount === 1
}

async function faultOf(append: Promise<unknown>): Promise<AppendFault | 'none'> {
  return await append.then(() => 'none' as const, classifyFault)
}

function serverError(code: string): Error {
  return Object.assign(new Error(code), { code, severity: 'ERROR' })
}
