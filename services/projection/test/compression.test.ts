import { readFileSync } from 'node:fs'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { dayOf } from '@commitments/domain'
import { eventually } from '@commitments/test-kit'
import { signingFor, startServices } from '@commitments/test-kit/services'
import t from 'tap'

t.test('answers of the running services', async (t) => {
  const secret = 'everything-secret-0123456789'
  const { command, projection } = await startServices(t, {
    environment: { API_KEYS: `everything:record+correct+read+audit:${secret}` },
    projection: { signing: signingFor(t) },
  })
  const portfolio = readFileSync(new URL('../../../data/portfolio.ndjson', import.meta.url), 'utf8')
  await command.app.inject({
    method: 'POST',
    url: '/v1/events?atomic=true',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/x-ndjson' },
    payload: portfolio,
  })
  const events = portfolio.trimEnd().split('\n').length
  await projection.applied(events)
  await eventually(async () => (await projection.get('/log/checkpoint')).body.split('\n')[1] === String(events))

  // In the time zone of the ledger the next day may have begun: events without a date count from there.
  const today = dayOf(Date.now(), 'Asia/Ho_Chi_Minh')

  const reads: Record<string, Record<string, string>> = {
    '/v1/proposals?limit=100': {},
    '/v1/proposals': { accept: 'text/csv' },
    '/v1/proposals/vkist': {},
    [`/v1/proposals/vkist?asOf=${today}`]: {},
    '/v1/proposals/vkist/events': {},
    '/v1/proposals/vkist/changes': {},
    '/v1/portfolio': {},
    [`/v1/portfolio?asOf=${today}`]: {},
    '/v1/changes?since=0': {},
    '/v1/event-types': {},
    '/v1/events?limit=200': {},
    '/v1/events': { accept: 'application/x-ndjson' },
    '/openapi.json': {},
    '/openapi-3.0.json': {},
    '/docs/static/swagger-ui.css': {},
  }

  await t.test(
    'every read of more than 1 KiB is compressed for a caller that accepts it, with the same content',
    async (t) => {
      for (const [url, headers] of Object.entries(reads)) {
        const plain = await projection.get(url, headers)
        t.equal(plain.statusCode, 200, url)
        t.notOk(plain.headers['content-encoding'])
        t.match(plain.headers.vary, /accept-encoding/, url)
        for (const [coding, read] of [
          ['br', brotliDecompressSync],
          ['gzip', gunzipSync],
        ] as const) {
          const answer = await projection.get(url, { ...headers, 'accept-encoding': coding })
          t.equal(answer.headers['content-encoding'], coding, `${url} ${coding}`)
          t.ok(read(answer.rawPayload).equals(plain.rawPayload), `${url} as ${coding} is the same`)
          t.ok(answer.rawPayload.length < plain.rawPayload.length)
          t.comment(
            `${url} ${headers['accept'] ?? ''}: ${plain.rawPayload.length} bytes, ${coding} ${answer.rawPayload.length}`,
          )
        }
      }
    },
  )

  await t.test('every read with a tag is 304 for the tag of any form, in any form', async (t) => {
    for (const [url, headers] of Object.entries(reads)) {
      const forms = ['identity', 'br', 'gzip']
      const tags = new Set<string>()
      for (const form of forms)
        tags.add(String((await projection.get(url, { ...headers, 'accept-encoding': form })).headers.etag))
      const [first = ''] = tags
      if (first === 'undefined' || first.startsWith('W/')) continue
      t.equal(tags.size, 3, `${url}: each form has a tag of its own`)
      for (const tag of tags)
        for (const form of forms) {
          const answer = await projection.get(url, { ...headers, 'accept-encoding': form, 'if-none-match': tag })
          t.match(answer, { statusCode: 304, headers: { etag: tag } }, `${url} ${tag} ${form}`)
        }
    }
  })

  await t.test('tiles of the log and the live feed are not compressed', async (t) => {
    const takes = { 'accept-encoding': 'br, gzip' }
    const tile = await projection.get(`/log/tile/0/000.p/${events % 256}`, takes)
    t.match(tile, { statusCode: 200, headers: { 'content-type': 'application/octet-stream' } })
    t.notOk(tile.headers['content-encoding'])
    const listening = await startServices(t)
    const url = await listening.projection.listen()
    const stop = new AbortController()
    const live = await fetch(`${url}/v1/events`, {
      headers: { ...takes, accept: 'text/event-stream' },
      signal: stop.signal,
    })
    t.equal(live.headers.get('content-encoding'), null)
    const { value = new Uint8Array() } = (await live.body?.getReader().read()) ?? {}
    t.match(Buffer.from(value).toString(), /^(?:id|event|data|:|retry)/m)
    stop.abort()
  })
})
