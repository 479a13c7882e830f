import { setTimeout as sleep } from 'node:timers/promises'
import { type BulkLine, CutShort, createClient, type LineResult } from '@commitments/client'
import { agreed, eventually, funded, proposed, tcpProxy } from '@commitments/test-kit'
import t from 'tap'
import { eventsOf, openServices } from './services.ts'

function proposals(count: number, prefix = 'p'): BulkLine[] {
  return Array.from({ length: count }, (_, index) => ({ proposalId: `${prefix}${index}`, ...proposed() }))
}

/** The results and, at their end, the summary. */
async function run<Summary>(results: AsyncGenerator<LineResult, Summary>) {
  const collected: LineResult[] = []
  for (;;) {
    const { done, value } = await results.next()
    if (done) return { results: collected, summary: value }
    collected.push(value)
  }
}

t.test('each line has its result, in order, and the summary is returned at the end', async (t) => {
  const client = (await openServices(t)).client()
  const lines: BulkLine[] = [
    { proposalId: 'lab', ...proposed(), idempotencyKey: 'mine' },
    { proposalId: 'lab', ...funded() },
    { proposalId: 'lab', ...agreed(), ifVersion: 1 },
  ]
  const { results, summary } = await run(client.recordEvents(lines))
  t.match(results, [
    { line: 1, status: 201, version: 1, idempotencyKey: 'mine' },
    { line: 2, status: 409, code: 'not-agreed', idempotencyKey: String },
    { line: 3, status: 201, version: 2, position: 2 },
  ])
  t.same(summary, { lines: 3, recorded: 2, replayed: 0, refused: 1 })
  t.same((await run(client.recordEvents([]))).summary, { lines: 0, recorded: 0, replayed: 0, refused: 0 })
})

t.test('results arrive before later lines are produced, so a line can depend on them', async (t) => {
  const client = (await openServices(t)).client()
  const answered: number[] = []
  async function* lines(): AsyncGenerator<BulkLine> {
    yield { proposalId: 'lab', ...proposed() }
    await eventually(() => answered.length === 1)
    yield { proposalId: 'lab', ...agreed() }
  }
  for await (const { line, status } of client.recordEvents(lines())) {
    t.equal(status, 201)
    answered.push(line)
  }
  t.same(answered, [1, 2])
})

t.test('lines that come more slowly than the service waits are still recorded, once', async (t) => {
  const services = await openServices(t, { limits: { bulk: { silentMs: 500 } } })
  async function* slow() {
    for (const line of proposals(4)) {
      await sleep(1_200)
      yield line
    }
  }
  const { results, summary } = await run(services.client().recordEvents(slow()))
  t.match(
    results,
    [1, 2, 3, 4].map((line) => ({ line, status: 201 })),
  )
  t.same(summary, { lines: 4, recorded: 4, replayed: 0, refused: 0 })
  t.equal(await eventsOf(services.database), 4)
})

t.test('without lines nothing is sent, and nothing fails', async (t) => {
  const client = createClient({ commandUrl: 'http://127.0.0.1:9', projectionUrl: 'http://127.0.0.1:9', apiKey: 'x' })
  t.match(await client.recordAtomically([]), { results: [], summary: { lines: 0 } })
  t.match((await run(client.recordEvents([]))).summary, { lines: 0 })
})

t.test('lines are requested no faster than results are read', async (t) => {
  const client = (await openServices(t)).client()
  let taken = 0
  // Each line is answered with some twenty kilobytes, so that the sockets in between hold few results.
  const surprises = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`surprise${index}`, true]))
  function* endless(): Generator<BulkLine> {
    for (;;) yield { proposalId: `p${(taken += 1)}`, ...proposed(), ...surprises }
  }
  const results = client.recordEvents(endless())
  await results.next()
  let before = -1
  await eventually(
    () => {
      const still = taken === before
      before = taken
      return still
    },
    { every: 500, within: 20_000 },
  )
  t.ok(taken < 5_000, `${taken} lines were taken`)
  await results.return({ lines: 0, recorded: 0, replayed: 0, refused: 0 })
})

t.test(
  'an interrupted call is resumed with the lines that have no result, and nothing is recorded twice',
  async (t) => {
    const services = await openServices(t)
    const proxy = await tcpProxy(t, { port: Number(new URL(services.commandUrl).port) })
    const client = services.client({ commandUrl: proxy.through(services.commandUrl) })
    const lines = proposals(2_000)
    const results: LineResult[] = []
    for await (const result of client.recordEvents(lines)) {
      results.push(result)
      if (result.line === 100 || result.line === 900) proxy.cut()
    }
    t.same(
      results.map(({ line }) => line),
      lines.map((_, index) => index + 1),
    )
    t.ok(results.every(({ status, line, proposalId }) => status === 201 && proposalId === `p${line - 1}`))
    t.equal(await eventsOf(services.database), 2_000)
  },
)

t.test('a call whose whole answer is lost is recorded once', async (t) => {
  const services = await openServices(t)
  const proxy = await tcpProxy(t, { port: Number(new URL(services.commandUrl).port) })
  const client = services.client({ commandUrl: proxy.through(services.commandUrl) })
  void proxy.loseAnswer()
  const running = run(client.recordEvents(proposals(20)))
  await eventually(async () => (await eventsOf(services.database)) === 20)
  proxy.cut()
  t.same((await running).summary, { lines: 20, recorded: 0, replayed: 20, refused: 0 })
})

t.test('a call that cannot be resumed returns the lines without result, with their keys', async (t) => {
  const services = await openServices(t)
  const proxy = await tcpProxy(t, { port: Number(new URL(services.commandUrl).port) })
  const retries = { firstPauseMs: 10, withinMs: 300 }
  const client = services.client({ commandUrl: proxy.through(services.commandUrl), retries })
  const away = Promise.withResolvers<void>()
  async function* lines(): AsyncGenerator<BulkLine> {
    yield* proposals(300).slice(0, 50)
    await away.promise
    yield* proposals(300).slice(50)
  }
  let answered = 0
  const reading = async () => {
    for await (const { line } of client.recordEvents(lines())) {
      answered = line
      if (line !== 10) continue
      proxy.refuse()
      away.resolve()
    }
  }
  const cut = await reading().catch((error: unknown) => error)
  t.ok(cut instanceof CutShort)
  const { lines: unanswered = [] } = (cut as CutShort).resume
  t.equal(unanswered[0]?.proposalId, `p${answered}`)
  t.ok(unanswered.every(({ idempotencyKey }) => idempotencyKey))
  proxy.resume()
  const { summary } = await run(
    client.recordEvents([...unanswered, ...proposals(300).slice(answered + unanswered.length)]),
  )
  t.match(summary, { lines: 300 - answered, refused: 0 })
  t.equal(await eventsOf(services.database), 300)
})

t.test('an error in the caller’s lines is thrown after the results of the lines before it', async (t) => {
  const client = (await openServices(t)).client()
  function* lines(): Generator<BulkLine> {
    yield* proposals(3)
    throw new Error('the file ends here')
  }
  const results: LineResult[] = []
  const reading = async () => {
    for await (const result of client.recordEvents(lines())) results.push(result)
  }
  await t.rejects(reading(), { message: 'the file ends here' })
  t.match(results, [{ status: 201 }, { status: 201 }, { status: 201 }])
})

t.test('a refused call is a problem, and the source of lines is closed', async (t) => {
  const { client } = await openServices(t)
  let released = false
  function* lines(): Generator<BulkLine> {
    try {
      for (;;) yield { proposalId: 'lab', ...proposed() }
    } finally {
      released = true
    }
  }
  await t.rejects(run(client({ apiKey: 'wrong' }).recordEvents(lines())), { code: 'unauthenticated', status: 401 })
  t.ok(released)
})

t.test('atomic: the refused lines are in the problem, and nothing is recorded', async (t) => {
  const { client, database } = await openServices(t)
  const lines = [...proposals(2), { proposalId: 'other', ...agreed() }]
  await t.rejects(client().recordAtomically(lines), {
    code: 'unknown-proposal',
    problem: { lines: [{ line: 3, code: 'unknown-proposal' }] },
  })
  t.equal(await eventsOf(database), 0)
})
