import { setTimeout as sleep } from 'node:timers/promises'
import { classifyFault } from '@commitments/event-store'
import { projections, rebuild, rulesOf } from '@commitments/projection'
import { agreed, eventually, funded, proposed } from '@commitments/test-kit'
import type { Pool } from 'pg'
import t, { type Test } from 'tap'
import { type ColumnType, createRowBytes, putRow } from '../src/copy-binary.ts'
import { type Projection, targetsOf } from '../src/projections/projection.ts'
import { copyInto } from '../src/projections/rebuild/copy-rows.ts'
import { fill } from '../src/projections/rebuild/fill.ts'
import { cutIds, rangesBetween } from '../src/projections/rebuild/id-ranges.ts'
import { fillRanges, type WorkerConnection } from '../src/projections/rebuild/parallel-fill.ts'
import { checkReplay } from '../src/replay-check/check-replay.ts'
import { statusProjection } from '../src/status/status-projection.ts'
import { type IdRange, streamsInOrder } from '../src/streams/streams-in-order.ts'
import { type Ledger, openLedger } from './support.ts'

const timeZone = 'Asia/Ho_Chi_Minh'

/** Ids that are prefixes of one another, and that a language would sort differently than bytes do. */
const oddIds = ['0', '9', 'a', 'a--b', 'a-b', 'a0', 'aa', 'ab', 'b', 'p', 'p--0', 'z', 'z'.repeat(80)]

/** About twenty streams of one to sixty events, and a few hundred of one. */
async function record(ledger: Ledger): Promise<number> {
  const short = Array.from({ length: 400 }, (_, index) => `p-${index}`)
  await ledger.recordAll(
    [...oddIds, ...short].map((id) => [id, proposed({ title: { en: `a\t\\"${id}`, ko: '한국어' } })]),
  )
  await ledger.recordAll(oddIds.map((id) => [id, agreed()]))
  await ledger.recordImpossible('p-7')
  await ledger.record('part', proposed({ parent: 'a' }))
  return ledger.recordAll(
    Array.from({ length: 300 }, (_, index) => [oddIds[index % 5] as string, funded({ line: `${index}` })]),
  )
}

async function prepared(t: Test) {
  const ledger = await openLedger(t)
  const head = await record(ledger)
  const pool = ledger.database.pool('projection', { max: 6 })
  return { ledger, head, pool, connection: connectionOf(ledger) }
}

/** Workers can be recognized by their application name. */
function connectionOf({ database }: Ledger): WorkerConnection {
  return { url: database.url, options: { ledger: database.ledger, role: 'projection', applicationName: 'test worker' } }
}

async function makeGeneration(ledger: Ledger, { name }: Projection): Promise<number> {
  const { rows } = await ledger.pool.query("SELECT make_generation($1, 'x') AS generation", [name])
  return rows[0].generation
}

/** A thread with this pool begins so late that usually the workers have taken the ranges. */
function late(pool: Pool): Pool {
  return begunAfter(sleep(1_500), pool)
}

function begunAfter(event: Promise<unknown>, pool: Pool): Pool {
  return Object.create(pool, { connect: { value: () => event.then(() => pool.connect()) } })
}

/** Everything that was filled, without the number of the generation. */
async function filled(ledger: Ledger, projection: Projection, generation: number): Promise<unknown[]> {
  const tables = targetsOf(projection, generation).map(async ({ table, types }) => {
    const columns = Object.keys(types).join(', ')
    const { rows } = await ledger.pool.query(
      `SELECT ${columns} FROM ${table} WHERE generation = $1 ORDER BY ${columns.replace(', title,', ',').replace(/, title$/, '')}`,
      [generation],
    )
    return rows
  })
  return Promise.all(tables)
}

async function workerSessions(ledger: Ledger): Promise<number> {
  const { rows } = await ledger.pool.query(
    `SELECT count(*) AS sessions FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'test worker'`,
  )
  return rows[0].sessions
}

t.test('ranges cover every id once, whatever their borders', async (t) => {
  t.same(rangesBetween([]), [{ from: '', before: null }])
  t.same(rangesBetween(['b', 'b', 'd']), [
    { from: '', before: 'b' },
    { from: 'b', before: 'd' },
    { from: 'd', before: null },
  ])
})

t.test('streams are read whole and in order across ranges, however many there are', async (t) => {
  const { ledger, head, pool } = await prepared(t)
  const { rows } = await ledger.pool.query(
    'SELECT proposal_id AS id, count(*)::integer AS events FROM events GROUP BY 1 ORDER BY 1',
  )
  for (const eventsOfRange of [10, 50, 300, 1_000_000]) {
    const ranges = await cutIds(pool, head, eventsOfRange)
    t.equal(ranges.length > 1, eventsOfRange < head, `${ranges.length} ranges`)
    const found: unknown[] = []
    for await (const streams of streamsInOrder(pool, 'proposal-status', head, ranges)) {
      found.push(...streams.map(({ proposalId: id, entries }) => ({ id, events: entries.length })))
    }
    t.same(found, rows)
  }
})

t.test('workers write what one thread would have written, and progress adds up', async (t) => {
  const { ledger, head, pool, connection } = await prepared(t)
  const everyId = oddIds.flatMap((id) => [id, `${id}-`])
  const cuts: (readonly IdRange[])[] = [
    await cutIds(pool, head, 20),
    rangesBetween(everyId.toSorted((a, b) => (a < b ? -1 : 1))),
    // Fewer than there are threads.
    rangesBetween([]),
  ]
  for (const projection of projections) {
    const alone = await makeGeneration(ledger, projection)
    const common = { pool, projection, timeZone, upTo: head }
    await fill({ ...common, generation: alone, onFolded: () => {} })
    const expected = await filled(ledger, projection, alone)
    for (const ranges of cuts) {
      const generation = await makeGeneration(ledger, projection)
      let done = 0
      const onFolded = (events: number) => {
        done += events
      }
      await fillRanges({ ...common, generation, onFolded }, connection, ranges, 2)
      t.equal(done, head, `${projection.name}, ${ranges.length} ranges`)
      t.same(await filled(ledger, projection, generation), expected)
    }
  }
  t.equal(await workerSessions(ledger), 0)
})

t.test('a fault in a worker is reported unchanged, and no thread continues', async (t) => {
  const { ledger, head, pool, connection } = await prepared(t)
  const upTo = await ledger.recordUnstorable('q')
  const generation = await makeGeneration(ledger, statusProjection)
  const options = { projection: statusProjection, generation, timeZone, upTo, onFolded: () => {} }
  const ranges = [{ from: 'q', before: 'r' }, ...rangesBetween(oddIds)]
  const fault = await fillRanges({ ...options, pool: late(pool) }, connection, ranges, 2).catch(
    (error: unknown) => error,
  )
  t.equal(classifyFault(fault), 'content', String(fault))
  await eventually(async () => (await workerSessions(ledger)) === 0)
  t.equal(pool.idleCount, pool.totalCount, 'no connection of this thread is taken')
  const elsewhere = { ...connection, url: connection.url.replace(/\/[^/]*$/, '/nowhere') }
  // Up to here, nothing is unstorable, so only the worker has a fault, whichever is faster.
  const another = { ...options, pool, upTo: head, generation: await makeGeneration(ledger, statusProjection) }
  await t.rejects(fillRanges(another, elsewhere, ranges, 1), { code: '3D000' })
})

t.test('a worker that loses its connection ends the fill, and the next rebuild drops the remains', async (t) => {
  const { ledger, head, pool, connection } = await prepared(t)
  const generation = await makeGeneration(ledger, statusProjection)
  const cutOff = async () => {
    const { rowCount } = await ledger.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'test worker'`,
    )
    return rowCount !== 0
  }
  const isCutOff = eventually(cutOff, { within: 60_000 })
  const options = {
    // This thread begins when the worker is gone, so that the worker has something to do until then.
    pool: begunAfter(isCutOff, pool),
    projection: statusProjection,
    generation,
    timeZone,
    upTo: head,
    onFolded: () => {},
  }
  const filling = fillRanges(options, connection, await cutIds(pool, head, 10), 1)
  const [ended] = await Promise.allSettled([filling, isCutOff])
  t.equal(ended.status, 'rejected')
  await eventually(async () => (await workerSessions(ledger)) === 0)
  t.equal(pool.idleCount, pool.totalCount, 'no connection of this thread is taken')
  const rebuilt = await rebuild({ pool, projection: statusProjection, timeZone, rules: 'x' })
  t.match(rebuilt, { outcome: 'switched', generation: generation + 1 })
  const { rows } = await ledger.pool.query('SELECT to_regclass($1) AS gone', [`proposal_status_${generation}`])
  t.equal(rows[0].gone, null)
})

t.test('if the database refuses a row, a long log is rebuilt in batches', { timeout: 120_000 }, async (t) => {
  const ledger = await openLedger(t)
  await recordLong(ledger)
  await ledger.recordUnstorable('q')
  const pool = ledger.database.pool('projection', { max: 6 })
  const options = {
    pool,
    projection: statusProjection,
    timeZone,
    rules: rulesOf(timeZone),
    workers: connectionOf(ledger),
  }
  t.match(await rebuild(options), { outcome: 'switched' })
  const { rows } = await ledger.pool.query('SELECT proposal_id, parked FROM proposal_status WHERE parked IS NOT NULL')
  t.match(rows, [{ proposal_id: 'q', parked: { code: 'unstorable' } }])
  t.match(await checkReplay(ledger.pool, timeZone), { found: 0 })
  t.equal(await workerSessions(ledger), 0)
})

/** Long enough for workers. */
async function recordLong(ledger: Ledger): Promise<void> {
  for (let from = 0; from < 22_500; from += 2_500) {
    await ledger.recordAll(Array.from({ length: 2_500 }, (_, index) => [`p-${from + index}`, proposed()]))
  }
}

/** One column of each type, with values that could break it, and how the database shows them. */
const samples: Record<ColumnType, readonly (readonly [value: unknown, shown: string | null])[]> = {
  text: [
    ['', ''],
    ['a\tb\\c\n"d"\r', 'a\tb\\c\n"d"\r'],
    ['한국어 đề 😀'.repeat(9), '한국어 đề 😀'.repeat(9)],
    [null, null],
  ],
  'text[]': [
    [[], '{}'],
    [['a"b', '\\N', '', 'NULL', 'đ'], '{"a\\"b","\\\\N","","NULL",đ}'],
  ],
  jsonb: [
    [{ a: 'đ"\\' }, '{"a": "đ\\"\\\\"}'],
    [null, null],
  ],
  integer: [
    [0, '0'],
    [2 ** 31 - 1, '2147483647'],
    [-1, '-1'],
  ],
  bigint: [
    [2 ** 53 - 1, '9007199254740991'],
    [2 ** 32 - 1, '4294967295'],
    [2 ** 31, '2147483648'],
    [-1, '-1'],
  ],
  date: [
    ['infinity', 'infinity'],
    ['1999-12-31', '1999-12-31'],
    ['0001-01-01', '0001-01-01'],
    ['9999-12-31', '9999-12-31'],
  ],
  'date[]': [
    [['2024-02-29', '2026-11-22'], '{2024-02-29,2026-11-22}'],
    [[], '{}'],
  ],
  timestamptz: [
    ['2026-11-22T08:00:00.000123Z', '2026-11-22 08:00:00.000123+00'],
    ['1970-01-01T00:00:00Z', '1970-01-01 00:00:00+00'],
    ['1999-12-31T23:59:59.5Z', '1999-12-31 23:59:59.5+00'],
  ],
  uuid: [['0f9d3a51-5b0e-4c7e-8f1a-00ff00ff00ff', '0f9d3a51-5b0e-4c7e-8f1a-00ff00ff00ff']],
}

t.test('each type survives the binary format of COPY with everything that could break it', async (t) => {
  const ledger = await openLedger(t)
  const pool = ledger.database.pool(undefined, { max: 1 })
  const write = async (type: ColumnType, values: readonly unknown[]) => {
    await pool.query(
      `DROP TABLE IF EXISTS sample; CREATE TABLE sample (generation integer, nth integer, value ${type})`,
    )
    const target = { table: 'sample', generation: 1, types: { nth: 'integer', value: type } as const }
    // Too small on purpose, so that it has to grow.
    const bytes = createRowBytes(1)
    for (const [nth, value] of values.entries()) putRow(bytes, target, { nth, value })
    await copyInto(pool, [target], async ([copy]) => copy?.write(bytes.buffer.subarray(0, bytes.length)))
    const { rows } = await pool
      .query("SET TIME ZONE 'UTC'")
      .then(() => pool.query('SELECT value::text FROM sample ORDER BY nth'))
    return rows.map(({ value }) => value)
  }
  for (const [type, pairs] of Object.entries(samples)) {
    t.same(
      await write(
        type as ColumnType,
        pairs.map(([value]) => value),
      ),
      pairs.map(([, shown]) => shown),
      type,
    )
  }
  for (const [type, value] of [
    ['date', '2024-02-30'],
    ['date', 'x'],
    ['timestamptz', 'x'],
    ['text', 'a\0b'],
  ] as const) {
    const fault = await write(type, [value]).catch((error: unknown) => error)
    t.equal(classifyFault(fault), 'content', `${type} ${value}`)
  }
})
