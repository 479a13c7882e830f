import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliDecompressSync, createBrotliDecompress, createGunzip, gunzipSync } from 'node:zlib'
import { fastify } from 'fastify'
import t, { type Test } from 'tap'
import { z } from 'zod'
import { codedTag, codingOf, plainTag } from '../src/headers/content-coding.ts'
import { tagOfKept } from '../src/headers/etag.ts'
import { defineRoute, type HandlerResult, holdsIfNoneMatch, readIfNoneMatch } from '../src/index.ts'
import { compressAnswers, createCompression } from '../src/response/compress-answers.ts'
import { compressInTurns, Turns } from '../src/response/compressor.ts'
import { openApp } from './support.ts'

const long = JSON.stringify({ lines: Array.from({ length: 300 }, (_, line) => `line ${line} of what was promised`) })
const longer = JSON.stringify({
  lines: Array.from({ length: 60_000 }, (_, line) => `line ${line} of what was promised`),
})

function route(
  url: string,
  type: string,
  handler: (ifNoneMatch: string | undefined) => HandlerResult,
  method: 'GET' | 'POST' = 'GET',
) {
  return defineRoute({
    method,
    url,
    operationId: `of${url.replaceAll('/', '')}`,
    tag: 'Test',
    summary: 'Test',
    access: 'public',
    query: z.looseObject({}),
    responses: { 200: { description: 'It.', contentTypes: [type] }, 304: { description: 'The same.' } },
    problems: [],
    work: 'memory',
    handler: ({ raw }) => handler(raw.headers['if-none-match']),
  })
}

function tagged(body: string, tag = '"1-x"') {
  return (ifNoneMatch: string | undefined): HandlerResult => {
    const isNew = holdsIfNoneMatch(readIfNoneMatch(ifNoneMatch), tag)
    return { status: isNew ? 200 : 304, headers: { etag: tag }, ...(isNew && { body }) }
  }
}

const routes = [
  route('/long', 'application/json', tagged(long)),
  route('/longer', 'application/json', tagged(longer)),
  route('/short', 'application/json', tagged('{"short":true}')),
  route('/bytes', 'application/octet-stream', () => ({ status: 200, body: Buffer.from(long) })),
  route('/events', 'text/event-stream', () => ({
    status: 200,
    body: Readable.from([`data: ${long}\n\n`], { objectMode: false }),
  })),
  route('/lines', 'application/x-ndjson', () => ({
    status: 200,
    body: Readable.from([`${long}\n`, `${long}\n`], { objectMode: false }),
  })),
  route('/written', 'application/json', () => ({ status: 200, headers: { etag: '"3"' }, body: long }), 'POST'),
  route(
    '/results',
    'application/x-ndjson',
    () => ({ status: 200, body: Readable.from([`${long}\n`], { objectMode: false }) }),
    'POST',
  ),
]

const open = async (t: Test) => (await openApp(t, { routes })).app

t.test(
  'Accept-Encoding is read as in RFC 9110; with equal weights, brotli comes before gzip, and gzip before uncompressed',
  async (t) => {
    const rows: Record<string, [string | null, boolean]> = {
      '': [null, true],
      gzip: ['gzip', true],
      'gzip, deflate, br, zstd': ['br', true],
      'br;q=0.5, gzip;q=0.8': ['gzip', true],
      'br;q=0, *': ['gzip', true],
      '*;q=0.1': ['br', true],
      '*;q=0': [null, false],
      'identity;q=0': [null, false],
      'gzip, identity;q=0': ['gzip', false],
      'gzip;q=0.2, identity;q=0.9': [null, true],
      'identity;q=0.5, *;q=0': [null, true],
      'GZIP ; Q=1': ['gzip', true],
      'x-gzip': ['gzip', true],
      'gzip;q=x, br;q=2': [null, true],
      ';;;,,,': [null, true],
    }
    for (const [header, [coding, identity]] of Object.entries(rows))
      t.same(codingOf(header), { coding, identity }, header)
    t.same(codingOf(undefined), { coding: null, identity: true })
  },
)

t.test('each form has the same content and its own strong tag, and Vary tells caches what it depends on', async (t) => {
  const app = await open(t)
  for (const url of ['/long', '/longer']) {
    const plain = await app.inject({ url })
    t.match(plain.headers, { etag: '"1-x"', vary: 'accept-encoding' })
    for (const [coding, read] of [
      ['br', brotliDecompressSync],
      ['gzip', gunzipSync],
    ] as const) {
      const answer = await app.inject({ url, headers: { 'accept-encoding': coding } })
      t.equal(read(answer.rawPayload).toString(), plain.body, `${url} ${coding}`)
      t.ok(answer.rawPayload.length < plain.body.length / 4)
      t.match(answer.headers, { 'content-encoding': coding, etag: `"1-x+${coding}"`, vary: 'accept-encoding' })
      t.equal(Number(answer.headers['content-length']), answer.rawPayload.length)
      const head = await app.inject({ method: 'HEAD', url, headers: { 'accept-encoding': coding } })
      const { date: _, 'x-request-id': __, connection: ___, ...same } = answer.headers
      t.match(head.headers, same, 'HEAD says the same')
      t.equal(head.body, '')
    }
  }
})

t.test('the tag of any form is answered with 304, with the tag that was sent', async (t) => {
  const app = await open(t)
  for (const sent of ['"1-x"', '"1-x+br"', '"1-x+gzip"', 'W/"1-x+br"', '"other", "1-x+gzip"']) {
    for (const encoding of ['br', 'gzip', 'identity']) {
      const headers = { 'if-none-match': sent, 'accept-encoding': encoding }
      const answer = await app.inject({ url: '/long', headers })
      t.equal(answer.statusCode, 304, `${sent} with ${encoding}`)
      t.ok(sent.includes(String(answer.headers.etag)), String(answer.headers.etag))
      t.match(answer.headers, { vary: 'accept-encoding' })
    }
  }
  t.equal((await app.inject({ url: '/long', headers: { 'if-none-match': '"1-y+br"' } })).statusCode, 200)
  t.equal(tagOfKept('"1-x", "1-x+br"', '"1-x"', 'br'), '"1-x+br"', 'of several that of the form that would come')
  t.equal(plainTag('1-x+br'), '1-x')
  t.equal(codedTag('"1-x"', 'gzip'), '"1-x+gzip"')
})

t.test('answers below 1 KiB are not compressed, unless the caller excludes that', async (t) => {
  const app = await open(t)
  const small = await app.inject({ url: '/short', headers: { 'accept-encoding': 'br, gzip' } })
  t.match(small, { body: '{"short":true}', headers: { etag: '"1-x"', vary: 'accept-encoding' } })
  t.notOk(small.headers['content-encoding'])
  const refused = await app.inject({ url: '/short', headers: { 'accept-encoding': 'gzip, identity;q=0' } })
  t.equal(gunzipSync(refused.rawPayload).toString(), small.body)
})

t.test('a caller that accepts no form is told the available ones', async (t) => {
  const app = await open(t)
  for (const header of ['*;q=0', 'identity;q=0', 'identity;q=0, deflate'])
    t.match((await app.inject({ url: '/long', headers: { 'accept-encoding': header } })).json(), {
      code: 'not-acceptable',
      offers: ['br', 'gzip', 'identity'],
    })
})

t.test('events, bytes and results of an import are not compressed; the tag of a write stays its version', async (t) => {
  const app = await open(t)
  const headers = { 'accept-encoding': 'br, gzip' }
  for (const url of ['/events', '/bytes']) {
    const answer = await app.inject({ url, headers })
    t.notOk(answer.headers['content-encoding'], url)
    t.match(answer.body, long)
  }
  const results = await app.inject({ method: 'POST', url: '/results', headers })
  t.notOk(results.headers['content-encoding'])
  const written = await app.inject({ method: 'POST', url: '/written', headers })
  t.match(written.headers, { 'content-encoding': 'br', etag: '"3"' })
  t.equal(brotliDecompressSync(written.rawPayload).toString(), long)
})

t.test('problems of more than 1 KiB are compressed as well', async (t) => {
  const app = await open(t)
  const url = `/nothing-${'x'.repeat(2_000)}`
  const answer = await app.inject({ url, headers: { 'accept-encoding': 'gzip' } })
  t.match(answer.headers, { 'content-encoding': 'gzip', 'content-type': 'application/problem+json' })
  t.match(JSON.parse(gunzipSync(answer.rawPayload).toString()), { code: 'not-found' })
})

t.test('a stream arrives compressed and complete', async (t) => {
  const app = await open(t)
  const answer = await app.inject({ url: '/lines', headers: { 'accept-encoding': 'gzip' } })
  t.equal(gunzipSync(answer.rawPayload).toString(), `${long}\n${long}\n`)
  t.match(answer.headers, { 'content-encoding': 'gzip', vary: 'accept-encoding' })
})

/** A stream that the test feeds, served to a caller over a connection. */
async function served(t: Test, coding = 'gzip') {
  const source = new Readable({ read() {} })
  const { app } = await openApp(t, {
    routes: [route('/slow', 'application/x-ndjson', () => ({ status: 200, body: source }))],
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const request = get({
    port: (app.server.address() as AddressInfo).port,
    path: '/slow',
    agent: false,
    headers: { 'accept-encoding': coding },
  })
  t.after(() => request.destroy())
  return { source, request }
}

t.test('when a stream pauses, everything before the pause has been sent', async (t) => {
  for (const [coding, decoder] of [
    ['gzip', createGunzip()],
    ['br', createBrotliDecompress()],
  ] as const) {
    const { source, request } = await served(t, coding)
    source.push('{"first":1}\n')
    const [answer] = (await once(request, 'response')) as [IncomingMessage]
    t.equal(answer.headers['content-encoding'], coding)
    const text = answer.pipe(decoder).setEncoding('utf8')
    t.same(await once(text, 'data'), ['{"first":1}\n'])
    source.push('{"second":2}\n')
    t.same(await once(text, 'data'), ['{"second":2}\n'])
    source.push(null)
    await once(text, 'end')
  }
})

t.test('a reader that leaves ends the stream, even if that gives nothing', async (t) => {
  const { source, request } = await served(t)
  source.push('{"first":1}\n')
  await once(request, 'response')
  await sleep(20)
  request.destroy()
  if (!source.destroyed) await once(source, 'close')
  t.ok(source.destroyed)
})

t.test('a failing stream truncates its answer, so that nobody takes it as complete', async (t) => {
  const { source, request } = await served(t)
  source.push('{"first":1}\n')
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  answer.resume()
  source.destroy(new Error('the database is away'))
  await t.rejects(once(answer, 'end'), { code: 'ECONNRESET' })
})

class CountedTurns extends Turns {
  count = 0

  override take(kind: 'answers' | 'downloads') {
    this.count += 1
    return super.take(kind)
  }
}

t.test('an answer with a tag is compressed once for all callers of that form', async (t) => {
  const turns = new CountedTurns(1)
  const app = fastify()
  compressAnswers(app, { ...createCompression(), turns })
  app.get('/longer', (_request, reply) => reply.header('etag', '"1-x"').type('application/json').send(longer))
  const ask = (coding: string) => app.inject({ url: '/longer', headers: { 'accept-encoding': coding } })
  const first = await Promise.all([ask('br'), ask('br'), ask('br')])
  // One for each piece, and one for the end.
  const once = Math.ceil(Buffer.byteLength(longer) / (64 * 1024)) + 1
  t.equal(turns.count, once)
  const later = await ask('br')
  t.equal(turns.count, once)
  for (const { rawPayload } of first) t.ok(rawPayload.equals(later.rawPayload))
  await ask('gzip')
  t.equal(turns.count, 2 * once)
})

t.test('if many answers wait for compression, further ones are sent uncompressed', async (t) => {
  const turns = new Turns(1)
  const app = fastify()
  compressAnswers(app, { ...createCompression(), turns })
  app.get('/longer', (_request, reply) => reply.type('application/json').send(longer))
  const giveBack = await turns.take('answers')
  const ask = () => app.inject({ url: '/longer', headers: { 'accept-encoding': 'gzip' } })
  const waiting = Array.from({ length: 32 }, ask)
  while (turns.waitingAnswers < 32) await sleep(5)
  t.equal((await ask()).body, longer)
  giveBack()
  for (const answer of await Promise.all(waiting)) t.equal(answer.headers['content-encoding'], 'gzip')
})

t.test(
  'any number of compressions together use no more than the available turns, and answers have priority',
  async (t) => {
    const turns = new Turns(1)
    const order: string[] = []
    const holder = await turns.take('downloads')
    const waiting = (['downloads', 'downloads', 'answers'] as const).map(async (kind) => {
      const giveBack = await turns.take(kind)
      order.push(kind)
      t.equal(turns.taken, 1)
      giveBack()
    })
    t.equal(turns.waitingAnswers, 1)
    holder()
    await Promise.all(waiting)
    t.same(order, ['answers', 'downloads', 'downloads'])
    t.equal(turns.taken, 0)
    const bytes = Buffer.from(longer)
    const most: number[] = []
    const watch = setInterval(() => most.push(turns.taken))
    const all = await Promise.all([1, 2, 3].map(() => compressInTurns(bytes, 'gzip', turns)))
    clearInterval(watch)
    for (const one of all) t.ok(gunzipSync(one).equals(bytes))
    t.ok(most.every((taken) => taken <= 1))
  },
)
