import { appendEvents, migrate, openPool, readHead, readLog } from '@commitments/event-store'
import { openDatabase, type TestDatabase } from '@commitments/test-kit'
import t from 'tap'
import { event, given, run } from './examples.ts'

const writers = 12
const batchesOfEach = 20

t.test(
  'with many writers positions have no gaps, and a reader after a checkpoint sees each once and in order',
  async (t) => {
    const database = await openDatabase(t)
    const pool = database.pool('command', { max: writers })
    const total = writers * batchesOfEach * 3
    const [seen] = await Promise.all([
      followByPolling(database, total),
      ...Array.from({ length: writers }, (_, writer) => write(pool, writer)),
    ])
    t.same(
      seen,
      Array.from({ length: total }, (_, index) => index + 1),
    )
  },
)

t.test('with many writers times never go back along the positions', async (t) => {
  const database = await openDatabase(t)
  const pool = database.pool('command', { max: writers })
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(pool, writer)))
  const { rows } = await pool.query(
    'SELECT FROM (SELECT recorded_at < lag(recorded_at) OVER (ORDER BY position) AS fell FROM events) WHERE fell',
  )
  t.equal(rows.length, 0)
})

t.test('while a writer has not committed, readers do not wait, and miss nothing afterwards', async (t) => {
  const database = await openDatabase(t)
  const [held, pool] = [await database.client('command'), database.pool('command')]
  await given(pool, 'before', 1)
  await held.query('BEGIN')
  await appendEvents(held, run('held', 1, 2))
  const other = appendEvents(pool, [event('other', 1)])
  t.same(await readPositions(pool, 0), [1], 'a reader is answered at once, with what is committed')
  t.equal((await readHead(pool)).position, 1)
  await held.query('COMMIT')
  t.match(await other, [{ outcome: 'appended', position: 4 }], 'the other writer waited for its place')
  t.same(await readPositions(pool, 1), [2, 3, 4])
})

t.test('a writer that rolls back leaves no gap', async (t) => {
  const database = await openDatabase(t)
  const [held, pool] = [await database.client('command'), database.pool('command')]
  await held.query('BEGIN')
  await appendEvents(held, run('gone', 1, 2))
  const other = appendEvents(pool, [event('stays', 1)])
  await held.query('ROLLBACK')
  t.match(await other, [{ outcome: 'appended', position: 1 }])
})

t.test('a statement that was prepared long ago sees what others committed while it waited for the lock', async (t) => {
  const database = await openDatabase(t)
  const [held, waiting] = [await database.client('command'), await database.client('command')]
  await appendEvents(waiting, [event('a', 1)])
  await held.query('BEGIN')
  await appendEvents(held, [event('a', 2)])
  const late = appendEvents(waiting, [event('a', 2)])
  await held.query('COMMIT')
  t.same(await late, [{ outcome: 'version-conflict', actual: 2 }])
})

t.test('two ledgers of one database do not wait for each other', async (t) => {
  const database = await openDatabase(t)
  await migrate(database.url, { ledger: 'second' })
  const second = openPool(database.url, { ledger: 'second', role: 'command' })
  t.after(() => second.end())
  const held = await database.client('command')
  await held.query('BEGIN')
  await appendEvents(held, [event('a', 1)])
  t.match(await appendEvents(second, [event('a', 1)]), [{ outcome: 'appended', position: 1 }])
  await held.query('ROLLBACK')
})

async function write(pool: ReturnType<TestDatabase['pool']>, writer: number): Promise<void> {
  for (let batch = 0; batch < batchesOfEach; batch += 1) {
    await appendEvents(pool, run(`writer-${writer}-${batch}`, 1, 3))
  }
}

/** Works like a projector: reads after the checkpoint, and moves it. */
async function followByPolling(database: TestDatabase, until: number): Promise<number[]> {
  const pool = database.pool('projection')
  const seen: number[] = []
  while (seen.length < until) seen.push(...(await readPositions(pool, seen.at(-1) ?? 0)))
  return seen
}

async function readPositions(pool: ReturnType<TestDatabase['pool']>, after: number): Promise<number[]> {
  return (await readLog(pool, { after, limit: 50 })).map((row) => row.position)
}
