import { CutShort, GapInFeed, LogChanged } from '@commitments/client'
import { acceptRestore } from '@commitments/event-store'
import { agreed, eventually, proposed, tcpProxy } from '@commitments/test-kit'
import t from 'tap'
import { collect, openServices, type Services } from './services.ts'

/** Events with long notes: more bytes than fit into the sockets between service and client. */
async function recordMuch({ client }: Services, count: number): Promise<void> {
  const note = { en: 'x'.repeat(10_000), vi: 'y'.repeat(10_000), ko: 'z'.repeat(10_000) }
  const lines = Array.from({ length: count }, (_, index) => ({ proposalId: `p${index}`, ...proposed(), note }))
  for await (const { status } of client().recordEvents(lines)) if (status !== 201) throw new Error('not recorded')
}

/** A fetch that changes the lines of answers in NDJSON. */
function changing(change: (lines: string[]) => string[]): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init)
    const lines = (await response.text()).split('\n').slice(0, -1)
    return new Response(`${change(lines).join('\n')}\n`, response)
  }
}

t.test('the feed gives the exact lines of the log, with their positions', async (t) => {
  const { client, database } = await openServices(t)
  const recorded = [
    await client().recordEvent('lab', proposed({}, { note: { en: 'two\u2028lines' } })),
    await client().recordEvent('lab', agreed()),
  ]
  const lines = await collect(client().feed())
  t.same(
    lines,
    recorded.map(({ position, logId, line }) => ({ position, logId, line })),
  )
  const { rows } = await database.pool().query<{ line: string }>('SELECT line FROM events ORDER BY position')
  t.same(
    lines.map(({ line }) => line),
    rows.map(({ line }) => line),
  )
  t.match(await collect(client().feed({ after: 1 })), [{ position: 2 }])
  t.match(await collect(client().feed({ limit: 1 })), [{ position: 1 }])
  t.same(await collect(client().feed({ after: 2 })), [])
  await t.rejects(collect(client().feed({ after: 3 })), { code: 'beyond-head', problem: { head: 2 } })
})

t.test('an interrupted feed resumes after the last line received', async (t) => {
  const services = await openServices(t)
  await recordMuch(services, 400)
  const proxy = await tcpProxy(t, { port: Number(new URL(services.projectionUrl).port) })
  const asked: string[] = []
  const client = services.client({
    projectionUrl: proxy.through(services.projectionUrl),
    fetch: (input, init) => {
      asked.push(input as string)
      return fetch(input, init)
    },
  })
  const positions: number[] = []
  for await (const { position } of client.feed()) {
    positions.push(position)
    if (position === 5) proxy.cut()
  }
  t.same(
    positions,
    Array.from({ length: 400 }, (_, index) => index + 1),
  )
  t.equal(asked.length, 2)
  t.notMatch(asked[1], /after=0/)
})

t.test('a feed that cannot be resumed says from which position to continue', async (t) => {
  const services = await openServices(t)
  await recordMuch(services, 400)
  const proxy = await tcpProxy(t, { port: Number(new URL(services.projectionUrl).port) })
  const client = services.client({
    projectionUrl: proxy.through(services.projectionUrl),
    retries: { firstPauseMs: 10, withinMs: 300 },
  })
  let last = 0
  const reading = async () => {
    for await (const { position } of client.feed()) {
      last = position
      if (position === 5) proxy.refuse()
    }
  }
  const cut = await reading().catch((error: unknown) => error)
  t.ok(cut instanceof CutShort)
  t.equal((cut as CutShort).resume.after, last)
  t.ok(last >= 5 && last < 400)
  proxy.resume()
  t.equal((await collect(client.feed({ after: last }))).length, 400 - last)
})

t.test('a feed that ends early is detected by the announced position', async (t) => {
  const { client } = await openServices(t)
  await client().recordAtomically([proposed(), agreed()].map((body) => ({ proposalId: 'lab', ...body })))
  let first = true
  const shortened = changing((lines) => {
    const shown = first ? lines.slice(0, 1) : lines
    first = false
    return shown
  })
  t.match(await collect(client({ fetch: shortened }).feed()), [{ position: 1 }, { position: 2 }])
  t.equal(first, false)
})

t.test('a missing or repeated position is an error and is not skipped', async (t) => {
  const { client } = await openServices(t)
  await client().recordAtomically(['a', 'b', 'c'].map((proposalId) => ({ proposalId, ...proposed() })))
  const gap = collect(client({ fetch: changing((lines) => lines.toSpliced(1, 1)) }).feed())
  await t.rejects(gap, new GapInFeed(2, 3))
  const twice = collect(client({ fetch: changing((lines) => lines.toSpliced(1, 0, lines[0] ?? '')) }).feed())
  await t.rejects(twice, new GapInFeed(2, 1))
})

t.test('a log other than the known one is a named error', async (t) => {
  const services = await openServices(t)
  const client = services.client()
  const { logId, position } = await client.recordEvent('lab', proposed())
  await collect(client.feed({ after: position, logId }))
  const restored = await acceptRestore(services.database.pool(), 'a test')
  await eventually(async () => (await client.portfolio()).logId !== logId)
  // Statuses in memory are of the old log until the service has looked, which it does every second.
  await eventually(async () => (await client.getProposal('lab')).logId !== logId)
  const changed = await collect(client.feed({ after: position, logId })).catch((error: unknown) => error)
  t.ok(changed instanceof LogChanged)
  t.match(changed, { expected: logId })
  t.not((changed as LogChanged).actual, logId)
  await t.rejects(client.getProposal('lab', { atLeast: { position, logId } }), LogChanged)
  await t.rejects(client.waitFor({ position: 99, logId }), LogChanged)
  t.ok(restored)
})
