/** `POST /v1/events` with `Content-Encoding: gzip`. */
import { once } from 'node:events'
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { proposed, secretOf } from '@commitments/test-kit'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { openCommandApp, textOf } from './app-fixture.ts'

const gzip = { headers: { 'content-encoding': 'gzip' } }

function lines(count: number): object[] {
  return Array.from({ length: count }, (_, index) => ({
    proposalId: `p${index}`,
    idempotencyKey: `k${index}`,
    ...proposed(),
  }))
}

function lastOf(body: string): unknown {
  return JSON.parse(body.trim().split('\n').at(-1) ?? '')
}

/** Begins an import that says that it is gzip, at the real port: its body is still to be sent. */
async function beginGzip(app: FastifyInstance, agent?: Agent): Promise<ClientRequest> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const headers = {
    authorization: `Bearer ${secretOf('registry')}`,
    'content-type': 'application/x-ndjson',
    'content-encoding': 'gzip',
  }
  return request({ port, method: 'POST', path: '/v1/events', headers, ...(agent && { agent }) })
}

t.test('a compressed import is recorded as an uncompressed one, in every form of the call', async (t) => {
  const { bulk } = await openCommandApp(t)
  const body = gzipSync(textOf(lines(300)))
  const tried = await bulk(body, { ...gzip, query: { dryRun: 'true' } })
  t.match(lastOf(tried.body), { summary: { acceptable: 300 } })
  t.match(lastOf((await bulk(body, gzip)).body), { summary: { lines: 300, recorded: 300 } })
  const again = await bulk(body, { ...gzip, query: { atomic: 'true' } })
  t.match(again.json(), { summary: { lines: 300, replayed: 300 } })
})

t.test('parts that were compressed separately are one body', async (t) => {
  const { bulk } = await openCommandApp(t)
  const [first, second] = [lines(2).slice(0, 1), lines(2).slice(1)].map((part) => gzipSync(`${textOf(part)}\n`))
  const answer = await bulk(Buffer.concat([first as Buffer, second as Buffer]), gzip)
  t.match(lastOf(answer.body), { summary: { lines: 2, recorded: 2 } })
})

t.test('a body that is not gzip, or cut short, is refused behind the results of its whole lines', async (t) => {
  const { bulk } = await openCommandApp(t)
  t.match((await bulk(Buffer.from(textOf(lines(1))), gzip)).json(), {
    status: 400,
    code: 'malformed',
    detail: /not gzip/,
  })
  const whole = gzipSync(textOf(lines(500)), { level: 0 })
  const cut = await bulk(whole.subarray(0, whole.length - 2_000), gzip)
  t.equal(cut.statusCode, 200)
  t.match(lastOf(cut.body), { code: 'malformed', detail: /cut short/ })
  const none = await bulk(whole.subarray(0, whole.length - 2_000), { ...gzip, query: { atomic: 'true' } })
  t.match(none.json(), { status: 400, code: 'malformed', detail: /cut short/ })
})

t.test('whoever sends everything before it reads the answer can read what is wrong with its gzip', async (t) => {
  const { app } = await openCommandApp(t)
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const sender = await beginGzip(app, agent)
  const faults: unknown[] = []
  sender.on('error', (fault) => void faults.push(fault))
  const plain = textOf(lines(4_000))
  sender.write(plain.slice(0, 100_000))
  const answer = await new Promise<IncomingMessage>((resolve) => sender.on('response', resolve))
  sender.end(plain.slice(100_000))
  await Promise.race([once(sender, 'finish'), once(sender, 'close')]).catch(() => {})
  t.match([answer.statusCode, JSON.parse(await text(answer))], [400, { code: 'malformed', detail: /not gzip/ }])
  t.same(faults, [])
})

t.test('a body that grows beyond measure is refused, and an atomic one counts as decompressed', async (t) => {
  const { bulk } = await openCommandApp(t)
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '))
  t.ok(bomb.length < 100_000)
  t.match((await bulk(bomb, gzip)).json(), { status: 413, code: 'too-large', detail: /200 times/ })
  const large = gzipSync(
    textOf(Array.from({ length: 400 }, (_, index) => ({ n: index, text: 'ab1'.repeat(8_000 + index) }))),
  )
  t.ok(large.length < 8 * 1024 * 1024)
  t.match((await bulk(large, { ...gzip, query: { atomic: 'true' } })).json(), { status: 413, code: 'too-large' })
})

t.test('other codings are refused, and the answer says which are taken', async (t) => {
  const { bulk, post } = await openCommandApp(t)
  const answer = await bulk(lines(1), { headers: { 'content-encoding': 'br' } })
  t.match(answer.json(), { status: 415, detail: /uncompressed, or with gzip/ })
  t.equal(answer.headers['accept-encoding'], 'identity, gzip')
  const single = await post('lab', proposed(), gzip)
  t.match(single.json(), { status: 415 })
  t.equal(single.headers['accept-encoding'], 'identity')
})

t.test('a sender that goes away in the middle costs nothing but its own import', async (t) => {
  const { app, bulk } = await openCommandApp(t)
  const sender = await beginGzip(app)
  sender.on('error', () => {})
  const body = gzipSync(textOf(lines(500)), { level: 0 })
  sender.write(body.subarray(0, 100_000))
  const answer = await new Promise<IncomingMessage>((resolve) => sender.on('response', resolve))
  sender.destroy()
  await text(answer).catch(() => {})
  t.match(lastOf((await bulk(lines(3))).body), { summary: { lines: 3, refused: 0 } })
})
