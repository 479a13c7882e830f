import { agreed, proposed } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { openLedger, startService } from './support.ts'

t.setTimeout(120_000)

async function start(t: Test) {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('lab', proposed({ title: { vi: 'Đề án' } }))
  await service.applied(await ledger.record('lab', agreed()))
  return service
}

const reads = [
  '/v1/proposals',
  '/v1/proposals?asOf=2999-01-01',
  '/v1/proposals/lab',
  '/v1/proposals/lab?knownAtPosition=1',
  '/v1/proposals/lab/events',
  '/v1/proposals/lab/events/1',
  '/v1/proposals/lab/changes',
  '/v1/changes',
  '/v1/event-types',
  '/v1/vocabulary',
  '/v1/events',
  '/v1/portfolio',
  '/v1/portfolio?asOf=2999-01-01',
  '/v1/projections',
  '/health/live',
  '/health/ready',
  '/openapi.json',
  '/openapi-3.0.json',
]

t.test('HEAD answers like GET, without a length that GET would not have', async (t) => {
  const service = await start(t)
  const accepted = [undefined, 'text/csv', 'application/x-ndjson', 'application/cloudevents-batch+json']
  for (const url of reads) {
    for (const accept of accepted) {
      const headers = accept === undefined ? {} : { accept }
      const get = await service.app.inject({ url, headers })
      if (get.statusCode === 406) continue
      const head = await service.app.inject({ method: 'HEAD', url, headers })
      const of = `${url} as ${accept}`
      t.equal(head.statusCode, get.statusCode, of)
      t.equal(head.headers['content-type'], get.headers['content-type'], of)
      t.equal(head.headers['etag'], get.headers['etag'], of)
      t.equal(head.headers['content-length'], get.headers['content-length'], of)
    }
  }
})

t.test('a 304 has no length, whether to GET or to HEAD', async (t) => {
  const service = await start(t)
  for (const url of reads) {
    if ((await service.get(url)).headers['etag'] === undefined) continue
    for (const method of ['GET', 'HEAD'] as const) {
      const answer = await service.app.inject({ method, url, headers: { 'if-none-match': '*' } })
      t.equal(answer.statusCode, 304, `${method} ${url}`)
      t.notOk('content-length' in answer.headers, `${method} ${url}`)
    }
  }
  const csv = { accept: 'text/csv', 'if-none-match': '*' }
  t.notOk(
    'content-length' in (await service.app.inject({ method: 'HEAD', url: '/v1/proposals', headers: csv })).headers,
  )
})

t.test('HEAD of the live feed has no length', async (t) => {
  const service = await start(t)
  const headers = { accept: 'text/event-stream' }
  const head = await service.app.inject({ method: 'HEAD', url: '/v1/events', headers })
  t.match(head, { statusCode: 200, headers: { 'content-type': 'text/event-stream' } })
  t.notOk('content-length' in head.headers)
})

t.test('an invalid percent escape is 400 malformed, in the query and in the path of every call', async (t) => {
  const service = await start(t)
  for (const broken of ['%zz', '%', '%E1%BB', '%a', '%C3%28']) {
    for (const url of [
      '/v1/proposals',
      '/v1/portfolio',
      '/v1/changes',
      '/v1/events',
      '/v1/event-types',
      '/health/live',
    ]) {
      for (const query of [`q=${broken}`, `${broken}=1`, `q=a${broken}b`]) {
        const answer = await service.get(`${url}?${query}`)
        t.match(answer.json(), { status: 400, code: 'malformed' }, `${url}?${query}`)
      }
    }
    for (const url of [
      `/v1/proposals/${broken}`,
      `/v1/proposals/lab/events/${broken}`,
      `/log/tile/${broken}`,
      `/${broken}`,
    ]) {
      t.match((await service.get(url)).json(), { status: 400, code: 'malformed' }, url)
    }
  }
  t.equal((await service.get(`/v1/proposals?q=${encodeURIComponent('%')}`)).statusCode, 200)
  t.equal((await service.get('/v1/proposals?q=100+percent')).statusCode, 200)
})

t.test('a media type named before */* is preferred', async (t) => {
  const service = await start(t)
  const typeOf = async (accept: string) => {
    const answer = await service.app.inject({ method: 'HEAD', url: '/v1/events', headers: { accept } })
    return answer.headers['content-type']
  }
  t.equal(await typeOf('text/event-stream, */*'), 'text/event-stream')
  t.equal(await typeOf('*/*, text/event-stream'), 'text/event-stream')
  t.equal(await typeOf('text/*, */*'), 'text/event-stream')
  t.equal(
    await typeOf('text/event-stream, application/json'),
    'application/json; charset=utf-8',
    'named both: our order',
  )
  t.equal(await typeOf('text/event-stream;q=0.5, */*'), 'application/json; charset=utf-8')
  t.equal(await typeOf('*/*'), 'application/json; charset=utf-8')
})

t.test('who records here is led to the command service, by its address where that is known', async (t) => {
  const ledger = await openLedger(t)
  for (const [environment, address] of [
    [{}, '(port 8080 where nothing else is configured)'],
    [{ COMMAND_PUBLIC_URL: 'https://example.org/record' }, '(https://example.org/record)'],
  ] as const) {
    const service = await startService(t, ledger, { environment })
    const answer = await service.app.inject({ method: 'POST', url: '/v1/events' })
    t.equal(answer.statusCode, 405)
    t.match(answer.json().detail, address)
  }
})
