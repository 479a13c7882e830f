import { acceptRestore, readLogIdentity } from '@commitments/event-store'
import { agreed, eventually, example, proposed } from '@commitments/test-kit'
import { EventSource, type EventSourceInit } from 'eventsource'
import t, { type Test } from 'tap'
import { type Ledger, openLedger, type ServiceOptions, startService } from '../support.ts'
import { openStream } from './event-stream.ts'

t.setTimeout(120_000)

async function start(t: Test, ledger: Ledger, options: ServiceOptions = {}) {
  const service = await startService(t, ledger, options)
  const url = await service.app.listen({ port: 0, host: '127.0.0.1' })
  return { ...service, url: `${url}/v1/changes` }
}

function listen(t: Test, url: string, init?: EventSourceInit) {
  const source = new EventSource(url, init)
  t.teardown(() => source.close())
  const got: { id: string; data: unknown }[] = []
  const replaced: unknown[] = []
  source.addEventListener('message', ({ lastEventId, data }) => got.push({ id: lastEventId, data: JSON.parse(data) }))
  source.addEventListener('log-changed', ({ data }) => replaced.push(JSON.parse(data)))
  return { source, got, replaced }
}

function many(count: number, name: string) {
  return Array.from({ length: count }, (_, index) => [`${name}-${index}`, proposed()] as const)
}

/** The id that a reader would come back with. */
function lastIdOf(text: string): string | undefined {
  return [...text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1]
}

t.test('a change says which proposal, where in the log and by which type of event, and nothing else', async (t) => {
  const ledger = await openLedger(t)
  const service = await start(t, ledger)
  await ledger.record('lab', proposed())
  const { got } = listen(t, service.url)
  await eventually(() => got.length === 1)
  await ledger.record('lab', agreed())
  await eventually(() => got.length === 2)
  const { logId } = await readLogIdentity(ledger.pool)
  t.strictSame(got, [
    { id: `${logId}:1`, data: { proposalId: 'lab', position: 1, type: 'proposed' } },
    { id: `${logId}:2`, data: { proposalId: 'lab', position: 2, type: 'agreed' } },
  ])
})

t.test('from now on: a reader gets only what is recorded after its request', async (t) => {
  const ledger = await openLedger(t)
  const service = await start(t, ledger)
  await ledger.recordAll(many(5, 'before'))
  const reader = await openStream(t, `${service.url}?since=now`)
  await ledger.recordAll(many(3, 'after'))
  await reader.until(3)
  t.same(reader.positions(), [6, 7, 8])
  const head = (await service.get('/v1/changes?since=now&atLeast=8')).json()
  t.same(head, { proposals: [], next: 8, more: false }, 'who polls begins at the end of the log as well')
})

t.test('filters of proposal and type narrow each other; the id moves on with what they leave out', async (t) => {
  const ledger = await openLedger(t)
  const service = await start(t, ledger)
  for (const id of ['lab', 'centre', 'school']) await ledger.record(id, proposed())
  const both = await openStream(t, `${service.url}?proposal=lab,school&type=agreed,updated`)
  const lab = await openStream(t, `${service.url}?proposal=lab`)
  for (const id of ['centre', 'lab', 'school']) await ledger.record(id, agreed())
  await ledger.record('lab', example('updated', { title: { en: 'New' } }))
  await ledger.record('centre', example('updated', { title: { en: 'New' } }))
  const { logId } = await readLogIdentity(ledger.pool)
  await eventually(() => lastIdOf(both.text()) === `${logId}:8` && lastIdOf(lab.text()) === `${logId}:8`)
  t.same(both.positions(), [5, 6, 7])
  t.same(lab.positions(), [1, 5, 7])
})

t.test(
  'a party gets the changes of the proposals that name it, also when it left or was named by mistake',
  async (t) => {
    const ledger = await openLedger(t)
    const service = await start(t, ledger)
    const parties = (...ids: string[]) => ({ parties: ids.map((party) => ({ party, roles: ['proposer' as const] })) })
    await ledger.record('lab', proposed(parties('most-vn')))
    await ledger.record('centre', proposed(parties('msit-kr')))
    // Asserting something does not make a party take part.
    await ledger.record('school', proposed(parties('nrf-kr'), { assertedBy: 'most-vn' }))
    await ledger.record('centre', example('party-joined', { party: 'most-vn', roles: ['funder'] }))
    await ledger.record('lab', example('corrected', { corrections: [{ event: 1, data: parties('msit-kr') }] }))
    const head = await ledger.record('lab', example('updated', { title: { en: 'New' } }))
    const { logId } = await readLogIdentity(ledger.pool)
    const whole = await openStream(t, `${service.url}?party=most-vn`)
    await eventually(() => lastIdOf(whole.text()) === `${logId}:${head}`)
    t.same(whole.positions(), [1, 4, 5, 6])
    const either = await openStream(t, `${service.url}?party=nrf-kr,hanoi-university`)
    await ledger.record('school', example('updated', { title: { en: 'New' } }))
    await either.until(2)
    t.same(either.positions(), [3, 7])
    t.same(whole.positions(), [1, 4, 5, 6])
  },
)

t.test('a filtered reader that comes and goes while events are recorded misses none and gets none twice', async (t) => {
  const ledger = await openLedger(t)
  const service = await start(t, ledger)
  await ledger.recordAll(many(400, 'p'))
  const kr = (index: number) =>
    proposed({ parties: [{ party: index % 3 === 0 ? 'msit-kr' : 'most-vn', roles: ['proposer'] }] })
  let recording = true
  const writing = (async () => {
    for (let round = 0; recording; round += 1)
      await ledger.recordAll(Array.from({ length: 9 }, (_, index) => [`w-${round}-${index}`, kr(index)] as const))
  })()
  const seen: number[] = []
  let id: string | undefined
  for (let visit = 0; visit < 12; visit += 1) {
    const reader = await openStream(
      t,
      `${service.url}?party=msit-kr&type=proposed`,
      id === undefined ? {} : { 'last-event-id': id },
    )
    const before = lastIdOf(reader.text())
    await eventually(() => lastIdOf(reader.text()) !== before, { within: 20_000 })
    seen.push(...reader.positions())
    id = lastIdOf(reader.text())
    reader.close()
  }
  recording = false
  await writing
  const { rows } = await ledger.pool.query<{ position: number; line: string }>(
    'SELECT position, line FROM events ORDER BY position',
  )
  const head = rows.at(-1)?.position ?? 0
  const last = await openStream(t, `${service.url}?party=msit-kr&type=proposed`, { 'last-event-id': String(id) })
  await eventually(() => lastIdOf(last.text())?.endsWith(`:${head}`) === true, { within: 20_000 })
  seen.push(...last.positions())
  const expected = rows.filter(({ line }) => line.includes('"party":"msit-kr"')).map(({ position }) => position)
  t.ok(expected.length > 20)
  t.same(seen, expected)
})

t.test('a reader of another log is told so, and starts again with its filter', async (t) => {
  const ledger = await openLedger(t)
  const service = await start(t, ledger)
  await ledger.recordAll(many(3, 'p'))
  const { logId: before } = await readLogIdentity(ledger.pool)
  const { got, replaced } = listen(t, `${service.url}?proposal=p-1`)
  await eventually(() => got.length === 1)
  const { logId } = await acceptRestore(ledger.pool, 'a test')
  await eventually(() => replaced.length === 1, { within: 20_000 })
  t.match(replaced, [{ logId, previous: { logId: before } }])
  await eventually(() => got.length === 2, { within: 20_000 })
  t.equal(got[1]?.id, `${logId}:2`)
})

t.test('with READ_ACCESS=key the scope `read` is enough for changes, and not for the lines of the log', async (t) => {
  const ledger = await openLedger(t)
  const API_KEYS = 'reader:read:reader-secret-0123456789'
  const service = await start(t, ledger, { environment: { READ_ACCESS: 'key', API_KEYS } })
  await ledger.record('lab', proposed())
  const headers = { accept: 'text/event-stream', authorization: 'Bearer reader-secret-0123456789' }
  t.equal((await service.get('/v1/changes', { accept: 'text/event-stream' })).statusCode, 401)
  t.equal((await service.get('/v1/events', headers)).statusCode, 403)
  const reader = await openStream(t, service.url, headers)
  await reader.until(1)
  t.match(reader.headers, { 'cache-control': 'no-store', 'log-position': '1' })
})

t.test('the two streams share the limit of readers, and a quiet one sends signs of life', async (t) => {
  const ledger = await openLedger(t)
  const service = await start(t, ledger, { environment: { LIVE_READERS: '2' }, heartbeatEvery: 50 })
  const changes = await openStream(t, service.url)
  await openStream(t, service.url.replace('changes', 'events'))
  await eventually(() => changes.text().split(': alive\n\n').length > 3)
  const refused = await service.get('/v1/changes', { accept: 'text/event-stream' })
  t.match(refused, { statusCode: 503, headers: { 'retry-after': '10' } })
  t.equal(refused.json().code, 'too-many-readers')
})

t.test('what means nothing to a stream, or nothing to a page, is refused with the parameter', async (t) => {
  const ledger = await openLedger(t)
  const service = await start(t, ledger)
  const stream = { accept: 'text/event-stream' }
  const refused = async (url: string, path: string, headers = {}) => {
    const answer = await service.get(url, headers)
    t.match(answer.json(), { status: 400, code: 'invalid', errors: [{ path }] }, url)
  }
  await refused('/v1/changes?limit=5', 'query.limit', stream)
  await refused('/v1/changes?atLeast=0', 'query.atLeast', stream)
  await refused('/v1/changes?type=nothing', 'query.type', stream)
  await refused('/v1/changes?party=Not+an+id', 'query.party', stream)
  await refused('/v1/changes?since=tomorrow', 'query.since', stream)
  await refused('/v1/changes?since=2999-01-01T00:00:00Z', 'query.since', stream)
  await refused('/v1/changes', 'header.last-event-id', { ...stream, 'last-event-id': '17' })
  for (const filter of ['proposal', 'party', 'type']) await refused(`/v1/changes?${filter}=agreed`, `query.${filter}`)
  const beyond = await service.get('/v1/changes?since=5', stream)
  t.match(beyond.json(), { status: 409, code: 'beyond-head', head: 0 })
})
