import { proposed } from '@commitments/test-kit'
import t from 'tap'
import { openLedger, startService } from './support.ts'

const secrets = {
  read: 'the-secret-of-read',
  audit: 'the-secret-of-audit',
  admin: 'the-secret-of-admin',
  record: 'the-secret-of-record',
}
const API_KEYS = Object.entries(secrets)
  .map(([scope, secret]) => `${scope}-key:${scope}:${secret}`)
  .join(',')

/** Every operation, and the scope that opens it when reading needs a key. */
const operations = [
  ['GET', '/v1/proposals', 'read'],
  ['GET', '/v1/proposals/lab', 'read'],
  ['GET', '/v1/portfolio', 'read'],
  ['GET', '/v1/parties', 'read'],
  ['GET', '/v1/projections', 'read'],
  ['GET', '/v1/proposals/lab/events', 'audit'],
  ['GET', '/v1/proposals/lab/events/1', 'audit'],
  ['GET', '/v1/events', 'audit'],
  ['POST', '/v1/projections/proposal-status/rebuild', 'admin'],
] as const

t.test('if reading needs a key, each scope allows its own calls and no others', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { environment: { READ_ACCESS: 'key', API_KEYS } })
  const position = await ledger.record('lab', proposed())
  const key = { authorization: `Bearer ${secrets.read}` }
  t.equal(
    (await service.get(`/v1/proposals/lab?atLeast=${position}`, key)).headers['cache-control'],
    'private, no-cache',
  )
  for (const [method, url, scope] of operations) {
    const bare = await service.app.inject({ method, url })
    t.equal(bare.statusCode, 401, `${method} ${url} without a key`)
    t.ok(bare.headers['www-authenticate'])
    for (const [name, secret] of Object.entries(secrets)) {
      const answer = await service.app.inject({ method, url, headers: { authorization: `Bearer ${secret}` } })
      const expected = name !== scope ? 403 : method === 'POST' ? 202 : 200
      t.equal(answer.statusCode, expected, `${method} ${url} with ${name}`)
    }
  }
})

t.test('if reading is public, only the rebuild needs a key', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { environment: { API_KEYS } })
  await service.applied(await ledger.record('lab', proposed()))
  for (const [method, url, scope] of operations) {
    const { statusCode } = await service.app.inject({ method, url })
    t.equal(statusCode, scope === 'admin' ? 401 : 200, `${method} ${url}`)
  }
})

t.test('if reading needs a key, no other answer reveals the position of the log, or its content', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { environment: { READ_ACCESS: 'key', API_KEYS } })
  await ledger.record('lab', proposed())
  const audit = { authorization: `Bearer ${secrets.audit}` }
  const record = { authorization: `Bearer ${secrets.record}` }
  const { paths } = (await service.get('/openapi.json')).json()
  const urls = Object.keys(paths).map((path) => path.replace('{proposalId}', 'lab').replace(/\{\w+\}/g, '1'))
  t.ok(urls.length > 20)
  for (const url of [...urls, '/v1/nothing', '/v1/proposals/%zz']) {
    for (const method of ['GET', 'HEAD', 'POST'] as const) {
      for (const headers of [{}, { authorization: 'Bearer unknown-0123456789' }, record]) {
        const answer = await service.app.inject({ method, url, headers })
        t.notOk('log-position' in answer.headers || 'log-id' in answer.headers, `${method} ${url}`)
        if (!url.startsWith('/openapi')) t.notMatch(answer.body, /Joint laboratory|position \d/, `${method} ${url}`)
      }
    }
  }
  // From another address than that of the guesses above.
  const get = (url: string, headers = {}) => service.app.inject({ url, headers, remoteAddress: '192.0.2.1' })
  t.equal((await get('/metrics')).statusCode, 401)
  t.equal((await get('/metrics', { authorization: `Bearer ${secrets.read}` })).statusCode, 200)
  t.match((await get('/health/ready', audit)).json().checks[0].detail, /applied up to its head, 1|behind/)
  t.match((await get('/v1/events', audit)).headers, { 'log-position': '1', 'log-id': /./ })
  t.match((await get('/v1/proposals/nope/events', audit)).headers, { 'log-position': '1' }, 'a 404 of who may read')
})
