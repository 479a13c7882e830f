import { agreed, funded, proposed, secretOf } from '@commitments/test-kit'
import t from 'tap'
import { openCommandApp } from './app-fixture.ts'

t.test('a recorded event is answered with its line, its Location and its version', async (t) => {
  const { post, database } = await openCommandApp(t)
  const answer = await post('lab', proposed())
  t.equal(answer.statusCode, 201)
  t.match(answer.headers, {
    location: '/v1/proposals/lab/events/1',
    etag: '"1"',
    'log-position': '1',
    'log-id': /^[0-9a-f-]{36}$/,
    'content-type': /^application\/json/,
  })
  const { rows } = await database.pool().query('SELECT line FROM events')
  t.equal(answer.body, rows[0]?.line)
  t.match(answer.json(), { position: 1, version: 1, type: 'proposed', recordedBy: 'key:registry' })
})

t.test('a repeated request gets the same answer, marked as a repeat, whatever its preconditions', async (t) => {
  const { post } = await openCommandApp(t)
  const headers = { 'idempotency-key': '"7f9c2ba4"', 'if-none-match': '*' }
  const first = await post('lab', proposed(), { headers })
  const again = await post('lab', proposed(), { headers })
  t.equal(again.statusCode, 201)
  t.equal(again.headers['idempotency-replayed'], 'true')
  t.equal(first.headers['idempotency-replayed'], undefined)
  for (const name of ['location', 'etag', 'log-position']) t.equal(again.headers[name], first.headers[name])
  t.equal(again.body, first.body)
})

t.test('a repeat can have its members in another order; another body is 422', async (t) => {
  const { post } = await openCommandApp(t)
  const headers = { 'idempotency-key': '"k"' }
  await post('lab', proposed(), { headers })
  const reversed = Object.fromEntries(Object.entries(proposed()).reverse())
  t.equal((await post('lab', reversed, { headers })).statusCode, 201)
  const other = await post('lab', proposed({ kind: 'system' }), { headers })
  t.equal(other.statusCode, 422)
  t.match(other.json(), { code: 'idempotency-key-reused', position: 1 })
})

t.test('an idempotency key belongs to its caller: two callers can use the same one', async (t) => {
  const { post } = await openCommandApp(t)
  const headers = { 'idempotency-key': '"k"' }
  t.equal((await post('a', proposed(), { headers })).statusCode, 201)
  const other = await post('b', proposed(), { headers, as: 'most' })
  t.equal(other.statusCode, 201)
  t.equal(other.headers['idempotency-replayed'], undefined)
})

t.test('If-Match takes the version, strong; a weak tag or another version is 412 with the current one', async (t) => {
  const { post } = await openCommandApp(t)
  await post('lab', proposed())
  for (const tag of ['"2"', 'W/"1"', '"one"', '"2", "3"']) {
    const answer = await post('lab', agreed(), { headers: { 'if-match': tag } })
    t.equal(answer.statusCode, 412, tag)
    t.match(answer.json(), { code: 'version-conflict', currentVersion: 1 })
    t.equal(answer.headers.etag, '"1"')
  }
  t.equal((await post('lab', agreed(), { headers: { 'if-match': '"7", "1"' } })).statusCode, 201)
  t.equal((await post('lab', funded(), { headers: { 'if-match': '*' } })).statusCode, 201)
})

t.test('a tag that is not a version is refused, and the refusal says what to send instead', async (t) => {
  const { post } = await openCommandApp(t)
  await post('lab', proposed())
  for (const tag of ['"r3bXo2-aGk4"', '"0"', 'W/"1"']) {
    for (const query of [{}, { dryRun: 'true' }]) {
      const answer = await post('lab', agreed(), { headers: { 'if-match': tag }, query })
      t.match(
        answer.json(),
        { status: 412, currentVersion: 1, detail: /not a version.*`version`.*`If-Match: "1"`/ },
        tag,
      )
    }
  }
})

t.test('version 0 never matches, even if there is no proposal', async (t) => {
  const { post } = await openCommandApp(t)
  const answer = await post('lab', proposed(), { headers: { 'if-match': '"0"' } })
  t.match(answer.json(), { status: 412, currentVersion: 0, detail: /`If-None-Match: \*`/ })
})

t.test('Location leads to the projection service if its address is known', async (t) => {
  const { post, app } = await openCommandApp(t, {
    environment: {
      PROJECTION_PUBLIC_URL: 'https://api.example.org/read/',
      PUBLIC_URL: 'https://api.example.org/write',
    },
  })
  const answer = await post('lab', proposed())
  t.equal(answer.headers.location, 'https://api.example.org/read/v1/proposals/lab/events/1')
  const lost = await app.inject({ url: '/v1/proposals/lab' })
  t.match(lost.json(), { status: 404, detail: /projection service.*https:\/\/api\.example\.org\/read/ })
})

t.test('If-None-Match: * only creates new proposals', async (t) => {
  const { post } = await openCommandApp(t)
  const headers = { 'if-none-match': '*' }
  t.equal((await post('lab', proposed(), { headers })).statusCode, 201)
  t.match((await post('lab', proposed(), { headers })).json(), { status: 412, currentVersion: 1 })
})

t.test('preconditions that cannot be parsed are 400 and name the header', async (t) => {
  const { post } = await openCommandApp(t)
  const cases = [
    { headers: { 'if-match': '2' }, path: 'header.if-match' },
    { headers: { 'if-none-match': 'abc' }, path: 'header.if-none-match' },
    { headers: { 'if-none-match': '' }, path: 'header.if-none-match' },
    { headers: { 'if-none-match': '"2"' }, path: 'header.if-none-match' },
    { headers: { 'if-match': '"1"', 'if-none-match': '*' }, path: 'header.if-none-match' },
    { headers: { 'idempotency-key': 'unquoted' }, path: 'header.idempotency-key' },
    { headers: { 'idempotency-key': '""' }, path: 'header.idempotency-key' },
    { headers: { 'idempotency-key': `"${'k'.repeat(256)}"` }, path: 'header.idempotency-key' },
  ]
  for (const { headers, path } of cases) {
    const answer = await post('lab', proposed(), { headers })
    t.equal(answer.statusCode, 400)
    t.match(answer.json(), { code: 'invalid', errors: [{ path, message: /^must / }] })
  }
})

t.test('a dry run gives the same answers, and nothing is recorded', async (t) => {
  const { post, database } = await openCommandApp(t)
  const query = { dryRun: 'true' }
  const would = await post('lab', proposed(), { query, headers: { 'idempotency-key': '"k"' } })
  t.equal(would.statusCode, 200)
  const { status, ...rest } = would.json()
  t.same(rest, { dryRun: true, proposalId: 'lab', version: 1, type: 'proposed' })
  t.match(status, { proposalId: 'lab', version: 1, stage: 'proposed' })
  t.equal((await post('lab', agreed(), { query })).statusCode, 404)
  t.equal((await post('lab', proposed(), { query, headers: { 'if-match': '"1"' } })).statusCode, 412)
  t.equal((await post('lab', { type: 'proposed' }, { query })).statusCode, 400)
  t.equal((await database.pool().query('SELECT FROM events')).rowCount, 0)
  // The key was not used up.
  t.equal((await post('other', proposed(), { headers: { 'idempotency-key': '"k"' } })).statusCode, 201)
})

t.test('a dry run says the status that recording the event then gives, wherever the event counts', async (t) => {
  const { post } = await openCommandApp(t)
  const query = { dryRun: 'true' }
  await post('lab', proposed({ planned: { start: '2024', end: '2027' } }))
  const reason = { en: 'Typing mistake' }
  const correction = { event: 2, data: { ...agreed().data, form: 'treaty' } }
  const next = [
    agreed(),
    { ...agreed(), type: 'corrected', occurredOn: null, data: { reason, corrections: [correction] } },
    { ...agreed(), type: 'retracted', data: { reason, events: [2] } },
  ]
  const then = [
    { stage: 'agreed', agreement: { form: 'agreement' } },
    { stage: 'agreed', agreement: { form: 'treaty' } },
    { stage: 'proposed', agreement: null },
  ]
  for (const [index, event] of next.entries()) {
    const tried = await post('lab', event, { query })
    t.match(tried.json(), { version: index + 2, status: { ...then[index], version: index + 2 } }, tried.body)
    t.equal((await post('lab', event)).statusCode, 201)
  }
})

t.test('a dry run says the status only to callers that may read', async (t) => {
  const query = { dryRun: 'true' }
  const open = await openCommandApp(t)
  t.match((await open.post('lab', proposed(), { query, as: 'most' })).json(), { status: { stage: 'proposed' } })
  const closed = await openCommandApp(t, { environment: { READ_ACCESS: 'key' } })
  t.notOk('status' in (await closed.post('lab', proposed(), { query, as: 'most' })).json())
})

t.test('a key that is bound to a party can assert only for that party', async (t) => {
  const { post } = await openCommandApp(t)
  const refused = await post('lab', proposed({}, { assertedBy: 'msit-kr' }), { as: 'most' })
  t.equal(refused.statusCode, 403)
  t.match(refused.json(), { code: 'not-your-party', party: 'most-vn' })
  t.equal((await post('lab', proposed({}, { assertedBy: 'most-vn' }), { as: 'most' })).statusCode, 201)
  t.equal((await post('lab-2', proposed({}, { assertedBy: 'msit-kr' }))).statusCode, 201)
})

t.test('a valid traceparent of the request is kept in the event; an invalid one is not', async (t) => {
  const { post } = await openCommandApp(t)
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  t.match((await post('a', proposed(), { headers: { traceparent } })).json(), { traceparent })
  t.notOk('traceparent' in (await post('b', proposed(), { headers: { traceparent: 'nonsense' } })).json())
})

t.test('checks come in the order of the contract', async (t) => {
  const { app, post } = await openCommandApp(t)
  const secret = `Bearer ${secretOf('registry')}`
  const url = '/v1/proposals/lab/events'
  const status = async (options: object) => (await app.inject({ method: 'POST', url, ...options })).statusCode
  const large = 'x'.repeat(300_000)
  t.equal(await status({ url: '/v1/nowhere', payload: large }), 404, 'no such route, before everything')
  t.equal(await status({ method: 'DELETE' }), 405, 'another method, before the key')
  t.equal(await status({ payload: large, headers: { 'content-type': 'text/plain' } }), 401, 'no key, before the body')
  const reader = `Bearer ${secretOf('reader')}`
  t.equal(await status({ payload: large, headers: { authorization: reader } }), 403, 'no scope, before the body')
  t.equal(await status({ payload: large, headers: { authorization: secret, 'content-type': 'application/json' } }), 413)
  t.equal(await status({ payload: '{}', headers: { authorization: secret, 'content-type': 'text/plain' } }), 415)
  const key = { 'idempotency-key': '"k"' }
  t.equal((await post('lab', '{"type":', { headers: key })).statusCode, 400, 'malformed, before the key is looked at')
  await post('lab', proposed(), { headers: key })
  t.equal((await post('gone', agreed(), { headers: key })).statusCode, 422, 'the key, before 404')
  t.equal((await post('gone', agreed(), { headers: { 'if-match': '"9"' } })).statusCode, 404, 'unknown, before 412')
  t.equal(
    (await post('lab', proposed(), { headers: { 'if-match': '"9"' } })).statusCode,
    412,
    'the version, before 409',
  )
  t.equal((await post('lab', proposed())).statusCode, 409)
})

t.test('a body that cannot be parsed, or violates its schema, is 400 and names every error', async (t) => {
  const { post } = await openCommandApp(t)
  for (const body of ['', 'nonsense', '{"type":"proposed","type":"agreed"}', '{"a":"\\u0000"}', '{"a":"\\ud800"}']) {
    const answer = await post('lab', body)
    t.equal(answer.statusCode, 400, body)
    t.match(answer.json(), { code: 'malformed', detail: String })
  }
  t.equal((await post('lab', Buffer.from([0x22, 0xff, 0x22]))).statusCode, 400, 'not UTF-8')
  const answer = await post('lab', { ...proposed({ kind: 'castle' as never }), occurredOn: '2023-02-30', surprise: 1 })
  t.equal(answer.statusCode, 400)
  const paths = answer.json<{ errors: { path: string }[] }>().errors.map(({ path }) => path)
  t.same(paths.sort(), ['data.kind', 'occurredOn', 'surprise'])
  t.equal((await post('Not-A-Slug', proposed())).statusCode, 400)
  t.equal((await post('lab', proposed(), { query: { dryrun: 'true' } })).statusCode, 400)
})

t.test('an event that is too long for the log is 413', async (t) => {
  const { post } = await openCommandApp(t)
  const evidence = Array.from({ length: 60 }, (_, index) => ({
    title: `${index} `.repeat(250),
    supports: 'x'.repeat(800),
  }))
  const answer = await post('lab', proposed({}, { evidence }))
  t.equal(answer.statusCode, 413)
  t.match(answer.json(), { code: 'too-large' })
})

t.test('text is kept as received: composed, decomposed, beyond the basic plane, with line separators', async (t) => {
  const { post, database } = await openCommandApp(t)
  const title = { en: 'a\u2028b \u{1F1FB}\u{1F1F3} "quoted" \\ back', vi: 'Phòng', ko: '\u1112\u1161\u11ab' }
  const answer = await post('lab', proposed({ title }))
  t.same(answer.json().data.title, title)
  const { rows } = await database.pool().query('SELECT line FROM events')
  t.same(JSON.parse(rows[0]?.line).data.title, title)
})

t.test('the log of the service has proposal, version and position, and never a secret', async (t) => {
  const { post, logged } = await openCommandApp(t)
  await post('lab', proposed())
  await post('lab', proposed(), { headers: { authorization: 'Bearer not-a-known-secret' } })
  const all = logged.join('')
  t.match(all, /"proposalId":"lab"/)
  t.match(all, /"version":1,"position":1/)
  t.notMatch(all, secretOf('registry'))
  t.notMatch(all, 'not-a-known-secret')
})
