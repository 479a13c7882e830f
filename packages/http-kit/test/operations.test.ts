import { Counter, Registry } from 'prom-client'
import t from 'tap'
import { openApp, post, reader } from './support.ts'

const unexpected =
  'the check failed with an error that the service does not expect (Error); its log has it, with the name of the check'

t.test('the service is live whatever the checks say', async (t) => {
  const { app } = await openApp(t, { checks: [{ name: 'no', check: async () => ({ ok: false, detail: 'no' }) }] })
  const answer = await app.inject({ url: '/health/live' })
  t.match({ status: answer.statusCode, body: answer.json() }, { status: 200, body: { status: 'live' } })
})

t.test('the service is ready if every check passes', async (t) => {
  const { app } = await openApp(t, { checks: [{ name: 'log', check: async () => ({ ok: true, detail: 'at 17' }) }] })
  const answer = await app.inject({ url: '/health/ready' })
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['cache-control'], 'no-store')
  t.strictSame(answer.json(), { status: 'ready', checks: [{ name: 'log', ok: true, detail: 'at 17' }] })
})

t.test('an alarm that fails, or cannot be checked, is listed and leaves the service ready', async (t) => {
  const checks = [
    { name: 'well', check: async () => ({ ok: true, detail: 'well' }) },
    { name: 'smoke', isAlarm: true, check: async () => ({ ok: false, detail: 'look at it' }) },
    { name: 'thrown', isAlarm: true, check: () => Promise.reject(new Error('x')) },
  ]
  const { app } = await openApp(t, { checks })
  const answer = await app.inject({ url: '/health/ready' })
  t.equal(answer.statusCode, 200)
  t.strictSame(answer.json(), {
    status: 'ready',
    checks: [
      { name: 'well', ok: true, detail: 'well' },
      { name: 'smoke', alarm: true, ok: false, detail: 'look at it' },
      { name: 'thrown', alarm: true, ok: false, detail: unexpected },
    ],
  })
})

t.test(
  'the service is not ready if a check fails, throws or does not answer; each is listed without internal details',
  async (t) => {
    const checks = [
      { name: 'well', check: async () => ({ ok: true, detail: 'well' }) },
      { name: 'thrown', check: () => Promise.reject(new Error('postgres://me:hunter2@db')) },
      { name: 'late', check: () => new Promise<never>(() => {}) },
    ]
    const { app } = await openApp(t, { checks })
    const answer = await app.inject({ url: '/health/ready' })
    t.equal(answer.statusCode, 503)
    t.match(answer.json(), {
      status: 'not-ready',
      checks: [
        { name: 'well', ok: true },
        { name: 'thrown', ok: false },
        {
          name: 'late',
          ok: false,
          detail: /^no answer within 2000 ms: what the check asks, such as the database, hangs/,
        },
      ],
    })
    t.notMatch(answer.body, /hunter2/)
  },
)

t.test('what a failed check means is said in the words of the service', async (t) => {
  const checks = [{ name: 'log', check: () => Promise.reject(new Error('ECONNREFUSED 10.0.0.1')) }]
  const explain = () => 'the database cannot be reached'
  const { app } = await openApp(t, { checks, explain })
  const answer = await app.inject({ url: '/health/ready' })
  t.strictSame(answer.json().checks, [{ name: 'log', ok: false, detail: 'the database cannot be reached' }])
})

t.test(
  'an instance is asked whether it is ready for a work of its own; the rest then counts for nothing',
  async (t) => {
    const readyFor = {
      signing: { description: 'it signs', absent: 'it does not sign' },
      baking: { description: 'it bakes', absent: 'it does not bake' },
    }
    const checks = [
      { name: 'log', check: async () => ({ ok: false, detail: 'away' }) },
      { name: 'signer', isAlarm: true, for: 'signing', check: async () => ({ ok: true, detail: 'signs' }) },
      { name: 'witnesses', isAlarm: true, for: 'signing', check: async () => ({ ok: false, detail: 'too few' }) },
    ]
    const { app } = await openApp(t, { checks, readyFor })
    const ask = async (query: string) => {
      const answer = await app.inject({ url: `/health/ready${query}` })
      return [answer.statusCode, answer.json().checks ?? answer.json().code]
    }
    t.strictSame(await ask('?for=signing'), [
      503,
      [
        { name: 'signer', ok: true, detail: 'signs' },
        { name: 'witnesses', ok: false, detail: 'too few' },
      ],
    ])
    t.strictSame(await ask('?for=baking'), [503, [{ name: 'baking', ok: false, detail: 'it does not bake' }]])
    t.strictSame(await ask('?for=sleeping'), [400, 'invalid'])
  },
)

const series = (status: number) =>
  `http_request_duration_seconds_count{method="POST",route="/v1/things/:thing/acts",status="${status}"} 1`

t.test('metrics cover the process, the requests by route and status, and what the service registered', async (t) => {
  const metrics = new Registry()
  new Counter({ name: 'appends_total', help: 'x', registers: [metrics] }).inc(3)
  const { app } = await openApp(t, { metrics })
  await post(app)
  await post(app, '{')
  await app.inject({ url: '/nothing/at/all' })
  const { body, headers } = await app.inject({ url: '/metrics' })
  t.match(headers['content-type'], /^text\/plain; version=0\.0\.4/)
  for (const line of ['appends_total 3', 'process_cpu_seconds_total', series(201), series(400)])
    t.ok(body.includes(line), line)
  t.ok(body.includes('{method="GET",route="none",status="404"} 1'))
})

t.test('common headers are on every answer, problems too', async (t) => {
  let position = 3
  const { app } = await openApp(t, { headersForAll: () => ({ 'log-position': String(position) }) })
  t.equal((await post(app)).headers['log-position'], '3')
  position = 4
  t.equal((await app.inject({ url: '/nothing' })).headers['log-position'], '4')
  t.equal((await app.inject({ url: '/%zz' })).headers['log-position'], '4')
})

t.test('if reading needs a key, only callers that can read see the results of the checks', async (t) => {
  const checks = [
    { name: 'drift', check: async () => ({ ok: false, detail: 'what is served differs from the events of lab (1)' }) },
    { name: 'log', check: async () => ({ ok: true, detail: 'the log reaches position 17' }) },
  ]
  const { app } = await openApp(t, { checks, readAccess: 'key' })
  const ask = (authorization?: string) =>
    app.inject({ url: '/health/ready', headers: authorization === undefined ? {} : { authorization } })
  for (const headers of [undefined, 'Bearer not-a-known-secret-0123456789', 'Basic x']) {
    const answer = await ask(headers)
    t.equal(answer.statusCode, 503)
    t.match(answer.json().checks, [
      { name: 'drift', ok: false },
      { name: 'log', ok: true },
    ])
    t.notMatch(answer.body, /lab|17/)
  }
  t.match((await ask(reader.authorization)).json().checks, [{ detail: /of lab/ }, { detail: /position 17/ }])
})

t.test(
  'from an address that guesses keys, a right key reveals no more than a wrong one at the readiness check',
  async (t) => {
    const checks = [{ name: 'log', check: async () => ({ ok: true, detail: 'the log reaches position 17' }) }]
    const { app } = await openApp(t, { checks, readAccess: 'key' })
    const ask = (authorization: string) => app.inject({ url: '/health/ready', headers: { authorization } })
    for (let guess = 0; guess < 200; guess += 1) t.notMatch((await ask(`Bearer guess-${guess}-0123456789`)).body, /17/)
    t.notMatch((await ask(reader.authorization)).body, /17/)
  },
)

t.test('the documentation page loads nothing from outside', async (t) => {
  const { app } = await openApp(t)
  const page = await app.inject({ url: '/docs' })
  t.match(page.headers['content-security-policy'], /^default-src 'self'/)
  const parts = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, part]) => part ?? '')
  t.ok(parts.length >= 4)
  for (const part of parts) {
    t.match(part, /^\/docs\/static\//)
    t.equal((await app.inject({ url: part })).statusCode, 200, part)
  }
  t.notMatch((await app.inject({ url: '/docs/static/swagger-initializer.js' })).body, /validator\.swagger\.io/)
})
