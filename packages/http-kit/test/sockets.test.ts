import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '@commitments/test-kit'
import t from 'tap'
import { z } from 'zod'
import { defineRoute } from '../src/index.ts'
import { listen, openApp, paid, routes, secrets, sendRaw, writer } from './support.ts'

const auth = `Authorization: Bearer ${secrets.writer}\r\n`
const acts = 'POST /v1/things/alpha/acts HTTP/1.1\r\nHost: x\r\n'
const json = 'Content-Type: application/json\r\n'

function readAnswer(raw: string) {
  const [head = '', body = ''] = raw.split('\r\n\r\n')
  return { status: Number(head.split(' ')[1]), head, body: JSON.parse(body) as Record<string, unknown> }
}

t.test('input that is not HTTP is answered with a problem', async (t) => {
  const { app } = await openApp(t)
  const port = await listen(app)
  const cases = [
    ['nonsense\r\n\r\n', 400, 'malformed'],
    ['FOO / HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'malformed'],
    [`${acts}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`, 400, 'malformed'],
    [`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`, 431, 'headers-too-large'],
    ['GET /v1/things HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'malformed'],
    ...['a b', 'a/b', 'a@b', 'a"b', 'a:b', '[::1', '\u00e9'].map(
      (host) => [`GET /health/live HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 400, 'malformed'] as const,
    ),
    ['GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400, 'malformed'],
    [`GET /v1/things HTTP/1.1\r\nHost: x\r\n${auth}${auth}\r\n`, 400, 'malformed'],
    [`${acts}${auth}${json}Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}`, 400, 'malformed'],
    ['GET /health/live\r\n\r\n', 400, 'malformed'],
    [`${acts}${auth}${json}Transfer-Encoding: gzip, chunked\r\n\r\n`, 415, 'unsupported-media-type'],
    ['GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 400, 'malformed'],
    [`GET /problems/${'x'.repeat(1_001)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`, 414, 'uri-too-long'],
    [`${acts}Expect: a-miracle\r\nContent-Length: 2\r\n\r\n`, 417, 'expectation-failed'],
  ] as const
  for (const [bytes, status, code] of cases) {
    const answer = readAnswer(await sendRaw(port, bytes))
    t.match(answer, { status, body: { status, code, requestId: /./ } }, bytes.slice(0, 40))
    t.match(answer.head, /content-type: application\/problem\+json/i)
  }
})

t.test('every host and port that a URI can have is accepted in `Host`', async (t) => {
  const port = await listen((await openApp(t)).app)
  for (const host of [
    'x',
    'ledger.example.org:8080',
    '127.0.0.1',
    '[::1]:8080',
    'xn--vin-joa.vn',
    'my_host',
    'x:',
    '',
  ]) {
    const answer = await sendRaw(port, `GET /health/live HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    t.match(answer, /^HTTP\/1\.1 200 /, host)
  }
})

/** Answers when the test says so. */
function slowRoute() {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const route = defineRoute({
    method: 'POST',
    url: '/v1/slow',
    operationId: 'slow',
    tag: 'Things',
    summary: 'Answer when the test says so',
    access: { scope: 'record' },
    body: { parse: 'json', schema: z.strictObject({}), contentTypes: ['application/json'], limit: 10 },
    responses: { 201: { description: 'Done.', schema: z.strictObject({}) } },
    problems: [],
    handler: async () => {
      begin()
      await released
      return { status: 201, body: {} }
    },
  })
  return { route, release, begun }
}

t.test('a pending answer is sent before the error about the bytes behind its request', async (t) => {
  const rubbish = [
    ['\0', 400],
    ['}', 400],
    [`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`, 431],
    [`${acts}${auth}${json}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
    [`${acts}${auth}${json}Transfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(20_000)}\r\n`, 413],
  ] as const
  for (const [bytes, status] of rubbish) {
    const { route, release, begun } = slowRoute()
    const { app } = await openApp(t, { routes: [...routes, route] })
    const port = await listen(app)
    const socket = connect(port, '127.0.0.1')
    const all = text(socket)
    const one = `POST /v1/slow HTTP/1.1\r\nHost: x\r\n${auth}${json}Content-Length: 2\r\n\r\n{}`
    socket.write(one + one)
    await begun
    socket.write(bytes, 'latin1')
    await once(app.server, 'clientError')
    socket.write('and more of it')
    release()
    const statuses = [...(await all).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, found]) => Number(found))
    t.strictSame(statuses, [201, 201, status], bytes.slice(0, 20))
  }
})

t.test('a body that breaks off after its lines were processed is not answered at all', async (t) => {
  const { app } = await openApp(t)
  const port = await listen(app)
  const head = `POST /v1/lines HTTP/1.1\r\nHost: x\r\n${auth}Content-Type: application/x-ndjson\r\n`
  const socket = connect(port, '127.0.0.1')
  const all = text(socket)
  socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n2\r\n1\n\r\n`)
  await once(app.server, 'request')
  for (let turn = 0; turn < 10; turn++) await nextTurn()
  socket.write('zz\r\n')
  t.equal(await all, '')
})

t.test('a request that does not come in time is 408', async (t) => {
  const { app } = await openApp(t)
  const port = await listen(app)
  const accepted = once(app.server, 'connection')
  const answer = sendRaw(port, 'GET / HTTP/1.1\r\nHost: x\r\n')
  const [socket] = await accepted
  // Node looks for late requests every half minute; this is what it does when it finds one.
  app.server.emit('clientError', Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket)
  t.match(readAnswer(await answer), { status: 408, body: { code: 'request-timeout' } })
})

t.test('a chunked body beyond the limit is 413, and the connection ends', async (t) => {
  const { app } = await openApp(t)
  const port = await listen(app)
  const chunk = `3e8\r\n${'x'.repeat(1_000)}\r\n`
  const raw = await sendRaw(port, `${acts}${auth}${json}Transfer-Encoding: chunked\r\n\r\n`, chunk, chunk)
  t.match(readAnswer(raw), { status: 413, head: /connection: close/i, body: { code: 'too-large' } })
})

t.test('a declared length beyond the limit is 413 before the body is sent', async (t) => {
  const { app } = await openApp(t)
  const port = await listen(app)
  const raw = await sendRaw(port, `${acts}${auth}${json}Expect: 100-continue\r\nContent-Length: 500000000\r\n\r\n`)
  t.match(readAnswer(raw), { status: 413, body: { code: 'too-large' } })
  t.notMatch(raw, /100 Continue/)
})

t.test('100 Continue is sent only if the body would be read', async (t) => {
  const { app } = await openApp(t)
  const port = await listen(app)
  const body = JSON.stringify(paid)
  const head = `${acts}${json}Connection: close\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n`
  const refused = await sendRaw(port, `${head}\r\n`)
  t.match(refused, /^HTTP\/1\.1 401 /)
  const socket = connect(port, '127.0.0.1')
  socket.setEncoding('latin1')
  socket.write(`${head}${auth}\r\n`)
  const [first] = await once(socket, 'data')
  t.match(first, /^HTTP\/1\.1 100 Continue\r\n\r\n$/)
  socket.write(body)
  const [second] = await once(socket, 'data')
  t.match(second, /^HTTP\/1\.1 201 /)
  socket.destroy()
})

t.test('a refused request leaves its connection usable', async (t) => {
  const { app } = await openApp(t)
  const port = await listen(app)
  const broken = `${acts}${auth}${json}Content-Length: 1\r\n\r\n{`
  const raw = await sendRaw(port, broken, `GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  t.match(raw, /^HTTP\/1\.1 400 [\s\S]*HTTP\/1\.1 200 OK[\s\S]*"live"/)
})

t.test('a client that goes away in the middle of its body does no harm', async (t) => {
  const { app, lines } = await openApp(t)
  const port = await listen(app)
  const socket = connect(port, '127.0.0.1')
  socket.write(`${acts}${auth}${json}Content-Length: 500\r\n\r\n{"type"`)
  await once(app.server, 'request')
  socket.destroy()
  const answer = await fetch(`http://127.0.0.1:${port}/v1/things/alpha/acts`, {
    method: 'POST',
    headers: { ...writer, 'content-type': 'application/json' },
    body: JSON.stringify(paid),
  })
  t.equal(answer.status, 201)
  t.notMatch(lines.join(''), /"level":50/)
})

t.test('the service does not wait for the body of a client that is already gone', async (t) => {
  const { app } = await openApp(t)
  const port = await listen(app)
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const before = timers()
  const socket = connect(port, '127.0.0.1')
  socket.write(`${acts}${auth}${json}Content-Length: 500\r\n\r\n{"type"`)
  const [request] = await once(app.server, 'request')
  // It is still at the gate: others may come within the turn.
  request.destroy()
  await once(socket, 'close')
  for (let turn = 0; turn < 5; turn++) await nextTurn()
  t.equal(timers(), before)
})

t.test('a body shorter than its announced length is not read as complete', async (t) => {
  const { app } = await openApp(t)
  const port = await listen(app)
  const socket = connect(port, '127.0.0.1')
  socket.end(`${acts}${auth}${json}Content-Length: 500\r\n\r\n${JSON.stringify(paid)}`)
  socket.setEncoding('latin1')
  const [first] = await Promise.race([once(socket, 'data'), once(socket, 'close')])
  t.notMatch(String(first), /^HTTP\/1\.1 201 /)
})

t.test('a client that sends all of a body that is too large still reads the answer', async (t) => {
  const { app } = await openApp(t)
  const port = await listen(app)
  const answer = await fetch(`http://127.0.0.1:${port}/v1/things/alpha/acts`, {
    method: 'POST',
    headers: { ...writer, 'content-type': 'application/json' },
    body: 'x'.repeat(8_000_000),
  })
  t.equal(answer.status, 413)
})

t.test('a client that wants the connection closed still reads the answer when it has sent everything', async (t) => {
  const { app } = await openApp(t)
  const port = await listen(app)
  const size = 4_000_000
  const socket = connect(port, '127.0.0.1')
  socket.pause()
  socket.write(`POST /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`)
  await eventually(() => socket.bytesWritten > 0)
  for (let sent = 0; sent < size; sent += 100_000) {
    await new Promise<void>((resolve, reject) => {
      socket.write(Buffer.alloc(100_000, 'x'), (error) => (error ? reject(error) : resolve()))
    })
    await sleep(10)
  }
  t.match(readAnswer(await text(socket)), { status: 404, head: /connection: close/i })
})
