import { once } from 'node:events'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { BodyRoom } from '@commitments/http-kit'
import { agreed, eventually, funded, proposed } from '@commitments/test-kit'
import t from 'tap'
import { openCommandApp } from '../app-fixture.ts'
import { logOf } from '../recorder-fixture.ts'
import { type BulkCall, beginBulk, readResults } from './bulk-call.ts'

t.setTimeout(240_000)

/** A line of some 300 bytes whose answer has some 5,000: it fills the reader's buffers, and costs the log nothing. */
const wrong = {
  proposalId: 'lab',
  ...agreed(),
  ...Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`x${index}`, 1])),
}

function valid(index: number): object {
  return { proposalId: `p${index}`, idempotencyKey: `import:${index}`, ...proposed() }
}

/** Every tenth line is an event, and the answers to the others are long. */
function mixed(index: number): object {
  return index % 10 === 0 ? valid(index / 10) : wrong
}

t.test('results arrive while the rest is still being sent', async (t) => {
  const call = await beginBulk(await openCommandApp(t))
  await call.send(valid(0))
  const response = await call.response
  t.match(await readResults(response, 1), [{ line: 1, status: 201, position: 1 }])
  await call.send(valid(1))
  call.request.end()
  t.match(await readResults(response), [{ line: 2, status: 201 }, { summary: { lines: 2, recorded: 2 } }])
})

t.test('lines wait for room in the queue, and the lines of one proposal keep their order', async (t) => {
  const { bulk, post } = await openCommandApp(t, { limits: { queue: { events: 3, bytes: 1_000_000 } } })
  const funding = Array.from({ length: 100 }, (_, index) => funded({ line: `line-${index}` }))
  const walk = [proposed(), agreed(), ...funding].map((body, index) => ({
    proposalId: 'lab',
    ifVersion: index,
    ...body,
  }))
  const [first, second] = await Promise.all([
    bulk(walk),
    bulk(Array.from({ length: 100 }, (_, index) => valid(index))),
    ...Array.from({ length: 20 }, (_, index) => post(`other-${index}`, proposed())),
  ])
  t.match(JSON.parse(first.body.trim().split('\n').at(-1) ?? ''), { summary: { recorded: 102, refused: 0 } })
  t.match(JSON.parse(second.body.trim().split('\n').at(-1) ?? ''), { summary: { recorded: 100, refused: 0 } })
})

/** Results that are held for a reader: so few that a test fills the room. */
const smallRoom = { memoryBytes: 64 * 1024, fileBytes: 1024 * 1024, folder: tmpdir(), warn: () => {} }

t.test('a client that sends everything before it reads gets every result', async (t) => {
  const service = await openCommandApp(t, { limits: { bulk: { stallMs: 5_000 } } })
  const call = await beginBulk(service)
  const lines = 6_000
  const body = Array.from({ length: lines }, (_, index) => `${JSON.stringify(mixed(index))}\n`).join('')
  await call.send(body)
  call.request.end()
  const response = await call.response
  await sleep(500)
  const results = await readResults(response)
  t.equal(results.length, lines + 1)
  t.ok(results.slice(0, -1).every(({ line }, index) => line === index + 1))
  t.match(results.at(-1), { summary: { lines, recorded: lines / 10, refused: (lines / 10) * 9 } })
})

t.test('if no file for results can be created, the sender waits for the reader', async (t) => {
  const warnings: unknown[] = []
  const room = { ...smallRoom, folder: '/nowhere', warn: (error: unknown) => void warnings.push(error) }
  const service = await openCommandApp(t, { limits: { bulk: { room } } })
  const call = await beginBulk(service)
  const sending = sendUntilStopped(call)
  t.ok((await sending.stopped) < 20_000)
  sending.end()
  const results = await readResults(await call.response)
  t.match(results.at(-1), { summary: { lines: await sending.sent } })
  t.match(warnings, [{ code: 'ENOENT' }])
})

t.test('a body that falls silent is abandoned: earlier lines are answered, and there is no summary', async (t) => {
  const service = await openCommandApp(t, { limits: { bulk: { silentMs: 200 } } })
  const call = await beginBulk(service)
  await call.send(valid(0))
  await call.send('{"half of a')
  const results = await readResults(await call.response)
  t.match(results, [
    { line: 1, status: 201 },
    { line: 2, status: 408, code: 'request-timeout' },
  ])
  t.equal(results.length, 2)

  const silent = await beginBulk(service)
  silent.request.flushHeaders()
  t.equal((await silent.response).statusCode, 408)
  t.notMatch(service.logged.join(''), /"level":50/)
})

t.test(
  'of lines that have begun, only so many long ones are held; others wait for room, and are refused after a while',
  async (t) => {
    const roomForOne = { begun: new BodyRoom(2), begunMs: 300 }
    const service = await openCommandApp(t, { limits: { bulk: roomForOne } })
    const [first, second] = [await beginBulk(service), await beginBulk(service)]
    const long = (index: number) => JSON.stringify(valid(index)).replace('{', `{${' '.repeat(100_000)}`)
    await first.send(valid(0))
    await first.send(long(1).slice(0, 90_000))
    await readResults(await first.response, 1)
    await second.send(valid(2))
    await second.send(long(3).slice(0, 90_000))
    const refused = await readResults(await second.response)
    t.match(refused, [
      { line: 1, status: 201 },
      { line: 2, status: 503, code: 'unavailable', detail: /Nothing from this line on/ },
    ])
    t.equal(refused.length, 2)
    const third = await beginBulk(service)
    await third.send(long(3).slice(0, 90_000))
    await first.send(`${long(1).slice(90_000)}\n`)
    await third.send(long(3).slice(90_000))
    for (const call of [first, third]) call.request.end()
    t.match(await readResults(await third.response), [{ line: 1, status: 201 }, { summary: { recorded: 1 } }])
    t.match(await readResults(await first.response), [{ line: 2, status: 201 }, { summary: { recorded: 2 } }])
  },
)

t.test('whoever sends everything before it reads the answer can also read why the rest was not read', async (t) => {
  const service = await openCommandApp(t, { limits: { bulk: { begun: new BodyRoom(2), begunMs: 300 } } })
  const holder = await beginBulk(service)
  await holder.send(`{${' '.repeat(50_000)}`)
  await service.bulk([valid(0)])
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  for (const [query, body, status] of [
    ['', `{${' '.repeat(7_000_000)}`, 503],
    ['?atomic=true', '{}\n'.repeat(1_000_000), 413],
  ] as const) {
    const call = await beginBulk(service, query, agent)
    const faults: unknown[] = []
    call.request.on('error', (fault) => void faults.push(fault))
    await call.send(body.slice(0, 300_000))
    const response = await call.response
    call.request.end(body.slice(300_000))
    await Promise.race([once(call.request, 'finish'), call.ended]).catch(() => {})
    t.same([response.statusCode, faults], [status, []])
    response.resume()
  }
  holder.request.destroy()
})

t.test('a long line must be complete in time, even if bytes keep coming', async (t) => {
  const service = await openCommandApp(t, {
    limits: { bulk: { begun: new BodyRoom(2), begunMs: 10_000, lineMs: 300 } },
  })
  const [slow, other] = [await beginBulk(service), await beginBulk(service)]
  const dripping = setInterval(() => void slow.send(' '), 20)
  t.teardown(() => clearInterval(dripping))
  await slow.send(`\n${JSON.stringify(valid(0))}\n\n{${' '.repeat(50_000)}`)
  t.match(await readResults(await slow.response, 1), [{ line: 2, status: 201 }])
  const long = JSON.stringify(valid(1)).replace('{', `{${' '.repeat(100_000)}`)
  await other.send(long.slice(0, 90_000))
  t.match(await readResults(await slow.response), [{ line: 4, status: 408, code: 'request-timeout' }])
  await other.send(long.slice(90_000))
  other.request.end()
  t.match(
    await readResults(await other.response),
    [{ line: 1, status: 201 }, { summary: { recorded: 1 } }],
    'its room is free',
  )
})

t.test('long lines one after the other have each their own time, and others can take room between them', async (t) => {
  const service = await openCommandApp(t, {
    limits: { bulk: { begun: new BodyRoom(2), begunMs: 10_000, lineMs: 300 } },
  })
  const [steady, other] = [await beginBulk(service), await beginBulk(service)]
  const long = (index: number) => `${JSON.stringify(valid(index)).replace('{', `{${' '.repeat(60_000)}`)}\n`
  const whole = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(long).join('')
  const each = long(0).length
  const sending = (async () => {
    // Every piece ends a line and begins a long part of the next one.
    await steady.send(whole.slice(0, 40_000))
    for (let start = 40_000; start < whole.length; start += each) {
      await sleep(100)
      if (start === 40_000 + 2 * each) await other.send(long(10).slice(0, 50_000))
      if (start === 40_000 + 6 * each) other.request.end(long(10).slice(50_000))
      await steady.send(whole.slice(start, start + each))
    }
    steady.request.end()
  })()
  const results = await readResults(await steady.response)
  await sending
  t.match(results.at(-1), { summary: { lines: 10, recorded: 10 } })
  t.match(await readResults(await other.response), [{ line: 1, status: 201 }, { summary: { recorded: 1 } }])
})

t.test('an atomic body must be complete within a time limit, even if bytes keep coming', async (t) => {
  const service = await openCommandApp(t, { limits: { bulk: { atomicMs: 300 } } })
  const call = await beginBulk(service, '?atomic=true')
  const dripping = setInterval(() => void call.send(' '), 20)
  t.teardown(() => clearInterval(dripping))
  await call.send(valid(0))
  t.equal((await call.response).statusCode, 408)
  t.same(await logOf(service.database), [])
})

t.test('a sender that goes away is not logged as an internal fault', async (t) => {
  const service = await openCommandApp(t)
  for (const query of ['', '?atomic=true']) {
    const call = await beginBulk(service, query)
    await call.send(`${JSON.stringify(valid(0))}\n{"half`)
    call.request.flushHeaders()
    await sleep(100)
    call.request.destroy()
    await call.ended
  }
  const reader = await beginBulk(service)
  for (let index = 0; index < 2_000; index += 1) await reader.send(mixed(index))
  await readResults(await reader.response, 1)
  reader.request.destroy()
  await sleep(200)
  t.notMatch(service.logged.join(''), /"level":50/)
})

t.test(
  'a reader that takes nothing stops the sender when its buffer is full, and the import continues later',
  async (t) => {
    const service = await openCommandApp(t, { limits: { bulk: { room: smallRoom } } })
    const call = await beginBulk(service)
    const before = process.memoryUsage().rss
    const sending = sendUntilStopped(call)
    await call.response
    const stoppedAfter = await sending.stopped
    const grown = (process.memoryUsage().rss - before) / 2 ** 20
    t.comment(`stopped after ${stoppedAfter} lines; ${grown.toFixed(0)} MiB more`)
    t.ok(stoppedAfter < 20_000, 'the sender was stopped')
    t.ok(grown < 192, 'what is in memory does not grow with what is sent')
    const results = readResults(await call.response)
    sending.end()
    const lines = await sending.sent
    const last = (await results).at(-1)
    t.match(last, { summary: { lines, recorded: Math.ceil(lines / 10) } })
  },
)

/** Sends without end. Stopped: nothing more was sent for half a second. */
function sendUntilStopped(call: BulkCall) {
  const state = { lines: 0, at: performance.now(), open: true }
  const run = async () => {
    while (state.open && !call.request.destroyed) {
      await call.send(mixed(state.lines))
      state.lines += 1
      state.at = performance.now()
      if (state.lines % 100 === 0) await sleep(0)
    }
    call.request.end()
    return state.lines
  }
  const sent = run()
  const stopped = eventually(() => performance.now() - state.at > 500 && state.lines, { within: 60_000 })
  const end = () => {
    state.open = false
  }
  return { stopped, sent, end }
}

t.test('a reader that takes nothing beyond the limit is disconnected, and resumes by its keys', async (t) => {
  const service = await openCommandApp(t, { limits: { bulk: { stallMs: 300, room: smallRoom } } })
  const call = await beginBulk(service)
  const sending = sendUntilStopped(call)
  sending.stopped.catch(() => {})
  const response = await call.response
  const cut = await new Promise((resolve) => call.request.socket?.once('close', () => resolve(true)))
  t.ok(cut)
  sending.end()
  const lines = await sending.sent
  await t.rejects(readResults(response), 'there is no summary: the answer was cut')

  const events = Math.ceil(lines / 10)
  const again = await service.bulk(Array.from({ length: events }, (_, index) => valid(index)))
  const last = JSON.parse(again.body.trim().split('\n').at(-1) ?? '')
  t.match(last, { summary: { lines: events, refused: 0 } })
  t.ok(last.summary.replayed > 0, 'what was accepted before the cut was recorded')
  t.equal((await logOf(service.database)).length, events)
})

t.test('a slow reader is not disconnected', async (t) => {
  const service = await openCommandApp(t, { limits: { bulk: { stallMs: 400 } } })
  const call = await beginBulk(service)
  const lines = 2_000
  const sent = (async () => {
    for (let index = 0; index < lines; index += 1) await call.send(mixed(index))
    call.request.end()
  })()
  const response = await call.response
  let bytes = ''
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes = (bytes + chunk.toString('utf8')).slice(-1_000)
    await sleep(5)
  }
  await sent
  t.match(bytes, `{"summary":{"lines":${lines},`)
})

t.test(
  'a sender that stops in the middle of a line: what was answered is recorded, and it resumes by its keys',
  async (t) => {
    const service = await openCommandApp(t)
    const call = await beginBulk(service)
    for (let index = 0; index < 300; index += 1) await call.send(valid(index))
    await call.send(JSON.stringify(valid(300)).slice(0, -20))
    const told = await readResults(await call.response, 50)
    call.request.destroy()
    await call.ended
    t.ok(told.every(({ status }) => status === 201))

    const lines = Array.from({ length: 400 }, (_, index) => valid(index))
    const results = (await service.bulk(lines)).body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    t.match(results.at(-1), { summary: { lines: 400, refused: 0 } })
    for (const { line, position } of told) t.match(results[Number(line) - 1], { replayed: true, position })
    t.notOk(results[300]?.replayed, 'half a line is no line')
    const log = await logOf(service.database)
    t.equal(new Set(log).size, 400)
    t.equal(log.length, 400)
  },
)
