import { CommitmentsError, createClient, ProblemError } from '@commitments/client'
import { agreed, delivered, funded, proposed } from '@commitments/test-kit/domain'
import t from 'tap'
import { collect, eventsOf, openServices } from './services.ts'

t.test('a proposal goes from proposed to delivered, and every write is read back at once', async (t) => {
  const client = (await openServices(t)).client()
  for (const [index, body] of [proposed(), agreed(), funded(), delivered()].entries()) {
    const recorded = await client.recordEvent(
      'joint-laboratory',
      body,
      index === 0 ? { ifNoneMatch: '*' } : { ifMatch: index },
    )
    t.match(recorded, { version: index + 1, position: index + 1, replayed: false, etag: `"${index + 1}"` })
    t.same(JSON.parse(recorded.line), recorded.event)
    const { value, position, logId } = await client.getProposal('joint-laboratory', { atLeast: recorded })
    t.match(value, { stage: body.type, version: index + 1 })
    t.ok(position >= recorded.position)
    t.equal(logId, recorded.logId)
  }
  const events = await collect(client.history('joint-laboratory', { pageSize: 3 }))
  t.same(
    events.map(({ event }) => event.type),
    ['proposed', 'agreed', 'funded', 'delivered'],
  )
  const { value } = await client.portfolio({ atLeast: 4 })
  t.match(value, { total: 1, byStage: { delivered: 1 }, money: { committed: { USD: '2000000' } } })
})

t.test('a refusal is an error with the problem document, and is not retried', async (t) => {
  const services = await openServices(t)
  let requests = 0
  const client = services.client({ fetch: (input, init) => ((requests += 1), fetch(input, init)) })
  const refused = await client.recordEvent('nowhere', agreed()).catch((error: unknown) => error)
  t.ok(refused instanceof ProblemError && refused instanceof CommitmentsError)
  t.match(refused, { code: 'unknown-proposal', status: 404, problem: { title: String }, idempotencyKey: String })
  await client.recordEvent('lab', proposed(), { ifNoneMatch: '*' })
  await t.rejects(client.recordEvent('lab', proposed()), { code: 'already-proposed', status: 409 })
  await t.rejects(client.recordEvent('lab', agreed(), { ifMatch: 7 }), {
    code: 'version-conflict',
    problem: { currentVersion: 1 },
  })
  await t.rejects(client.getProposal('nowhere'), { code: 'unknown-proposal' })
  await t.rejects(services.client({ apiKey: 'wrong' }).recordEvent('lab', agreed()), { code: 'unauthenticated' })
  t.equal(requests, 5)
})

t.test('a dry run checks and records nothing', async (t) => {
  const { client, database } = await openServices(t)
  t.match(await client().recordEvent('lab', proposed(), { dryRun: true }), { dryRun: true, version: 1 })
  await t.rejects(client().recordEvent('lab', agreed(), { dryRun: true }), { code: 'unknown-proposal' })
  t.equal(await eventsOf(database), 0)
})

t.test('a caller’s own key can contain quotes, and means the same request forever', async (t) => {
  const client = (await openServices(t)).client()
  const options = { idempotencyKey: 'ministry "A" \\ 17' }
  const first = await client.recordEvent('lab', proposed(), options)
  const again = await client.recordEvent('lab', proposed(), options)
  t.match(again, { replayed: true, line: first.line })
  await t.rejects(client.recordEvent('lab', agreed(), options), { code: 'idempotency-key-reused', ...options })
  await t.rejects(client.recordEvent('lab', agreed(), { idempotencyKey: 'é' }), TypeError)
})

t.test('an answer that the caller already has is not sent again', async (t) => {
  const client = (await openServices(t)).client()
  const recorded = await client.recordEvent('lab', proposed())
  const { etag } = await client.getProposal('lab', { atLeast: recorded })
  t.match(await client.getProposal('lab', { ifNoneMatch: etag }), { value: null, etag, position: 1 })
  const next = await client.recordEvent('lab', agreed())
  t.match(await client.getProposal('lab', { ifNoneMatch: etag, atLeast: next }), { value: { stage: 'agreed' } })
  const portfolio = await client.portfolio({ atLeast: next })
  t.match(await client.portfolio({ ifNoneMatch: portfolio.etag }), { value: null })
})

t.test('an invalid address is refused at once', async (t) => {
  const right = 'http://127.0.0.1:8080'
  t.throws(() => createClient({ commandUrl: 'localhost:8080', projectionUrl: right }), /commandUrl/)
  t.throws(() => createClient({ commandUrl: right, projectionUrl: '' }), /projectionUrl/)
})
