import { agreed, eventually, proposed } from '@commitments/test-kit'
import t from 'tap'
import { openCommandApp } from '../app-fixture.ts'
import { logOf } from '../recorder-fixture.ts'
import { holdLog, untilAppendsWait } from './behind-proxy.ts'

t.test('beyond the queue a write is 503 at once, with Retry-After, and ready says so; bulk lines wait', async (t) => {
  const service = await openCommandApp(t, { limits: { queue: { events: 2, bytes: 1_000_000 } } })
  const { app, post, bulk, database } = service
  const letGo = await holdLog(database)
  const accepted = [post('a', proposed()), post('b', proposed())]
  await untilAppendsWait(database, 1)
  const refused = await post('c', proposed())
  t.equal(refused.statusCode, 503)
  t.equal(refused.headers['retry-after'], '1')
  t.match(refused.json(), { code: 'unavailable', detail: /More requests are waiting than can be served in time/ })
  t.match((await app.inject('/health/ready')).json(), { checks: [{}, {}, {}, { name: 'queue', ok: false }] })
  const patient = bulk(['d', 'e', 'f'].map((id) => ({ proposalId: id, ...proposed() })))
  await letGo()
  for (const answer of await Promise.all(accepted)) t.equal(answer.statusCode, 201)
  t.match(await patient, { statusCode: 200, body: /"recorded":3/ })
  t.equal((await post('c', proposed())).statusCode, 201)
  // Its answer is up to a second old.
  await eventually(async () => (await app.inject('/health/ready')).statusCode === 200)
  t.equal((await logOf(database)).length, 6)
})

t.test('RATE_LIMIT counts by key: one beyond it is 429 with Retry-After, another key goes on', async (t) => {
  const { post } = await openCommandApp(t, { environment: { RATE_LIMIT: '3/minute' } })
  const statuses = []
  for (const id of ['a', 'b', 'c']) statuses.push((await post(id, proposed())).statusCode)
  t.same(statuses, [201, 201, 201])
  const refused = await post('d', proposed())
  t.equal(refused.statusCode, 429)
  t.match(refused.headers, { 'retry-after': /^[1-9]\d*$/, 'content-type': 'application/problem+json' })
  t.match(refused.json(), { code: 'too-many-requests' })
  t.equal((await post('d', proposed(), { as: 'most' })).statusCode, 201)
})

t.test('each line of an import counts: an atomic one that is beyond the rate is refused as a whole', async (t) => {
  const { bulk, post, database } = await openCommandApp(t, { environment: { RATE_LIMIT: '10/hour' } })
  const lines = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ proposalId: `p-${index}`, ...proposed() }))
  const query = { atomic: 'true' }
  await post('first', proposed())
  t.equal((await bulk(lines(8), { query })).statusCode, 200)
  const refused = await bulk(lines(3), { query })
  t.equal(refused.statusCode, 429)
  t.match(refused.headers, { 'retry-after': /^[1-9]\d*$/ })
  t.equal((await logOf(database)).length, 9)
  t.equal((await post('by-another', proposed(), { as: 'most' })).statusCode, 201)
})

t.test(
  'an import larger than the whole rate is accepted if nothing was requested lately, and counts afterwards',
  async (t) => {
    const { bulk, post } = await openCommandApp(t, { environment: { RATE_LIMIT: '5/hour' } })
    const lines = Array.from({ length: 20 }, (_, index) => ({ proposalId: `p-${index}`, ...proposed() }))
    t.equal((await bulk(lines, { query: { atomic: 'true' } })).statusCode, 200)
    const refused = await post('next', proposed())
    t.equal(refused.statusCode, 429)
    t.ok(Number(refused.headers['retry-after']) > 3 * 3_600, 'four hours of it were taken')
  },
)

t.test('an import line by line beyond the rate is slowed down, and no line is refused', async (t) => {
  const { bulk } = await openCommandApp(t, { environment: { RATE_LIMIT: '20/second' } })
  const lines = Array.from({ length: 40 }, (_, index) => ({ proposalId: `p-${index}`, ...proposed() }))
  const begun = performance.now()
  const answer = await bulk(lines)
  t.match(answer.body.trim().split('\n').at(-1), /"recorded":40.*"refused":0/)
  t.ok(performance.now() - begun > 900, 'twenty at once, and twenty in the next second')
})

t.test('guessing keys is always limited; a right key still passes, and a missing one is still 401', async (t) => {
  const { app, post, database } = await openCommandApp(t)
  const guess = (index: number) =>
    app.inject({
      method: 'POST',
      url: '/v1/proposals/lab/events',
      headers: { authorization: `Bearer guess-${index}-0123456789`, 'content-type': 'application/json' },
      payload: JSON.stringify(agreed()),
    })
  const answers = []
  for (let index = 0; index < 32; index += 1) answers.push(await guess(index))
  t.equal(answers[0]?.statusCode, 401)
  const last = answers.at(-1)
  t.equal(last?.statusCode, 429)
  t.match(last?.headers, { 'retry-after': /^[1-9]\d*$/ })
  t.match(last?.json(), { code: 'too-many-requests' })
  t.equal((await app.inject({ method: 'POST', url: '/v1/events' })).statusCode, 401)
  t.equal((await post('lab', proposed())).statusCode, 201)
  t.equal((await logOf(database)).length, 1)
})
