import { getEventListeners, once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { z } from 'zod'
import { type AppOptions, defineRoute } from '../src/index.ts'
import { closingOf } from '../src/limits/connections.ts'
import { listen, openApp } from './support.ts'

const get = 'GET /v1/held HTTP/1.1\r\nHost: x\r\n\r\n'

/** An app with a route whose answers wait until they are released, and a route with an answer of many megabytes. */
async function openHolding(t: Parameters<typeof openApp>[0], options: Partial<AppOptions> = {}) {
  const waiting: (() => void)[] = []
  const common = { method: 'GET', tag: 'Things', summary: 'S', access: 'public', problems: [] } as const
  const schema = z.object({})
  const held = defineRoute({
    ...common,
    url: '/v1/held',
    operationId: 'held',
    work: 'memory',
    responses: { 200: { description: 'Let go.', schema } },
    handler: async () => {
      await new Promise<void>((resolve) => waiting.push(resolve))
      return { status: 200, body: {} }
    },
  })
  const large = defineRoute({
    ...common,
    url: '/v1/large',
    operationId: 'large',
    responses: { 200: { description: 'Many bytes.', contentTypes: ['text/plain'] } },
    handler: () => ({ status: 200, body: 'x'.repeat(40_000_000) }),
  })
  const { app } = await openApp(t, { routes: [held, large], ...options })
  const port = await listen(app)
  const open = async () => {
    const socket = connect(port, '127.0.0.1')
    t.after(() => socket.destroy())
    await once(socket, 'connect')
    return socket
  }
  return { waiting, open, port }
}

/** Resolves when the other side has closed the connection. */
function closed(socket: Socket): Promise<unknown> {
  socket.on('error', () => undefined).resume()
  return new Promise((resolve) => socket.once('close', resolve))
}

/** Releases waiting answers until this many were released. */
async function letGo(waiting: (() => void)[], many: number): Promise<number> {
  let most = 0
  for (let gone = 0; gone < many; ) {
    if (waiting.length === 0) await sleep(2)
    most = Math.max(most, waiting.length)
    for (const go of waiting.splice(0)) {
      go()
      gone += 1
    }
  }
  return most
}

t.test('sixteen requests of one connection are in work at once, and all are answered', async (t) => {
  const { waiting, open } = await openHolding(t)
  const socket = await open()
  let answers = 0
  socket.on('data', (bytes: Buffer) => (answers += bytes.toString().split('HTTP/1.1 200').length - 1))
  socket.write(get.repeat(500))
  while (waiting.length < 16) await sleep(2)
  await sleep(50)
  t.equal(waiting.length, 16)
  t.equal(await letGo(waiting, 500), 16, 'never more')
  while (answers < 500) await sleep(2)
  t.equal(answers, 500)
})

t.test('a connection is closed if its requests exceed what all connections together can hold', async (t) => {
  const { waiting, open } = await openHolding(t, { connectionLimits: { held: 50 } })
  const modest = await open()
  modest.write(get.repeat(20))
  const answered = once(modest, 'data')
  const greedy = await open()
  const cut = closed(greedy)
  greedy.write(get.repeat(5_000))
  await cut
  for (const go of waiting.splice(0)) go()
  await answered
  t.pass('the other one is served')
})

t.test('when a connection is closed, its held requests are dropped, and others get their places', async (t) => {
  const { waiting, open } = await openHolding(t, { connectionLimits: { held: 50 } })
  for (let times = 0; times < 5; times += 1) {
    const leaver = await open()
    leaver.write(get.repeat(60))
    await sleep(30)
    leaver.destroy()
    await sleep(10)
  }
  waiting.splice(0)
  const socket = await open()
  let answers = 0
  socket.on('data', (bytes: Buffer) => (answers += bytes.toString().split('HTTP/1.1 200').length - 1))
  socket.write(get.repeat(60))
  await letGo(waiting, 60)
  while (answers < 60) await sleep(2)
  t.equal(answers, 60)
})

t.test('a reader of any answer that takes nothing is disconnected', async (t) => {
  const { open } = await openHolding(t, { connectionLimits: { stalled: 200, lookEvery: 50 } })
  const socket = await open()
  socket.pause()
  socket.write('GET /v1/large HTTP/1.1\r\nHost: x\r\n\r\n')
  await sleep(1_000)
  let bytes = 0
  socket.on('data', (chunk: Buffer) => (bytes += chunk.length))
  await closed(socket)
  t.ok(bytes < 40_000_000, 'the answer was cut')
})

t.test('a slow reader that takes something continues', async (t) => {
  const { open } = await openHolding(t, { connectionLimits: { stalled: 400, lookEvery: 50 } })
  const socket = await open()
  socket.write('GET /v1/large HTTP/1.1\r\nHost: x\r\n\r\n')
  let bytes = 0
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    // Some megabytes at a time, with pauses of half the limit.
    if (bytes % 3_000_000 < chunk.length) {
      socket.pause()
      setTimeout(() => socket.resume(), 100)
    }
  })
  while (bytes < 40_000_000) await sleep(20)
  t.notOk(socket.destroyed)
})

t.test('an idle connection is closed, even if it sends empty lines', async (t) => {
  const { open } = await openHolding(t, { connectionLimits: { idle: 300, lookEvery: 50 } })
  const socket = await open()
  const lines = setInterval(() => socket.write('\r\n'), 50)
  t.after(() => clearInterval(lines))
  await closed(socket)
  t.pass('closed')
})

t.test('a refused or unrequested body is read up to a limit of bytes and time', async (t) => {
  const unwanted = { bytes: 200_000, milliseconds: 300 }
  const { open } = await openHolding(t, { connectionLimits: { unwanted } })
  for (const head of ['POST /v1/held', 'GET /problems/invalid', 'POST /nowhere']) {
    const endless = await open()
    endless.write(`${head} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`)
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
    let sent = 0
    const sending = setInterval(() => {
      if (endless.write(chunk)) sent += 65_536
    }, 1)
    const gone = closed(endless)
    await gone
    clearInterval(sending)
    t.ok(sent < 8_000_000, `${head}: endless, cut after ${sent}`)
    const slow = await open()
    slow.write(`${head} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n`)
    const dripping = setInterval(() => slow.write('x'), 50)
    await closed(slow)
    clearInterval(dripping)
    t.pass(`${head}: dripping`)
  }
})

t.test('pages requested on one connection are made one at a time', async (t) => {
  const { open } = await openHolding(t)
  const socket = await open()
  socket.pause()
  const before = process.memoryUsage().arrayBuffers
  socket.write('GET /v1/large HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(16))
  await sleep(500)
  t.ok(process.memoryUsage().arrayBuffers - before < 3 * 40_000_000, 'not sixteen answers are in memory')
})

t.test('a connection that stays open keeps no memory of answers that were taken', async (t) => {
  const connections = new Set<Socket>()
  const page = defineRoute({
    method: 'GET',
    url: '/v1/page',
    operationId: 'page',
    tag: 'Things',
    summary: 'S',
    access: 'public',
    responses: { 200: { description: 'More than one portion.', contentTypes: ['text/plain'] } },
    problems: [],
    handler: ({ raw }) => {
      connections.add(raw.raw.socket)
      return { status: 200, body: 'x'.repeat(300_000) }
    },
  })
  const { app } = await openApp(t, { routes: [page] })
  const socket = connect(await listen(app), '127.0.0.1')
  t.after(() => socket.destroy())
  let bytes = 0
  socket.on('data', (chunk: Buffer) => (bytes += chunk.length))
  for (let times = 1; times <= 20; times += 1) {
    socket.write('GET /v1/page HTTP/1.1\r\nHost: x\r\n\r\n')
    while (bytes < times * 300_000) await sleep(1)
  }
  const [connection] = connections
  t.equal(connections.size, 1)
  t.ok(getEventListeners(closingOf(connection as Socket), 'abort').length <= 2, 'of the last answer at most')
})
