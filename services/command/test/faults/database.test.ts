import { agreed, proposed, type TestDatabase } from '@commitments/test-kit'
import t from 'tap'
import { logOf } from '../recorder-fixture.ts'
import {
  during,
  holdLog,
  openBehindProxy,
  terminateBackends,
  untilAppendsWait,
  untilReadiness,
  warmUp,
} from './behind-proxy.ts'

t.setTimeout(120_000)

const key = { headers: { 'idempotency-key': '"once"' } }

/** Attempts that end soon, and an outcome that is given up soon. */
const hasty = { append: { resendForMs: 600, pauseMs: 20 }, log: { tryMs: 250, readMs: 250 } }

async function timesInLog(database: TestDatabase, proposalId: string): Promise<number> {
  return (await logOf(database)).filter((event) => event.startsWith(`${proposalId}/`)).length
}

t.test(
  'while the database is not available a write is 503 unavailable: certainly not recorded, and possible later',
  async (t) => {
    const service = await openBehindProxy(t)
    const { post, bulk, proxy, database } = service
    await post('lab', proposed())
    proxy.refuse()
    await untilReadiness(service, 503)
    const answers = [
      await post('lab', agreed(), key),
      await post('lab', agreed(), { query: { dryRun: 'true' } }),
      await bulk([{ proposalId: 'lab', ...agreed() }], { query: { atomic: 'true' } }),
    ]
    for (const answer of answers) {
      t.equal(answer.statusCode, 503)
      t.match(answer.headers, { 'retry-after': /^\d+$/, 'content-type': 'application/problem+json' })
      t.match(answer.json(), { code: 'unavailable', detail: /Nothing was recorded|be reached/ })
    }
    const streamed = (await bulk([{ proposalId: 'lab', ...agreed() }])).body.trim().split('\n')
    t.match(JSON.parse(streamed[0] ?? ''), { line: 1, status: 503, code: 'unavailable' })
    t.match(JSON.parse(streamed[1] ?? ''), { summary: { recorded: 0, refused: 1 } })
    t.same(await logOf(database), ['lab/1 proposed'])

    proxy.resume()
    await untilReadiness(service, 200)
    const later = await post('lab', agreed(), key)
    t.equal(later.statusCode, 201)
    t.equal(later.headers['idempotency-replayed'], undefined)
  },
)

t.test('while the database is not available, ready names the failing check, and live still passes', async (t) => {
  const service = await openBehindProxy(t)
  await untilReadiness(service, 200)
  service.proxy.refuse()
  await untilReadiness(service, 503)
  const answer = await service.app.inject('/health/ready')
  t.match(answer.json(), {
    status: 'not-ready',
    checks: [{ name: 'log', ok: false, detail: /^the (?:database cannot be reached|connection to)/ }],
  })
  t.equal((await service.app.inject('/health/live')).statusCode, 200)
  service.proxy.resume()
  await untilReadiness(service, 200)
})

t.test('a hanging database: after the limit 503 outcome-unknown, and the key settles the outcome', async (t) => {
  const service = await openBehindProxy(t, hasty)
  const { post, bulk, proxy, database } = service
  await warmUp(service)
  proxy.stall()
  const lines = [{ proposalId: 'other', idempotencyKey: 'line-1', ...proposed() }]
  const [answer, atomic] = await Promise.all([
    post('lab', proposed(), key),
    // Its streams are read first, and nothing is sent if that fails.
    bulk(lines, { query: { atomic: 'true' } }),
  ])
  t.equal(answer.statusCode, 503)
  t.match(answer.headers, { 'retry-after': /^\d+$/ })
  t.match(answer.json(), { code: 'outcome-unknown', detail: /same Idempotency-Key/ })
  t.match(atomic.json(), { status: 503, code: 'unavailable' })
  proxy.resume()
  t.equal((await post('lab', proposed(), key)).statusCode, 201)
  t.equal((await bulk(lines, { query: { atomic: 'true' } })).statusCode, 200)
  t.equal(await timesInLog(database, 'lab'), 1)
  t.equal(await timesInLog(database, 'other'), 1)
})

t.test('an append that waits for another writer beyond the limit is outcome-unknown, alone or atomic', async (t) => {
  const service = await openBehindProxy(t, hasty)
  const { post, bulk, database } = service
  const lines = [{ proposalId: 'other', idempotencyKey: 'line-1', ...proposed() }]
  const letGo = await holdLog(database)
  const tries = [post('lab', proposed(), key), bulk(lines, { query: { atomic: 'true' } }), bulk(lines)]
  const [alone, atomic, stream] = await Promise.all(tries)
  t.match(alone?.json(), { status: 503, code: 'outcome-unknown' })
  t.match(atomic?.json(), { status: 503, code: 'outcome-unknown' })
  t.match(JSON.parse(stream?.body.split('\n')[0] ?? ''), { line: 1, status: 503, code: 'outcome-unknown' })
  await letGo()
  t.equal((await post('lab', proposed(), key)).statusCode, 201)
  t.equal((await bulk(lines, { query: { atomic: 'true' } })).statusCode, 200)
  t.equal(await timesInLog(database, 'lab'), 1)
  t.equal(await timesInLog(database, 'other'), 1)
})

t.test('the service waits for a database that hangs for less than the limit', async (t) => {
  const service = await openBehindProxy(t)
  const { post, proxy, database } = service
  await warmUp(service)
  proxy.stall()
  const answers = Promise.all(['a', 'b', 'c'].map((id) => post(id, proposed())))
  setTimeout(() => proxy.resume(), 400)
  t.same(
    (await answers).map((answer) => answer.statusCode),
    [201, 201, 201],
  )
  t.equal((await logOf(database)).length, 3)
})

t.test('connections whose other end disappeared silently are abandoned, and the write uses another one', async (t) => {
  const service = await openBehindProxy(t, { log: { tryMs: 250, readMs: 250 } })
  const { post, proxy, database } = service
  t.equal((await post('lab', proposed())).statusCode, 201)
  await post('lab', agreed(), { query: { dryRun: 'true' } })
  proxy.halfOpen()
  // Reads are not repeated: a failed read is reported, and nothing was recorded.
  const first = await post('new', proposed(), key)
  t.equal(first.statusCode, 201)
  t.equal(first.headers['idempotency-replayed'], undefined)
  t.equal(await timesInLog(database, 'new'), 1)
})

t.test('a connection that is cut during an append: the batch is sent again, and recorded once', async (t) => {
  const service = await openBehindProxy(t)
  const { post, proxy, database } = service
  const letGo = await holdLog(database)
  const ids = ['a', 'b', 'c', 'd']
  const answers = Promise.all(ids.map((id) => post(id, proposed())))
  await untilAppendsWait(database, 1)
  proxy.cut()
  // The first attempt still waits on the server, and the second one behind it: both get the lock in the end.
  await untilAppendsWait(database, 2)
  await letGo()
  for (const answer of await answers) {
    t.equal(answer.statusCode, 201)
    t.equal(answer.headers['idempotency-replayed'], undefined)
  }
  t.same((await logOf(database)).sort(), ['a/1 proposed', 'b/1 proposed', 'c/1 proposed', 'd/1 proposed'])
})

t.test('an answer that is lost after an atomic import: it is in the log once, and answered as recorded', async (t) => {
  const { bulk, proxy, database } = await openBehindProxy(t)
  const lost = proxy.loseAnswer((sent) => sent.includes('append_events'))
  const answer = await bulk(
    ['a', 'b'].map((id) => ({ proposalId: id, ...proposed() })),
    { query: { atomic: 'true' } },
  )
  await lost
  t.equal(answer.statusCode, 200)
  t.match(answer.json(), { results: [{ position: 1 }, { position: 2 }], summary: { recorded: 2 } })
  t.equal((await logOf(database)).length, 2)
})

t.test('backends that are terminated under load cause no lost event', async (t) => {
  const { post, database } = await openBehindProxy(t)
  const walks = Array.from({ length: 60 }, async (_, index) => {
    const id = `p${index}`
    const headers = { 'idempotency-key': `"${id}"` }
    const first = await again(() => post(id, proposed(), { headers }))
    const second = await again(() => post(id, agreed(), { headers: { 'idempotency-key': `"${id}-agreed"` } }))
    return [first, second]
  })
  let terminated = 0
  const statuses = await during(Promise.all(walks), 15, async () => {
    if (terminated < 40) terminated += await terminateBackends(database)
  })
  t.comment(`${terminated} backends terminated`)
  t.ok(terminated > 0)
  t.same(new Set(statuses.flat()), new Set([201]))
  const log = await logOf(database)
  t.equal(log.length, 120)
  t.equal(new Set(log).size, 120)
})

/** The caller's part of the contract: after 503, send the same request again. */
async function again(send: () => Promise<{ statusCode: number }>): Promise<number> {
  for (let tries = 0; tries < 50; tries += 1) {
    const { statusCode } = await send()
    if (statusCode !== 503) return statusCode
  }
  return 503
}
