import { once } from 'node:events'
import { type IncomingMessage, get as request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { checkReplay } from '@commitments/projection'
import { agreed, eventually, funded, proposed } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { openLedger, startService } from '../support.ts'
import { type FaultyService, openBehindProxy } from './behind-proxy.ts'

t.setTimeout(120_000)

const reads = [
  '/v1/proposals',
  '/v1/proposals/never-asked-for',
  '/v1/proposals/lab/events',
  '/v1/proposals/lab/events/1',
  '/v1/events',
  '/v1/projections',
]

/** What an operator needs to know of a check that could not be made. */
const away = /^the (?:database cannot be reached|connection to the database was lost)/

async function untilReadiness({ get }: FaultyService, status: 200 | 503): Promise<void> {
  await eventually(async () => (await get('/health/ready')).statusCode === status, { within: 20_000 })
}

t.test(
  'while the database is not available reads are 503, ready says so, and afterwards nothing was missed',
  async (t) => {
    const service = await openBehindProxy(t)
    const { ledger, proxy, get, applied } = service
    await applied(await ledger.record('lab', proposed()))
    proxy.refuse()
    await untilReadiness(service, 503)
    for (const url of reads) {
      const answer = await get(url)
      t.equal(answer.statusCode, 503, url)
      t.match(answer.headers, { 'retry-after': /^\d+$/, 'content-type': 'application/problem+json' })
      t.match(answer.json(), { code: 'unavailable' })
    }
    t.match((await get('/health/ready')).json(), {
      status: 'not-ready',
      checks: [{ name: 'proposal-status', ok: false, detail: away }, { detail: away }, { detail: away }],
    })
    t.equal((await get('/health/live')).statusCode, 200)
    t.equal((await get('/metrics')).statusCode, 200)

    const position = await ledger.record('lab', agreed(), funded())
    proxy.resume()
    await untilReadiness(service, 200)
    const answer = await get(`/v1/proposals/lab?atLeast=${position}`)
    t.match(answer.json(), { stage: 'funded', version: 3, position })
  },
)

t.test(
  'while the ledger is not there, as during a restore, or closed to the service, reads are 503, readiness says it, and both come back',
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger)
    const { get } = service
    await service.applied(await ledger.record('lab', proposed()))
    const readiness = (status: number, body: RegExp) =>
      eventually(async () => {
        const ready = await get('/health/ready')
        if (ready.statusCode !== status || !body.test(ready.body)) throw new Error(ready.body)
      })
    const owner = ledger.database.pool()
    for (const [away, back, said] of [
      [
        'ALTER SCHEMA commitments RENAME TO away',
        'ALTER SCHEMA away RENAME TO commitments',
        /a table of the ledger is not there/,
      ],
      [
        'REVOKE USAGE ON SCHEMA commitments FROM commitments_projection',
        'GRANT USAGE ON SCHEMA commitments TO commitments_projection',
        /or its schema is closed to the user of this service/,
      ],
      [
        'REVOKE SELECT ON commitments.events FROM commitments_projection',
        'GRANT SELECT ON commitments.events TO commitments_projection',
        /lacks a right in the database: `npm run migrate`/,
      ],
    ] as const) {
      await owner.query(away)
      await readiness(503, said)
      for (const url of ['/v1/proposals/lab/events', '/v1/events', '/v1/tables/events']) {
        const answer = await get(url)
        t.match([url, answer.statusCode], [url, 503])
        t.match(answer.json(), {
          code: 'unavailable',
          detail: /it is being restored, or a right of this service is missing/,
        })
      }
      await owner.query(back)
      await readiness(200, /"ready"/)
      t.equal((await get('/v1/proposals/lab/events')).statusCode, 200)
    }
  },
)

/** A proposal whose status was read once, and for which more was recorded behind a broken connection. */
async function keptAndCutOff(t: Test) {
  const service = await openBehindProxy(t, { patience: 100 })
  const { ledger, proxy, get, applied } = service
  const before = await ledger.record('lab', proposed())
  await applied(before)
  t.match((await get('/v1/proposals/lab')).json(), { stage: 'proposed' })
  proxy.refuse()
  return { service, get, before, position: await ledger.record('lab', agreed()) }
}

t.test('an answer from memory never claims a position that it was not checked against', async (t) => {
  const { get, before, position } = await keptAndCutOff(t)
  const kept = await get('/v1/proposals/lab')
  t.equal(kept.statusCode, 200)
  t.equal(kept.headers['log-position'], String(before))
  t.match((await get(`/v1/proposals/lab?atLeast=${position}`)).json(), { status: 503, code: 'not-yet-applied' })
})

t.test('while the database is not available, answers from memory are served, and everything else is 503', async (t) => {
  const { service, get, before } = await keptAndCutOff(t)
  await untilReadiness(service, 503)
  const kept = await get('/v1/proposals/lab')
  t.equal(kept.statusCode, 200)
  t.equal(kept.headers['log-position'], String(before))
  t.equal((await get('/v1/proposals/never-asked-for')).statusCode, 503)
})

t.test('a projector whose connections are cut again and again applies every event once', async (t) => {
  const { ledger, proxy, applied } = await openBehindProxy(t, { batchSize: 50 })
  let position = 0
  for (let round = 0; round < 12; round += 1) {
    const ids = Array.from({ length: 50 }, (_, index) => `p${round}-${index}`)
    position = await ledger.recordAll(ids.map((id) => [id, proposed()] as const))
    proxy.cut()
    await ledger.record(`p${round}-0`, agreed())
    position += 1
    if (round % 3 === 0) proxy.cut()
  }
  await applied(position)
  const report = await checkReplay(ledger.pool, 'Asia/Ho_Chi_Minh')
  t.match(report, { found: 0, findings: [], events: position, proposals: 600 })
})

t.test('half-open connections delay nobody for longer than the time limit of an answer', async (t) => {
  const service = await openBehindProxy(t, { answerWithin: 1_000 })
  const { ledger, proxy, get, applied } = service
  await applied(await ledger.record('lab', proposed()))
  // From now on, all connections of the pool are half-open, busy or idle.
  await Promise.all(Array.from({ length: 8 }, () => get('/v1/projections')))
  proxy.halfOpen()
  const [list] = await Promise.all([get('/v1/proposals'), get('/v1/portfolio')])
  t.match(list.json(), { status: 503, code: 'unavailable' })
  await applied(await ledger.record('lab', agreed()))
  t.match((await get('/v1/proposals/lab')).json(), { stage: 'agreed' })
})

t.test('the service waits for a hanging database, and answers late', async (t) => {
  const { ledger, proxy, get, applied } = await openBehindProxy(t)
  await applied(await ledger.record('lab', proposed()))
  proxy.stall()
  const answer = get('/v1/proposals')
  setTimeout(() => proxy.resume(), 300)
  t.equal((await answer).statusCode, 200)
})

t.test('a download whose database connection is cut ends visibly incomplete', async (t) => {
  const service = await openBehindProxy(t)
  const { ledger, proxy, app, applied } = service
  const note = { en: 'x'.repeat(9_000) }
  let position = 0
  for (let round = 0; round < 20; round += 1) {
    const ids = Array.from({ length: 100 }, (_, index) => `p${round}-${index}`)
    position = await ledger.recordAll(ids.map((id) => [id, proposed({}, { note })] as const))
  }
  await applied(position)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const headers = { accept: 'application/x-ndjson' }
  const sending = request({ host: '127.0.0.1', port, path: '/v1/events', headers, agent: false })
  const [response] = (await once(sending, 'response')) as [IncomingMessage]
  t.equal(response.headers['log-position'], String(position))
  await once(response, 'readable')
  proxy.cut()
  await t.rejects(response.toArray(), 'the body breaks off')
  // The slot and the connection are free again.
  await applied(await ledger.record('after', proposed()))
  t.equal((await service.get('/v1/events', headers)).statusCode, 200)
})
