import { setTimeout as sleep } from 'node:timers/promises'
import { CutShort, ProblemError, Unreachable } from '@commitments/client'
import { agreed, eventually, proposed, tcpProxy } from '@commitments/test-kit'
import t from 'tap'
import { eventsOf, openServices } from './services.ts'

function portOf(url: string): { port: number } {
  return { port: Number(new URL(url).port) }
}

t.test('an event whose answer is lost is recorded once, and the client still gets the answer', async (t) => {
  const services = await openServices(t)
  const proxy = await tcpProxy(t, portOf(services.commandUrl))
  const client = services.client({ commandUrl: proxy.through(services.commandUrl) })
  // The proxy keeps the answer; the connection is cut once the event is in the log.
  void proxy.loseAnswer()
  const recording = client.recordEvent('lab', proposed())
  await eventually(async () => (await eventsOf(services.database)) === 1)
  proxy.cut()
  t.match(await recording, { replayed: true, version: 1, position: 1 })
  t.equal(await eventsOf(services.database), 1)
})

t.test('an atomic import whose answer is lost is recorded once', async (t) => {
  const services = await openServices(t)
  const proxy = await tcpProxy(t, portOf(services.commandUrl))
  const client = services.client({ commandUrl: proxy.through(services.commandUrl) })
  void proxy.loseAnswer()
  const lines = [proposed(), agreed()].map((body) => ({ proposalId: 'lab', ...body }))
  const recording = client.recordAtomically(lines)
  await eventually(async () => (await eventsOf(services.database)) === 2)
  proxy.cut()
  t.match(await recording, {
    summary: { lines: 2, recorded: 0, replayed: 2 },
    results: [{ version: 1 }, { version: 2 }],
  })
})

t.test('a silent connection is abandoned, and the event is sent again', async (t) => {
  const services = await openServices(t)
  const proxy = await tcpProxy(t, portOf(services.commandUrl))
  const retries = { firstPauseMs: 10, attemptMs: 1_000, withinMs: 20_000 }
  const client = services.client({ commandUrl: proxy.through(services.commandUrl), retries })
  void proxy.loseAnswer()
  t.match(await client.recordEvent('lab', proposed()), { replayed: true })
  t.equal(await eventsOf(services.database), 1)
})

t.test('an unreachable service is an error that has the key for sending the event again', async (t) => {
  const services = await openServices(t)
  const proxy = await tcpProxy(t, portOf(services.commandUrl))
  const retries = { firstPauseMs: 10, withinMs: 200 }
  const client = services.client({ commandUrl: proxy.through(services.commandUrl), retries })
  proxy.refuse()
  const failure = await client.recordEvent('lab', proposed()).catch((error: unknown) => error)
  t.ok(failure instanceof Unreachable)
  const { idempotencyKey = '' } = failure as Unreachable
  const cut = await client.recordAtomically([{ proposalId: 'other', ...proposed() }]).catch((error: unknown) => error)
  t.ok(cut instanceof CutShort)
  const { lines = [] } = (cut as CutShort).resume
  t.match(lines, [{ proposalId: 'other', idempotencyKey: String }])
  proxy.resume()
  t.match(await client.recordEvent('lab', proposed(), { idempotencyKey }), { replayed: false, version: 1 })
  t.match(await client.recordAtomically(lines), { summary: { recorded: 1 } })
})

t.test('429 is retried no earlier than Retry-After says', async (t) => {
  const services = await openServices(t, { environment: { RATE_LIMIT: '1/second' } })
  const statuses: number[] = []
  const times: number[] = []
  const client = services.client({
    fetch: async (input, init) => {
      times.push(performance.now())
      const response = await fetch(input, init)
      statuses.push(response.status)
      return response
    },
  })
  await client.recordEvent('lab', proposed())
  await client.recordEvent('lab', agreed())
  t.equal(statuses[0], 201)
  t.equal(statuses[1], 429)
  t.equal(statuses.at(-1), 201)
  t.ok((times[2] ?? 0) - (times[1] ?? 0) >= 1_000, 'the service asked for a second')
})

t.test('503 is retried; if Retry-After exceeds the limit, the problem is thrown at once', async (t) => {
  const services = await openServices(t, { patience: 100 })
  const client = services.client()
  const reading = client.waitFor(1)
  await sleep(300)
  const recorded = await client.recordEvent('lab', proposed())
  t.match(await reading, { position: 1, logId: recorded.logId })
  let sent = 0
  const counting: typeof fetch = (input, init) => {
    sent += 1
    return fetch(input, init)
  }
  const late = await services
    .client({ fetch: counting })
    .waitFor(99, { retries: { withinMs: 500 } })
    .catch((error: unknown) => error)
  t.ok(late instanceof ProblemError)
  t.match(late, { code: 'not-yet-applied', status: 503, problem: { applied: 1 } })
  t.equal(sent, 1, 'it was not waited for another try')
})

t.test('the client waits for a service that is starting', async (t) => {
  const services = await openServices(t)
  const proxy = await tcpProxy(t, portOf(services.projectionUrl))
  const client = services.client({ projectionUrl: proxy.through(services.projectionUrl) })
  proxy.refuse()
  const reading = client.portfolio()
  await sleep(100)
  proxy.resume()
  t.match(await reading, { value: { total: 0 } })
})

t.test('an aborted call ends with the given reason, even during a pause', async (t) => {
  const services = await openServices(t)
  const proxy = await tcpProxy(t, portOf(services.commandUrl))
  const client = services.client({
    commandUrl: proxy.through(services.commandUrl),
    retries: { firstPauseMs: 60_000, longestPauseMs: 60_000, withinMs: 600_000 },
  })
  proxy.refuse()
  const stop = new AbortController()
  const recording = client.recordEvent('lab', proposed(), { signal: stop.signal })
  setTimeout(() => stop.abort(new Error('enough')), 100)
  await t.rejects(recording, { message: 'enough' })
  await t.rejects(client.portfolio({ signal: stop.signal }), { message: 'enough' })
})
