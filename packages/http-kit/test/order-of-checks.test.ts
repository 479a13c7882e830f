import { Readable } from 'node:stream'
import t from 'tap'
import { defineRoute, ndjson, ndjsonLine } from '../src/index.ts'
import { openApp, paid, post, reader, writer } from './support.ts'

const json = { 'content-type': 'application/json' }
const acts = '/v1/things/alpha/acts'

t.test('a correct request is answered', async (t) => {
  const { app } = await openApp(t)
  const answer = await post(app)
  t.equal(answer.statusCode, 201)
  t.strictSame(answer.json(), { ...paid, rate: 1 })
  t.match(answer.headers, { etag: '"1"', 'x-content-type-options': 'nosniff' })
  t.match(answer.headers['content-type'], /^application\/json/)
})

t.test('each check comes before the next: 404, 405, 401, 403, 406, 413, 415, 400', async (t) => {
  const { app } = await openApp(t)
  const large = 'x'.repeat(1_001)
  const bad = { accept: 'image/png', 'content-type': 'text/plain' }
  const steps = [
    [404, 'not-found', { method: 'POST', url: '/v1/nothing', headers: { ...bad }, payload: large }],
    [405, 'method-not-allowed', { method: 'PUT', url: acts, headers: { ...bad }, payload: large }],
    [401, 'unauthenticated', { method: 'POST', url: acts, headers: { ...bad }, payload: large }],
    [403, 'forbidden', { method: 'POST', url: acts, headers: { ...bad, ...reader }, payload: large }],
    [406, 'not-acceptable', { method: 'POST', url: acts, headers: { ...bad, ...writer }, payload: large }],
    [
      413,
      'too-large',
      { method: 'POST', url: acts, headers: { 'content-type': 'text/plain', ...writer }, payload: large },
    ],
    [
      415,
      'unsupported-media-type',
      { method: 'POST', url: acts, headers: { 'content-type': 'text/plain', ...writer }, payload: '{' },
    ],
    [400, 'malformed', { method: 'POST', url: `${acts}?no=1`, headers: { ...json, ...writer }, payload: '{' }],
    [400, 'invalid', { method: 'POST', url: `${acts}?no=1`, headers: { ...json, ...writer }, payload: '{}' }],
    [
      412,
      'version-conflict',
      {
        method: 'POST',
        url: '/v1/things/conflict/acts',
        headers: { ...json, ...writer },
        payload: JSON.stringify(paid),
      },
    ],
  ] as const
  for (const [status, code, request] of steps) {
    const answer = await app.inject(request)
    t.equal(answer.statusCode, status, code)
    t.match(answer.json(), { code, status, type: `/problems/${code}`, instance: request.url.split('?')[0] })
    t.equal(answer.headers['content-type'], 'application/problem+json')
    t.equal(answer.headers['cache-control'], 'no-store')
    t.equal(answer.json().requestId, answer.headers['x-request-id'])
  }
})

t.test('405 names the offered methods, whatever the method, on pages of plug-ins too', async (t) => {
  const { app } = await openApp(t)
  const cases = [
    ['PROPFIND', acts, 'POST'],
    ['OPTIONS', acts, 'POST'],
    ['GET', acts, 'POST'],
    ['DELETE', '/v1/things', 'GET, HEAD'],
    ['POST', '/docs', 'GET, HEAD'],
    ['POST', '/openapi.json', 'GET, HEAD'],
    ['PATCH', '/problems/invalid', 'GET, HEAD'],
  ] as const
  for (const [method, url, allow] of cases) {
    const answer = await app.inject({ method: method as 'GET', url })
    t.match({ status: answer.statusCode, allow: answer.headers.allow }, { status: 405, allow }, `${method} ${url}`)
    t.equal(answer.json().code, 'method-not-allowed')
  }
})

t.test('a path must match exactly, and a trailing slash is explained', async (t) => {
  const { app } = await openApp(t)
  for (const url of ['/v1/things/', '/V1/things', '//v1/things', '/v1/things/alpha/acts/']) {
    t.equal((await app.inject({ url })).statusCode, 404, url)
  }
  t.match((await app.inject({ url: '/v1/things/' })).json().detail, /do not end in a slash/)
})

t.test('HEAD is answered like GET, without a body', async (t) => {
  const { app } = await openApp(t)
  const get = await app.inject({ url: '/v1/things' })
  const head = await app.inject({ method: 'HEAD', url: '/v1/things' })
  t.equal(head.statusCode, 200)
  t.equal(head.body, '')
  t.equal(head.headers['content-length'], get.headers['content-length'])
  t.equal((await app.inject({ method: 'HEAD', url: '/nothing' })).body, '')
})

t.test('401 says how to authenticate, and reports an invalid token only for a wrong key', async (t) => {
  const { app } = await openApp(t)
  const challenge = async (authorization?: string) => {
    const answer = await post(app, paid, authorization === undefined ? {} : { authorization })
    t.equal(answer.statusCode, 401)
    return answer.headers['www-authenticate']
  }
  t.equal(await challenge(), 'Bearer realm="commitments"')
  t.equal(await challenge('Basic eDp5'), 'Bearer realm="commitments"')
  t.equal(await challenge('Bearer'), 'Bearer realm="commitments"')
  t.equal(await challenge('Bearer wrong'), 'Bearer realm="commitments", error="invalid_token"')
  t.equal((await post(app, paid, { authorization: writer.authorization.replace('Bearer', 'bearer') })).statusCode, 201)
})

t.test('403 names the scope that is missing', async (t) => {
  const { app } = await openApp(t)
  const answer = await post(app, paid, reader)
  t.match(answer.json(), { code: 'forbidden', scope: 'record', detail: /lacks the scope `record`/ })
})

t.test('reading needs a key only if READ_ACCESS says so', async (t) => {
  const open = await openApp(t)
  t.strictSame((await open.app.inject({ url: '/v1/things' })).json(), { limit: 50, caller: null })
  t.equal((await open.app.inject({ url: '/v1/things', headers: { authorization: 'Bearer wrong' } })).statusCode, 200)
  const closed = await openApp(t, { readAccess: 'key' })
  t.equal((await closed.app.inject({ url: '/v1/things' })).statusCode, 401)
  t.equal((await closed.app.inject({ url: '/v1/things', headers: reader })).json().caller, 'reader')
  for (const url of ['/health/live', '/health/ready', '/openapi.json', '/docs', '/problems/invalid']) {
    t.equal((await closed.app.inject({ url })).statusCode, 200, url)
  }
})

t.test('406 if Accept excludes every offer, otherwise the best offer', async (t) => {
  const { app } = await openApp(t)
  const refused = await app.inject({ url: '/v1/things', headers: { accept: 'image/*' } })
  t.match(refused.json(), { code: 'not-acceptable', offers: ['application/json', 'text/csv'] })
  const csv = await app.inject({ url: '/v1/things', headers: { accept: 'text/csv, */*;q=0.1' } })
  t.match(csv.headers['content-type'], /^text\/csv/)
})

t.test('415 lists the accepted types, and refuses compressed and unknown encodings', async (t) => {
  const { app } = await openApp(t)
  const types = [
    'text/plain',
    'application/json; charset=latin1',
    'nonsense',
    'application/x-ndjson',
    'multipart/form-data',
  ]
  for (const type of types) {
    const answer = await post(app, paid, { ...writer, 'content-type': type })
    t.equal(answer.statusCode, 415, type)
    t.equal(answer.headers['accept-post'], 'application/json')
    t.strictSame(answer.json().accepts, ['application/json'])
  }
  const none = await post(app, paid, { ...writer, 'content-type': '' })
  t.match(none.json(), { status: 415, detail: /has no `Content-Type`; send application\/json/ })
  const zipped = await post(app, paid, { ...writer, 'content-encoding': 'gzip' })
  t.match(
    { status: zipped.statusCode, headers: zipped.headers },
    { status: 415, headers: { 'accept-encoding': 'identity' } },
  )
  for (const type of ['application/json; charset=UTF-8', 'Application/JSON', 'application/json;charset="utf-8"']) {
    t.equal((await post(app, paid, { ...writer, 'content-type': type })).statusCode, 201, type)
  }
})

t.test('a missing body is 400, with or without a content type', async (t) => {
  const { app } = await openApp(t)
  for (const headers of [writer, { ...writer, ...json }]) {
    const answer = await app.inject({ method: 'POST', url: acts, headers })
    t.match(answer.json(), { status: 400, code: 'malformed' })
  }
})

t.test('a body of exactly the limit is read', async (t) => {
  const { app } = await openApp(t)
  const text = JSON.stringify(paid)
  t.equal((await post(app, text.padEnd(1_000, ' '))).statusCode, 201)
  const answer = await post(app, text.padEnd(1_001, ' '))
  t.match(answer.json(), { code: 'too-large', limit: 1_000 })
})

t.test('an answer that depends on Accept and Accept-Encoding says so', async (t) => {
  const { app } = await openApp(t)
  t.equal((await app.inject({ url: '/v1/things' })).headers.vary, 'accept, accept-encoding')
  t.equal((await post(app)).headers.vary, undefined)
})

t.test('HEAD does not read a stream', async (t) => {
  let read = 0
  const endless = defineRoute({
    method: 'GET',
    url: '/endless',
    operationId: 'getEndless',
    tag: 'Things',
    summary: 'Never ends',
    access: 'public',
    responses: { 200: { description: 'Lines.', contentTypes: [ndjson] } },
    problems: [],
    handler: () => ({ status: 200, body: Readable.from(count(), { objectMode: false }) }),
  })
  function* count() {
    while (true) yield ndjsonLine((read += 1))
  }
  const { app } = await openApp(t, { routes: [endless] })
  const answer = await app.inject({ method: 'HEAD', url: '/endless' })
  t.match(answer, { statusCode: 200, body: '' })
  t.notOk('content-length' in answer.headers)
  t.ok(read < 1_000)
})
