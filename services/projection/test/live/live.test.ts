import { acceptRestore, openPool, readLogIdentity } from '@commitments/event-store'
import { agreed, eventually, proposed } from '@commitments/test-kit'
import { EventSource, type EventSourceInit } from 'eventsource'
import t, { type Test } from 'tap'
import { type Ledger, openLedger, type ServiceOptions, startService } from '../support.ts'
import { openStream } from './event-stream.ts'

t.setTimeout(120_000)

async function start(t: Test, ledger: Ledger, options: ServiceOptions = {}) {
  const service = await startService(t, ledger, options)
  const url = await service.app.listen({ port: 0, host: '127.0.0.1' })
  return { ...service, url: `${url}/v1/events` }
}

function many(count: number, name = 'p') {
  return Array.from({ length: count }, (_, index) => [`${name}-${index}`, proposed()] as const)
}

async function logLines(ledger: Ledger): Promise<string[]> {
  const { rows } = await ledger.pool.query('SELECT line FROM events ORDER BY position')
  return rows.map(({ line }) => line)
}

/** A standard EventSource, and what it received. */
function listen(t: Test, url: string, init?: EventSourceInit) {
  const source = new EventSource(url, init)
  t.teardown(() => source.close())
  const got: { id: string; data: string }[] = []
  const changes: string[] = []
  source.addEventListener('message', ({ lastEventId, data }) => got.push({ id: lastEventId, data }))
  source.addEventListener('log-changed', ({ data }) => changes.push(data))
  return { source, got, changes }
}

t.test(
  'a standard EventSource gets every line of the log unchanged, first the recorded ones and then new ones',
  async (t) => {
    const ledger = await openLedger(t)
    const service = await start(t, ledger)
    await ledger.recordAll(many(700))
    await ledger.record('korean', proposed({ title: { ko: '제목 \u2028 "x"\\n' } }))
    const { source, got } = listen(t, service.url)
    await eventually(() => got.length === 701, { within: 20_000 })
    for (let round = 0; round < 5; round += 1) await ledger.recordAll(many(20, `later-${round}`))
    await eventually(() => got.length === 801, { within: 20_000 })
    source.close()
    const { logId } = await readLogIdentity(ledger.pool)
    const expected = (await logLines(ledger)).map((data, index) => ({ id: `${logId}:${index + 1}`, data }))
    t.strictSame(got, expected)
  },
)

t.test('events recorded one by one reach a reader one by one', async (t) => {
  const ledger = await openLedger(t)
  const service = await start(t, ledger)
  const { source, got } = listen(t, service.url)
  await eventually(() => source.readyState === source.OPEN, { within: 20_000 })
  for (let round = 0; round < 10; round += 1) {
    const position = await ledger.record(`p-${round}`, proposed())
    await eventually(() => got.length === position, { within: 20_000 })
  }
})

t.test('a reader that comes back with its last id gets what came meanwhile, once', async (t) => {
  const ledger = await openLedger(t)
  const service = await start(t, ledger)
  await ledger.recordAll(many(10))
  const { logId } = await readLogIdentity(ledger.pool)
  const first = await openStream(t, service.url)
  await first.until(10)
  first.close()
  await ledger.recordAll(many(5, 'q'))
  // The address is the first one again, as an EventSource sends it; the id takes precedence.
  const headers = { 'last-event-id': `${logId}:10` }
  const second = await openStream(t, `${service.url}?after=3`, headers)
  await second.until(5)
  t.same(second.positions(), [11, 12, 13, 14, 15])
  const third = await openStream(t, `${service.url}?after=13`)
  await third.until(2)
  t.same(third.positions(), [14, 15])
  t.match(third.headers, { 'log-id': logId, 'log-position': '15', 'cache-control': 'no-store', vary: 'accept' })
  t.match(third.headers['content-type'], /^text\/event-stream/)
  t.match(third.text(), new RegExp(`^retry: \\d{4}\nid: ${logId}:13\n\n`), 'it can come back before anything came')
})

t.test('a stream depends on the origin of the page that asks, as every answer does', async (t) => {
  const ledger = await openLedger(t)
  const service = await start(t, ledger, { environment: { ALLOWED_ORIGINS: 'https://board.example.org' } })
  const stream = await openStream(t, service.url)
  t.same(String(stream.headers['vary']).split(', ').toSorted(), ['accept', 'origin'])
})

t.test('a reader with an id of another log is told so, and starts again', async (t) => {
  const ledger = await openLedger(t)
  const service = await start(t, ledger)
  await ledger.recordAll(many(3))
  const { logId: before } = await readLogIdentity(ledger.pool)
  const { got, changes } = listen(t, service.url)
  await eventually(() => got.length === 3)
  const { logId } = await acceptRestore(ledger.pool, 'a test')
  // The stream ends by itself, and the EventSource reconnects with its id and is told about the other log.
  await eventually(() => changes.length === 1, { within: 20_000 })
  t.same(JSON.parse(changes[0] as string), { logId, previous: { logId: before, position: 3 } })
  await ledger.record('later', proposed())
  await eventually(() => got.length === 3 + 4, { within: 20_000 })
  t.same(
    got.slice(3).map(({ id }) => id),
    [1, 2, 3, 4].map((position) => `${logId}:${position}`),
  )
  const other = await openStream(t, `${service.url}?after=2`, { 'last-event-id': `${before}:2` })
  await other.until(4)
  t.same(other.positions(), [1, 2, 3, 4], '`after` was a position of the other log as well')
})

t.test('a stream that cannot be followed is refused with a reason', async (t) => {
  const ledger = await openLedger(t)
  const service = await start(t, ledger, { environment: { LIVE_READERS: '1' } })
  await ledger.recordAll(many(3))
  const { logId } = await readLogIdentity(ledger.pool)
  const stream = { accept: 'text/event-stream' }
  const beyond = { status: 409, code: 'beyond-head', head: 3 }
  t.match((await service.get('/v1/events?after=4', stream)).json(), beyond)
  t.match((await service.get('/v1/events', { ...stream, 'last-event-id': `${logId}:4` })).json(), beyond)
  for (const id of ['17', 'x:1', `${logId}:-1`, `${logId}:99999999999999999`, `${logId}:1 `.repeat(9)]) {
    const answer = await service.get('/v1/events', { ...stream, 'last-event-id': id })
    t.match(answer.json(), { status: 400, code: 'invalid', errors: [{ path: 'header.last-event-id' }] }, id)
  }
  t.match((await service.get('/v1/events?limit=3', stream)).json(), {
    code: 'invalid',
    errors: [{ path: 'query.limit' }],
  })
  const reader = await openStream(t, service.url)
  await reader.until(3)
  const refused = await service.get('/v1/events', stream)
  t.match(refused, { statusCode: 503, headers: { 'retry-after': '10' } })
  t.match(refused.json(), { code: 'too-many-readers' })
  const head = await service.app.inject({ method: 'HEAD', url: '/v1/events', headers: stream })
  t.match(head, { statusCode: 200, body: '' }, 'HEAD ends, and takes no place')
  t.match((await service.get('/metrics')).body, /^live_feed_readers 1$/m)
  reader.close()
  await eventually(async () => /^live_feed_readers 0$/m.test((await service.get('/metrics')).body))
})

t.test('with READ_ACCESS=key the stream needs a key with the scope `audit`', async (t) => {
  const ledger = await openLedger(t)
  const API_KEYS = 'auditor:audit:auditor-secret-0123456789,reader:read:reader-secret-0123456789'
  const service = await start(t, ledger, { environment: { READ_ACCESS: 'key', API_KEYS } })
  await ledger.record('lab', proposed())
  const ask = (secret?: string) =>
    service.get('/v1/events', { accept: 'text/event-stream', ...(secret && { authorization: `Bearer ${secret}` }) })
  t.equal((await ask()).statusCode, 401)
  t.equal((await ask('reader-secret-0123456789')).statusCode, 403)
  const authorization = 'Bearer auditor-secret-0123456789'
  const { got } = listen(t, service.url, {
    fetch: (url, init) => fetch(url, { ...init, headers: { ...init?.headers, authorization } }),
  })
  await eventually(() => got.length === 1)
})

t.test('a quiet stream sends signs of life, which are not events', async (t) => {
  const ledger = await openLedger(t)
  const service = await start(t, ledger, { heartbeatEvery: 50 })
  const reader = await openStream(t, service.url)
  await eventually(() => reader.text().split(': alive\n\n').length > 4)
  t.same(reader.positions(), [])
  const { got } = listen(t, service.url)
  await ledger.record('lab', proposed(), agreed())
  await eventually(() => got.length === 2)
  t.equal(got.length, 2)
})

t.test(
  'a reader that takes nothing is disconnected, others are not affected, and with its id it misses nothing',
  async (t) => {
    const ledger = await openLedger(t)
    const service = await start(t, ledger, { stallLimit: 2_000 })
    const stalled = await openStream(t, service.url)
    const other = await openStream(t, service.url)
    stalled.pause()
    const note = { en: 'x'.repeat(9_000), vi: 'y'.repeat(9_000), ko: 'z'.repeat(9_000) }
    let head = 0
    for (let round = 0; round < 15; round += 1) {
      const events = Array.from({ length: 50 }, (_, index) => [`n-${round}-${index}`, proposed({}, { note })] as const)
      head = await ledger.recordAll(events)
    }
    await other.until(head)
    await eventually(async () => /^live_feed_readers_cut_off_total 1$/m.test((await service.get('/metrics')).body), {
      within: 20_000,
    })
    stalled.resume()
    await stalled.ended
    const seen = stalled.positions()
    t.ok(seen.length < head)
    const { logId } = await readLogIdentity(ledger.pool)
    const again = await openStream(t, service.url, { 'last-event-id': `${logId}:${seen.at(-1) ?? 0}` })
    await again.until(head - seen.length)
    const whole = Array.from({ length: head }, (_, index) => index + 1)
    t.same([...seen, ...again.positions()], whole)
    t.same(other.positions(), whole)
  },
)

t.test('streams end properly when the service closes, and none begins afterwards', async (t) => {
  const ledger = await openLedger(t)
  const service = await start(t, ledger)
  await ledger.recordAll(many(3))
  const readers = await Promise.all([1, 2, 3].map(() => openStream(t, service.url)))
  for (const reader of readers) await reader.until(3)
  await Promise.all([service.app.close(), ...readers.map(({ ended }) => ended)])
  for (const reader of readers) t.equal(await reader.ended, 'end', 'the body has its end')
})

t.test('a reader that joins while events are recorded gets no gap and no repeat, wherever it starts', async (t) => {
  const ledger = await openLedger(t)
  const service = await start(t, ledger)
  await ledger.recordAll(many(900))
  let recording = true
  const writing = (async () => {
    for (let round = 0; recording; round += 1) await ledger.recordAll(many(7, `w-${round}`))
  })()
  const readers = []
  for (let after = 0; after < 1_000; after += 40) {
    const from = Math.min(after, 900)
    readers.push({ from, reader: await openStream(t, `${service.url}?after=${from}`) })
  }
  recording = false
  await writing
  const head = (await logLines(ledger)).length
  for (const { from, reader } of readers) {
    await reader.until(head - from)
    t.same(
      reader.positions(),
      Array.from({ length: head - from }, (_, index) => from + index + 1),
      `after ${from}`,
    )
  }
})

t.test('readers of the live feed take no turns from readers of pages', async (t) => {
  const ledger = await openLedger(t)
  const service = await start(t, ledger)
  const head = await ledger.recordAll(many(3))
  await service.applied(head)
  const readers = await Promise.all(Array.from({ length: 20 }, () => openStream(t, service.url)))
  const pages = await Promise.all(Array.from({ length: 20 }, () => service.get('/v1/proposals')))
  t.same([...new Set(pages.map(({ statusCode }) => statusCode))], [200])
  for (const reader of readers) await reader.until(head)
})

t.test('readers share one follower of the log, which rests when nobody reads', async (t) => {
  const ledger = await openLedger(t)
  const pool = openPool(ledger.database.url, { ledger: 'commitments', role: 'projection', max: 12 })
  t.teardown(() => pool.end())
  let ranges = 0
  const query = pool.query.bind(pool) as (...values: unknown[]) => unknown
  pool.query = ((...values: [{ name?: string }]) => {
    if (values[0]?.name === 'read-live-range') ranges += 1
    return query(...values)
  }) as unknown as typeof pool.query
  const service = await start(t, ledger, { pool, url: ledger.database.url })
  const readers = await Promise.all(Array.from({ length: 40 }, () => openStream(t, service.url)))
  await ledger.record('first', proposed())
  for (const reader of readers) await reader.until(1)
  const joined = ranges
  for (let round = 0; round < 10; round += 1) await ledger.recordAll(many(10, `r-${round}`))
  for (const reader of readers) await reader.until(101)
  t.ok(ranges - joined < 60, `${ranges - joined} reads for 40 readers`)
  for (const reader of readers) reader.close()
  await eventually(async () => /^live_feed_readers 0$/m.test((await service.get('/metrics')).body))
  await new Promise((resolve) => setTimeout(resolve, 1_200))
  const before = ranges
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  t.equal(ranges, before)
})
