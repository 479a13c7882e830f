import { Readable } from 'node:stream'
import t, { type Test } from 'tap'
import { z } from 'zod'
import { type AppOptions, commonVariables, defineRoute, parseConfig } from '../src/index.ts'
import { openApp, paid, post, routes, writer } from './support.ts'

const board = 'https://board.example.org'
const readableByPages = /ETag.*Link.*Location.*Log-Id.*Log-Position.*Retry-After.*X-Request-Id/

const streamRoute = defineRoute({
  method: 'GET',
  url: '/v1/stream',
  operationId: 'stream',
  tag: 'Things',
  summary: 'A stream',
  access: 'public',
  responses: { 200: { description: 'x', schema: z.string(), contentTypes: ['text/event-stream'] } },
  problems: [],
  handler: async () => ({ status: 200, type: 'text/event-stream', body: Readable.from(['data: 1\n\n']) }),
})

async function openFor(test: Test, origins: string | undefined, options: Partial<AppOptions> = {}) {
  const { ALLOWED_ORIGINS } = parseConfig(z.object(commonVariables), { ALLOWED_ORIGINS: origins })
  return (await openApp(test, { allowedOrigins: ALLOWED_ORIGINS, routes: [...routes, streamRoute], ...options })).app
}

function preflight(origin: string, method = 'POST') {
  return { method: 'OPTIONS', headers: { origin, 'access-control-request-method': method } } as const
}

t.test('a page of an allowed origin can send what the route offers, with the headers of the contract', async (t) => {
  const app = await openFor(t, `https://other.example.org, ${board}`)
  const answer = await app.inject({ url: '/v1/things/alpha/acts', ...preflight(board) })
  t.match(answer, {
    statusCode: 204,
    body: '',
    headers: {
      'access-control-allow-origin': board,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers':
        'Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, traceparent',
      'access-control-max-age': '600',
      vary: 'origin',
    },
  })
  t.notHas(answer.headers, { 'access-control-allow-credentials': 'true' })
  const reading = await app.inject({ url: '/v1/stream', ...preflight(board, 'GET') })
  t.equal(reading.headers['access-control-allow-methods'], 'GET, HEAD')
})

t.test(
  'it reads every answer and its headers: of success, of errors, of streams, of health and problem pages',
  async (t) => {
    const app = await openFor(t, board)
    const origin = { origin: board }
    const answers = [
      [201, await post(app, paid, { ...writer, ...origin })],
      [400, await post(app, '{', { ...writer, ...origin })],
      [401, await post(app, paid, origin)],
      [413, await post(app, ' '.repeat(2_000), { ...writer, ...origin })],
      [404, await app.inject({ url: '/nowhere', headers: origin })],
      [400, await app.inject({ url: '/%zz', headers: origin })],
      [405, await app.inject({ method: 'DELETE', url: '/v1/stream', headers: origin })],
      [200, await app.inject({ url: '/v1/stream', headers: origin })],
      [200, await app.inject({ url: '/health/ready', headers: origin })],
      [200, await app.inject({ url: '/problems/invalid', headers: origin })],
    ] as const
    for (const [status, { statusCode, headers }] of answers) {
      t.equal(statusCode, status)
      t.equal(headers['access-control-allow-origin'], board)
      t.match(headers['access-control-expose-headers'], readableByPages)
      t.match(headers.vary, /\borigin\b/)
    }
  },
)

t.test('other origins, and callers that are not pages, are answered as always; caches tell them apart', async (t) => {
  const app = await openFor(t, board)
  for (const origin of ['https://evil.example.org', `${board}:8443`, `${board}.evil.org`, 'null', undefined]) {
    const { statusCode, headers } = await app.inject({
      url: '/v1/stream',
      headers: origin === undefined ? {} : { origin },
    })
    t.equal(statusCode, 200)
    t.notOk(headers['access-control-allow-origin'])
    t.equal(headers.vary, 'origin')
  }
  const refused = await app.inject({ url: '/v1/stream', ...preflight('https://evil.example.org') })
  t.match(refused, { statusCode: 405, headers: { 'access-control-allow-origin': undefined } })
  t.equal((await app.inject({ method: 'OPTIONS', url: '/v1/stream', headers: { origin: board } })).statusCode, 405)
  t.equal((await app.inject({ url: '/nowhere', ...preflight(board) })).statusCode, 404)
})

t.test('without ALLOWED_ORIGINS no page of another origin reads anything', async (t) => {
  const app = await openFor(t, undefined)
  const { statusCode, headers } = await app.inject({ url: '/v1/stream', ...preflight(board, 'GET') })
  t.equal(statusCode, 405)
  t.notOk(headers['access-control-allow-origin'] ?? headers.vary)
})

t.test('`*` is any origin if reading is public; otherwise it is a configuration error', async (t) => {
  const app = await openFor(t, '*')
  const { headers } = await app.inject({ url: '/v1/stream', headers: { origin: board } })
  t.equal(headers['access-control-allow-origin'], '*')
  t.notOk(headers.vary)
  await t.rejects(openFor(t, '*', { readAccess: 'key' }), { name: 'ConfigError', message: /ALLOWED_ORIGINS: \*/ })
})

t.test('an origin has a scheme, a host and perhaps a port, and nothing else', async (t) => {
  for (const wrong of [
    'board.example.org',
    `${board}/`,
    `${board}/path`,
    'https://*.example.org',
    'null',
    `${board}:443`,
    'ftp://x',
    `*,${board}`,
  ]) {
    await t.rejects(openFor(t, wrong), { message: /ALLOWED_ORIGINS: origins with commas, such as/ }, wrong)
  }
  t.ok(await openFor(t, 'http://localhost:8080,http://127.0.0.1:8081'))
})
