import { existsSync, readFileSync } from 'node:fs'
import { appendEvents, readHead, readLog, streamLog } from '@commitments/event-store'
import { eventually, openDatabase, pastGuards } from '@commitments/test-kit'
import type pg from 'pg'
import t from 'tap'
import { linesOfRow } from '../src/stream-log.ts'
import { event, given } from './examples.ts'

const hasNoProc = existsSync('/proc/self/status') ? false : 'left out: what a process takes is read from /proc (Linux)'

/** More than two ranges of 5,000. */
const length = 10_500

t.test('streaming the log', async (t) => {
  const database = await openDatabase(t)
  await fill(database.pool('command'))
  const pool = database.pool('projection', { max: 2 })
  const { rows } = await pool.query<{ line: string }>('SELECT line FROM events ORDER BY position')
  const lines = rows.map((row) => `${row.line}\n`)
  t.equal(lines.length, length)

  t.test('it gives the bytes of the lines, across the borders of ranges', async (t) => {
    t.ok((await collect(pool, 0, length)).equals(Buffer.from(lines.join(''))))
    for (const [after, upTo] of [
      [0, 0],
      [0, 1],
      [4_999, 5_001],
      [5_000, 10_000],
      [9_999, length],
      [255, 257],
      [0, 256],
      [300, 813],
      [length, length],
    ] as const) {
      t.equal((await collect(pool, after, upTo)).toString(), lines.slice(after, upTo).join(''), `${after} to ${upTo}`)
    }
  })

  t.test('texts that COPY would escape in text format come unchanged', async (t) => {
    const text = 'a\\b\t\u2028"\\."\n,;😀'
    await appendEvents(database.pool('command'), [event('odd', 1, {}, { text })])
    const [odd] = await readLog(pool, { after: length, limit: 1 })
    t.equal((await collect(pool, length, length + 1)).toString(), `${odd?.line}\n`)
  })

  t.test('events appended meanwhile are not part of it', async (t) => {
    const upTo = (await readHead(pool)).position
    const chunks: Buffer[] = []
    for await (const chunk of streamLog(pool, { after: 0, upTo })) {
      if (chunks.length === 0) await given(database.pool('command'), 'meanwhile', 3)
      chunks.push(chunk)
    }
    t.equal(Buffer.concat(chunks).toString().split('\n').length - 1, upTo)
  })

  t.test('between two ranges the connection is free for others', async (t) => {
    const one = database.pool('projection', { max: 1 })
    let answered = false
    let other: Promise<unknown> | undefined
    for await (const _ of streamLog(one, { after: 0, upTo: length })) {
      other ??= readHead(one).finally(() => {
        answered = true
      })
    }
    t.ok(answered, 'the other query, which asked during the first range, was answered before the last')
    await other
  })

  t.test('a consumer that stops early gives its connection back', async (t) => {
    const one = database.pool('projection', { max: 1 })
    for (let round = 0; round < 3; round += 1) {
      for await (const chunk of streamLog(one, { after: 0, upTo: length })) {
        t.ok(chunk.length > 0)
        break
      }
      t.equal((await readHead(one)).position, length + 4)
    }
    await eventually(async () => (await copying(database.pool())) === 0)
  })

  t.test('a backend that is terminated in the middle is an error, and the pool continues', async (t) => {
    const { position: after } = await readHead(pool)
    await fillWithLongLines(database.pool('command'))
    const { position: upTo } = await readHead(pool)
    await t.rejects(async () => {
      for await (const _ of streamLog(pool, { after, upTo })) await terminateCopies(database.pool())
    })
    t.equal((await readHead(pool)).position, upTo)
  })

  t.test('lines of the maximum length take little memory of the server', { skip: hasNoProc }, async (t) => {
    const upTo = (await readHead(pool)).position
    const one = database.pool('projection', { max: 1 })
    const { rows } = await one.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    let [most, bytes] = [0, 0]
    for await (const chunk of streamLog(one, { after: upTo - 400, upTo })) {
      bytes += chunk.length
      most = Math.max(most, memoryOf(rows[0]?.pid ?? 0))
    }
    t.ok(bytes > 24_000_000, `${bytes} bytes`)
    t.ok(most > 0 && most < 40, `${most} MiB`)
  })

  t.test('lines that somebody removed are left out, and nothing else', async (t) => {
    await database
      .pool()
      .query(pastGuards('DELETE FROM events WHERE position IN (2, 256, 257) OR position BETWEEN 400 AND 1300'))
    const { rows } = await pool.query<{ line: string }>(
      'SELECT line FROM events WHERE position <= 2000 ORDER BY position',
    )
    t.equal((await collect(pool, 0, 2_000)).toString(), rows.map(({ line }) => `${line}\n`).join(''))
  })

  t.test('invalid positions are refused before any query', async (t) => {
    for (const after of [-1, 0.5, Number.NaN]) await t.rejects(collect(pool, after, 10), RangeError)
  })
})

t.test('a row has as many lines as fit into two mebibytes, at most 256', async (t) => {
  for (const [longest, lines] of [
    [0, 256],
    [800, 256],
    [8_191, 256],
    [8_192, 255],
    [65_535, 32],
    [5_000_000, 1],
  ] as const) {
    t.equal(linesOfRow(longest), lines, `${longest} bytes`)
  }
})

/** Mebibytes of its own, without what it shares with others. */
function memoryOf(pid: number): number {
  const [, kibibytes] = /^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) / 1024
}

async function fill(pool: pg.Pool): Promise<void> {
  for (let from = 0; from < length; from += 500) {
    const pad = 'x'.repeat(400)
    await appendEvents(
      pool,
      Array.from({ length: 500 }, (_, index) => event(`p-${from + index}`, 1, {}, { pad })),
    )
  }
}

/** More than fits into the buffers between a server and a client. */
async function fillWithLongLines(pool: pg.Pool): Promise<void> {
  const pad = 'x'.repeat(60_000)
  for (let batch = 0; batch < 20; batch += 1) {
    await appendEvents(
      pool,
      Array.from({ length: 20 }, (_, index) => event(`long-${batch}-${index}`, 1, {}, { pad })),
    )
  }
}

async function collect(pool: pg.Pool, after: number, upTo: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of streamLog(pool, { after, upTo })) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function copying(pool: pg.Pool): Promise<number> {
  const { rowCount } = await pool.query(
    `SELECT FROM pg_stat_activity WHERE query LIKE 'COPY (SELECT line%' AND state = 'active'`,
  )
  return rowCount ?? 0
}

async function terminateCopies(pool: pg.Pool): Promise<void> {
  await pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY (SELECT line%' AND datname = current_database()`,
  )
}
