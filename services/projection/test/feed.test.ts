import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { acceptRestore } from '@commitments/event-store'
import { agreed, eventually, funded, proposed } from '@commitments/test-kit'
import t from 'tap'
import { type Ledger, openLedger, startService } from './support.ts'

const ndjson = { accept: 'application/x-ndjson' }

async function logLines(ledger: Ledger): Promise<string[]> {
  const { rows } = await ledger.pool.query('SELECT line FROM events ORDER BY position')
  return rows.map(({ line }) => line)
}

function many(count: number) {
  return Array.from(
    { length: count },
    (_, index) => [`p-${index}`, proposed({ title: { ko: `제목 ${index} \u2028` } })] as const,
  )
}

t.test('the feed as lines is the log, byte by byte, and announces its end in advance', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  const head = await ledger.recordAll(many(5_200))
  const answer = await service.get('/v1/events', ndjson)
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['content-type'], 'application/x-ndjson')
  t.equal(answer.headers['log-position'], String(head))
  const expected = (await logLines(ledger)).map((line) => `${line}\n`).join('')
  t.equal(
    createHash('sha256').update(answer.rawPayload).digest('hex'),
    createHash('sha256').update(expected).digest('hex'),
  )
  const part = await service.get('/v1/events?after=10&limit=7', ndjson)
  t.equal(part.headers['log-position'], '17')
  t.same(
    part.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).position),
    [11, 12, 13, 14, 15, 16, 17],
  )
  t.equal((await service.get(`/v1/events?after=${head}`, ndjson)).body, '')
  t.equal(
    (await service.get(`/v1/events?after=${head - 1}&limit=900000000000000`, ndjson)).headers['log-position'],
    String(head),
  )
})

t.test('the feed as lines is 304 for a reader that has exactly these lines of this log', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.recordAll(many(5))
  const etag = String((await service.get('/v1/events?limit=3', ndjson)).headers.etag)
  const has = { ...ndjson, 'if-none-match': etag }
  t.match(await service.get('/v1/events?limit=3', has), { statusCode: 304, headers: { vary: 'accept', etag } })
  t.equal((await service.get('/v1/events?limit=4', has)).statusCode, 200)
  t.equal((await service.get('/v1/events?limit=3&after=1', has)).statusCode, 200)
})

t.test('after an accepted restore no answer from the log has the old identity', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await service.applied(await ledger.record('lab', proposed()))
  const calls = [
    ['/v1/events', {}],
    ['/v1/events', ndjson],
    ['/v1/proposals/lab/events', {}],
    ['/v1/proposals/lab/events/1', {}],
    ['/v1/proposals/nobody/events', {}],
    ['/v1/events?after=9', {}],
    ['/v1/proposals', { accept: 'text/csv' }],
    ['/v1/portfolio?atLeast=1', {}],
  ] as const
  const ask = () => Promise.all(calls.map(([url, headers]) => service.get(url, headers)))
  const before = await ask()
  const { logId } = await acceptRestore(ledger.pool, 'a test')
  for (const [index, answer] of (await ask()).entries()) {
    const url = String(calls[index]?.[0])
    if (url !== '/v1/portfolio?atLeast=1') t.equal(answer.headers['log-id'], logId, url)
    if (answer.headers['log-id'] === logId && answer.statusCode === 200)
      t.not(answer.headers.etag, before[index]?.headers.etag, url)
  }
})

t.test('a page is bounded by its bytes as well, and the pages lead through the whole log', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  const title = { en: 'x'.repeat(1_000) }
  const note = { en: 'y'.repeat(9_000), vi: 'z'.repeat(9_000), ko: 'w'.repeat(9_000), fr: 'v'.repeat(9_000) }
  const long = proposed({ title }, { note })
  await ledger.recordAll(Array.from({ length: 300 }, (_, index) => [`p-${index}`, long]))
  await ledger.record('lab', ...Array.from({ length: 300 }, () => long))
  for (const url of ['/v1/events', '/v1/proposals/lab/events']) {
    let seen = 0
    for (let next: number | null = 0; next !== null; ) {
      const answer = await service.get(`${url}?limit=1000&after=${next}`)
      t.ok(answer.rawPayload.length < 5_000_000, `${url} has ${answer.rawPayload.length} bytes`)
      const page = answer.json()
      seen += page.events.length
      next = page.next
    }
    t.equal(seen, url === '/v1/events' ? 600 : 300)
  }
})

t.test('a reader that stops taking is disconnected, and its slot and connection are freed', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { environment: { DOWNLOADS: '2' }, stallLimit: 1_500 })
  for (let round = 0; round < 12; round += 1) await ledger.recordAll(big(round))
  await service.applied(6_000)
  await service.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = service.app.server.address() as AddressInfo
  const stalled = [
    request({ port, path: '/v1/events', headers: ndjson }),
    request({ port, path: '/v1/proposals', headers: { accept: 'text/csv' } }),
  ]
  for (const asked of stalled) {
    asked.end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    t.equal(answer.statusCode, 200)
  }
  const another = () => service.get('/v1/events?limit=1', ndjson)
  t.equal((await another()).statusCode, 503, 'both slots are taken')
  await eventually(async () => (await another()).statusCode === 200, { within: 20_000 })
  const { rows } = await ledger.pool.query(
    "SELECT count(*) AS copies FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY%' AND state = 'active'",
  )
  t.equal(rows[0].copies, 0)
  for (const asked of stalled) asked.destroy()
})

t.test('the feed as JSON comes in pages that lead through the whole log', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.recordAll(many(25))
  const lines: string[] = []
  let next: number | null = 0
  while (next !== null) {
    const answer = await service.get(`/v1/events?after=${next}&limit=10`)
    const page = answer.json()
    for (const line of await logLines(ledger))
      if (answer.body.includes(`{"event":${line},"correctedBy":[],"retractedBy":null}`)) lines.push(line)
    t.equal(answer.headers['log-position'], '25')
    t.equal(
      answer.headers.link,
      page.next === null ? undefined : `</v1/events?after=${page.next}&limit=10>; rel="next"`,
    )
    next = page.next
  }
  t.same(lines, await logLines(ledger))
  t.equal((await service.get('/v1/events')).json().events.length, 25)
  const first = await service.get('/v1/events?limit=5')
  t.equal((await service.get('/v1/events?limit=5', { 'if-none-match': String(first.headers.etag) })).statusCode, 304)
  t.equal((await service.get('/v1/events?limit=1001')).statusCode, 400)
  t.equal((await service.get('/v1/events?limit=0')).statusCode, 400)
})

t.test('a request beyond the end of the log is 409, because it must come from another log', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.recordAll(many(3))
  for (const headers of [{}, ndjson]) {
    const answer = await service.get('/v1/events?after=4', headers)
    t.equal(answer.statusCode, 409)
    t.match(answer.json(), { code: 'beyond-head', head: 3 })
    t.equal(answer.headers['log-position'], '3')
  }
  t.equal((await service.get('/v1/events?after=3')).statusCode, 200)
})

t.test('as many downloads as allowed run at once; one more is 503 until one has ended', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { environment: { DOWNLOADS: '1' } })
  for (let round = 0; round < 8; round += 1) await ledger.recordAll(big(round))
  await service.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = service.app.server.address() as AddressInfo
  const slow = request({ port, path: '/v1/events', headers: ndjson })
  slow.end()
  const answer = await new Promise<import('node:http').IncomingMessage>((resolve) => slow.once('response', resolve))
  const refused = await service.get('/v1/events', ndjson)
  t.equal(refused.statusCode, 503)
  t.equal(refused.json().code, 'too-many-downloads')
  t.equal(refused.headers['retry-after'], '5')
  t.equal((await service.get('/v1/proposals', { accept: 'text/csv' })).statusCode, 503)
  answer.destroy()
  await t.resolves(
    retry(async () => {
      if ((await service.get('/v1/events', ndjson)).statusCode !== 200) throw new Error('still refused')
    }),
  )
})

/** 500 events of some 20 kB each: more than fits into sockets and streams. */
function big(round: number) {
  const title = {
    en: 'x'.repeat(1000),
    vi: 'y'.repeat(1000),
    ko: 'z'.repeat(1000),
    fr: 'w'.repeat(1000),
    de: 'v'.repeat(1000),
  }
  return Array.from({ length: 500 }, (_, index) => [`b-${round}-${index}`, proposed({ title })] as const)
}

async function retry(work: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (tries === 50) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

t.test('a truncated stream can be detected: its last line is not the announced one', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  for (let round = 0; round < 12; round += 1) await ledger.recordAll(big(round))
  await service.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = service.app.server.address() as AddressInfo
  const asked = request({ port, path: '/v1/events', headers: ndjson })
  asked.end()
  const answer = await new Promise<import('node:http').IncomingMessage>((resolve) => asked.once('response', resolve))
  const chunks: Buffer[] = []
  const ended = new Promise<string>((resolve) => {
    answer.once('end', () => resolve('end'))
    answer.once('error', () => resolve('error'))
  })
  let cut = false
  answer.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    if (cut) return
    cut = true
    // The service loses all its connections to the database.
    void ledger.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user AND datname = ` +
        `current_database() AND pid <> pg_backend_pid()`,
    )
  })
  t.equal(await ended, 'error', 'the body has no end')
  const complete = Buffer.concat(chunks).toString().split('\n').slice(0, -1)
  const last = complete.length === 0 ? 0 : JSON.parse(complete.at(-1) as string).position
  t.ok(last < Number(answer.headers['log-position']))
  const resumed = await eventuallyGet(service, `/v1/events?after=${last}`)
  const positions = resumed
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).position)
  t.equal(positions[0], last + 1)
  t.equal(positions.at(-1), 6_000)
})

async function eventuallyGet(service: Awaited<ReturnType<typeof startService>>, url: string): Promise<string> {
  let body = ''
  await retry(async () => {
    const answer = await service.get(url, ndjson)
    if (answer.statusCode !== 200) throw new Error(answer.body)
    body = answer.body
  })
  return body
}

t.test('the history of a proposal is its lines as recorded, in pages', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('lab', proposed())
  await ledger.record('other', proposed())
  const head = await ledger.record('lab', agreed(), funded())
  const { rows } = await ledger.pool.query("SELECT line FROM events WHERE proposal_id = 'lab' ORDER BY version")
  // Proposed in March 2024, agreed on 22 June, funded in September: the last possible day is certain.
  const days = ['2024-03-31', '2024-06-22', '2024-09-30']
  const items = rows.map(
    ({ line }, index) => `{"event":${line},"correctedBy":[],"retractedBy":null,"countsFrom":"${days[index]}"}`,
  )
  const whole = await service.get(`/v1/proposals/lab/events?atLeast=${head}`)
  t.equal(whole.body, `{"events":[${items.join(',')}],"next":null}`)
  t.equal(whole.headers['log-position'], String(head))
  const same = await service.get('/v1/proposals/lab/events', { 'if-none-match': String(whole.headers.etag) })
  t.equal(same.statusCode, 304)
  const page = await service.get('/v1/proposals/lab/events?limit=2')
  t.equal(page.json().next, 2)
  t.equal(page.headers.link, '</v1/proposals/lab/events?after=2&limit=2>; rel="next"')
  const rest = await service.get('/v1/proposals/lab/events?limit=2&after=2')
  t.equal(rest.body, `{"events":[${items[2]}],"next":null}`)
  t.same((await service.get('/v1/proposals/lab/events?after=9')).json(), { events: [], next: null })
  const one = await service.get('/v1/proposals/lab/events/2')
  t.equal(one.body, items[1])
  t.equal(
    (await service.get('/v1/proposals/lab/events/2', { 'if-none-match': String(one.headers.etag) })).statusCode,
    304,
  )
  t.match((await service.get('/v1/proposals/lab/events/4')).json(), { status: 404, code: 'not-found' })
  t.match((await service.get('/v1/proposals/nobody/events')).json(), { status: 404, code: 'unknown-proposal' })
  t.match((await service.get('/v1/proposals/nobody/events/1')).json(), { status: 404, code: 'unknown-proposal' })
  t.equal((await service.get('/v1/proposals/lab/events/0')).statusCode, 400)
})
