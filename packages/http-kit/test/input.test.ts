import t from 'tap'
import { openApp, paid, post, reader, writer } from './support.ts'

t.test('every error of path, query, headers and body is listed at once, each with its path', async (t) => {
  const { app } = await openApp(t)
  const answer = await app.inject({
    method: 'POST',
    url: '/v1/things/ALPHA/acts?weight=ten&colour=red',
    headers: { ...writer, 'content-type': 'application/json', 'x-mood': 'awful' },
    payload: { type: 'paid', amount: { value: 5, curency: 'VND' } },
  })
  const { errors } = answer.json() as { errors: { path: string; message: string }[] }
  t.strictSame(errors.map(({ path }) => path).toSorted(), [
    'amount.curency',
    'amount.currency',
    'amount.value',
    'header.x-mood',
    'path.thing',
    'query.colour',
    'query.weight',
  ])
  t.match(errors.find(({ path }) => path === 'query.colour')?.message, /takes `weight`/)
})

t.test('a query parameter is given once, in decimal digits, within its bounds', async (t) => {
  const { app } = await openApp(t)
  const read = (query: string) => app.inject({ url: `/v1/things?${query}`, headers: reader })
  t.equal((await read('limit=500')).json().limit, 500)
  t.match((await read('limit=1&limit=2')).json().errors, [{ path: 'query.limit', message: 'may be given only once' }])
  t.match((await read('kind=a&kind=b')).json().errors, [{ path: 'query.kind', message: 'may be given only once' }])
  for (const value of ['', '0', '501', '1e2', '0x10', '%205', '5.5', 'five']) {
    t.match((await read(`limit=${value}`)).json(), { status: 400, errors: [{ path: 'query.limit' }] }, value)
  }
})

t.test('a route without a query takes none', async (t) => {
  const { app } = await openApp(t)
  const answer = await app.inject({ url: '/health/live?verbose=1' })
  t.match(answer.json(), { code: 'invalid', errors: [{ path: 'query.verbose' }] })
})

t.test('a body of the wrong type has an empty path', async (t) => {
  const { app } = await openApp(t)
  for (const payload of ['null', '[]', '5', '"x"']) {
    t.match((await post(app, payload)).json(), { code: 'invalid', errors: [{ path: '' }] }, payload)
  }
})

t.test('a stream is passed on, and fails beyond its limit', async (t) => {
  const { app } = await openApp(t)
  const count = (payload: string) =>
    app.inject({
      method: 'POST',
      url: '/v1/lines',
      headers: { ...writer, 'content-type': 'application/x-ndjson' },
      payload,
    })
  t.strictSame((await count('1\n2\n\n3')).json(), { lines: 3 })
  t.equal((await count('1\n'.repeat(1_001))).json().code, 'too-large')
})

t.test('names of the prototype are ordinary names', async (t) => {
  const { app } = await openApp(t)
  const answer = await post(app, '{"type":"paid","amount":{"value":"5","currency":"VND"},"__proto__":{"x":1}}')
  t.match(answer.json(), { code: 'invalid', errors: [{ path: '__proto__' }] })
  t.equal((await app.inject({ url: '/problems/constructor' })).statusCode, 404)
  t.ok((await post(app, paid)).statusCode === 201)
})
