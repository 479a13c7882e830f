import t from 'tap'
import { conflictTypes, problem, problemDocument, problemTypes } from '../src/index.ts'
import { openApp, paid, post, writer } from './support.ts'

t.test('programs get JSON with its media type', async (t) => {
  const { app } = await openApp(t)
  for (const url of ['/problems', '/problems/invalid']) {
    const answer = await app.inject({ url, headers: { accept: 'application/json' } })
    t.match(answer.headers['content-type'], /^application\/json/)
    t.ok(answer.json())
  }
})

t.test('every code of the catalogue has a page for people and a document for programs', async (t) => {
  const { app } = await openApp(t)
  for (const [code, type] of Object.entries(problemTypes)) {
    const page = await app.inject({ url: `/problems/${code}`, headers: { accept: 'text/html' } })
    t.match(page.headers['content-type'], /^text\/html/)
    t.match(page.headers['content-security-policy'], /default-src 'self'/)
    t.ok(page.body.includes(`<code>${code}</code>`))
    t.notMatch(page.body, /<style|style=|<script/)
    const document = await app.inject({ url: `/problems/${code}`, headers: { accept: 'application/json' } })
    t.strictSame(document.json(), { code, ...type })
  }
})

t.test('the list names every code, and a code that is not there is 404', async (t) => {
  const { app } = await openApp(t)
  const list = await app.inject({ url: '/problems', headers: { accept: 'application/json' } })
  t.equal(list.json().problems.length, Object.keys(problemTypes).length)
  t.match((await app.inject({ url: '/problems' })).body, /problems\/invalid/)
  t.equal((await app.inject({ url: '/problems/nothing' })).json().code, 'not-found')
  t.equal((await app.inject({ url: '/problems/style.css' })).headers['content-type'], 'text/css; charset=utf-8')
})

t.test('the type of a problem is absolute where the public address is known', async (t) => {
  const { app } = await openApp(t, { publicUrl: 'https://x.example' })
  t.equal((await app.inject({ url: '/nothing' })).json().type, 'https://x.example/problems/not-found')
})

t.test('an internal fault is 500 without internal details; the log has it under the same id', async (t) => {
  const { app, lines } = await openApp(t)
  const answer = await app.inject({ method: 'POST', url: '/v1/things/secret/acts', headers: writer, payload: paid })
  t.match(answer.json(), { status: 500, code: 'internal', instance: '/v1/things/secret/acts' })
  t.notMatch(answer.body, /SELECT|inside|at /)
  const line = lines.map((text) => JSON.parse(text)).find(({ level }) => level === 50)
  t.match(line, { requestId: answer.json().requestId, err: { message: 'SELECT password FROM inside' } })
})

t.test('in tests an undocumented answer is a fault', async (t) => {
  const strict = await openApp(t)
  const call = { method: 'POST', url: '/v1/things/undeclared/acts', headers: writer, payload: paid } as const
  t.equal((await strict.app.inject(call)).statusCode, 500)
  t.match(strict.lines.join(''), /recordAct answered with the problem beyond-head, which it does not declare/)
  const { app } = await openApp(t, { strictAnswers: false })
  t.equal((await app.inject(call)).statusCode, 409)
})

t.test('refusals of a domain are conflicts, unless the catalogue says otherwise', async (t) => {
  const words = { title: 'T', when: 'W', client: 'C' }
  const types = conflictTypes({ 'not-agreed': words, 'unknown-proposal': words })
  t.equal(types['not-agreed']?.status, 409)
  t.equal(types['unknown-proposal']?.status, 404)
  const { app } = await openApp(t, { problemTypes: types })
  t.match((await app.inject({ url: '/problems/not-agreed', headers: { accept: 'application/json' } })).json(), words)
})

t.test('a problem document has the standard members, ours, and those of the case', async (t) => {
  const from = problem('version-conflict', 'It is at version 3.', { actual: 3, headers: { etag: '"3"' } })
  t.strictSame(problemDocument(problemTypes, from, { instance: '/x', requestId: 'r' }), {
    type: '/problems/version-conflict',
    title: 'The proposal has a different version',
    status: 412,
    detail: 'It is at version 3.',
    instance: '/x',
    code: 'version-conflict',
    requestId: 'r',
    actual: 3,
  })
  t.throws(() => problemDocument({}, from), /No problem type/)
})

t.test('a temporary problem has Retry-After', async (t) => {
  const { app } = await openApp(t, { rateLimit: { requests: 2, window: 60_000 } })
  t.equal((await post(app)).statusCode, 201)
  t.equal((await post(app)).statusCode, 201)
  const limited = await post(app)
  t.match(limited.json(), { status: 429, code: 'too-many-requests' })
  const seconds = Number(limited.headers['retry-after'])
  t.ok(seconds >= 1 && seconds <= 60)
  t.equal((await app.inject({ url: '/health/live' })).statusCode, 200)
})

t.test('wrong keys are limited for each address, and a right one still passes', async (t) => {
  const { app } = await openApp(t)
  const guess = (remoteAddress: string) =>
    app.inject({
      method: 'POST',
      url: '/v1/things/alpha/acts',
      headers: { authorization: 'Bearer guess' },
      remoteAddress,
    })
  for (let count = 0; count < 30; count += 1) t.equal((await guess('192.0.2.1')).statusCode, 401)
  const limited = await guess('192.0.2.1')
  t.equal(limited.statusCode, 429)
  t.ok(Number(limited.headers['retry-after']) >= 1)
  t.equal((await guess('192.0.2.2')).statusCode, 401)
  t.equal((await post(app)).statusCode, 201)
})
