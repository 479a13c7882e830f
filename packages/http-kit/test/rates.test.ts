import { eventually } from '@commitments/test-kit'
import t from 'tap'
import { z } from 'zod'
import { ConfigError, commonVariables, defineRoute, loadApiKeys, parseConfig } from '../src/index.ts'
import { createRates } from '../src/limits/rates.ts'
import { listen, openApp, post, reader, secrets, writer } from './support.ts'

const rateLimit = { requests: 3, window: 60_000 }

t.test('anonymous readers are counted by their address, and readers with a key by that key', async (t) => {
  const { app } = await openApp(t, { rateLimit })
  const read = async (remoteAddress: string, headers: Record<string, string> = {}) =>
    (await app.inject({ url: '/v1/things', remoteAddress, headers })).statusCode
  for (let count = 0; count < 3; count += 1) t.equal(await read('192.0.2.1'), 200)
  t.equal(await read('192.0.2.1'), 429)
  t.equal(await read('192.0.2.1', { authorization: 'Bearer guess' }), 429, 'a wrong key is no key')
  t.equal(await read('192.0.2.2'), 200)
  for (let count = 0; count < 3; count += 1) t.equal(await read('192.0.2.1', reader), 200)
  t.equal(await read('192.0.2.3', reader), 429, 'wherever it comes from')
})

t.test('a refusal says when to retry, and what the limit is', async (t) => {
  const { app } = await openApp(t, { rateLimit })
  for (let count = 0; count < 3; count += 1) await post(app)
  const refused = await post(app)
  t.match(refused.headers, {
    'retry-after': /^(?:19|20)$/,
    'ratelimit-policy': '"caller";q=3;w=60',
    ratelimit: /^"caller";r=0;t=(?:19|20)$/,
  })
  t.match(refused.json().detail, /One key may make 3 requests in 60 seconds; each line of an import/)
})

t.test('health, metrics and documents do not count', async (t) => {
  const { app } = await openApp(t, { rateLimit: { requests: 1, window: 60_000 } })
  for (const url of [
    '/health/live',
    '/health/ready',
    '/metrics',
    '/openapi.json',
    '/openapi-3.0.json',
    '/problems/invalid',
  ]) {
    for (let count = 0; count < 3; count += 1) t.equal((await app.inject({ url })).statusCode, 200, url)
  }
})

t.test('the first request of a share is never refused, however small the share', async (t) => {
  for (const requests of [1, 3, 7]) {
    const { app } = await openApp(t, { rateLimit: { requests, window: 3_600_000 } })
    for (let caller = 1; caller <= 40; caller += 1) {
      const remoteAddress = `10.0.0.${caller}`
      const statuses = []
      for (let count = 0; count <= requests; count += 1)
        statuses.push((await app.inject({ url: '/v1/things', remoteAddress })).statusCode)
      t.same(statuses, [...Array(requests).fill(200), 429])
    }
  }
})

t.test('without RATE_LIMIT nobody is counted', async (t) => {
  const { app } = await openApp(t)
  for (let count = 0; count < 200; count += 1) await app.inject({ url: '/v1/things' })
  t.equal((await app.inject({ url: '/v1/things' })).statusCode, 200)
  t.equal((await post(app, undefined, writer)).statusCode, 201)
})

t.test('a share comes back as time passes', async (t) => {
  const keys = loadApiKeys({ API_KEYS: `reader:read:${secrets.reader}` })
  const { app } = await openApp(t, { rateLimit: { requests: 5, window: 5_000 }, keys, readAccess: 'key' })
  const read = async () => (await app.inject({ url: '/v1/things', headers: reader })).statusCode
  for (let count = 0; count < 5; count += 1) await read()
  t.equal(await read(), 429)
  await eventually(async () => (await read()) === 200, { every: 300, within: 20_000 })
})

t.test(
  'every 256 KiB that are sent of an answer count as one request, and a smaller answer adds nothing',
  async (t) => {
    const answerOf = (bytes: number) =>
      defineRoute({
        method: 'GET',
        url: `/v1/bytes/${bytes}`,
        operationId: `give${bytes}`,
        tag: 'Test',
        summary: 'So many bytes',
        access: { scope: 'read' },
        responses: { 200: { description: 'x', contentTypes: ['text/plain'] } },
        problems: [],
        handler: () => ({ status: 200, type: 'text/plain', body: 'x'.repeat(bytes) }),
      })
    const some = { small: 200 * 1024, large: 1024 * 1024 }
    const routes = Object.values(some).map(answerOf)
    const statusesOf = async (bytes: number, coding: string) => {
      const { app } = await openApp(t, { rateLimit: { requests: 5, window: 3_600_000 }, routes })
      const port = await listen(app)
      const statuses: number[] = []
      while (statuses.at(-1) !== 429) {
        const answer = await fetch(`http://127.0.0.1:${port}/v1/bytes/${bytes}`, {
          headers: { 'accept-encoding': coding },
        })
        await answer.text()
        statuses.push(answer.status)
      }
      return statuses
    }
    const five = [200, 200, 200, 200, 200, 429]
    t.same(await statusesOf(some.small, 'identity'), five)
    t.same(await statusesOf(some.large, 'identity'), [200, 429], 'one for the request and four for the answer')
    t.same(await statusesOf(some.large, 'gzip'), five, 'a compressed answer counts as what it is on the wire')
  },
)

t.test('the memory of addresses is bounded, and the least recently used address is dropped first', async (t) => {
  const { ofAddresses } = createRates({ requests: 1, window: 1_000 }) as NonNullable<ReturnType<typeof createRates>>
  for (let number = 1; number <= 10_000; number += 1) ofAddresses.set(String(number), { settled: number })
  ofAddresses.get('1')
  ofAddresses.set('10001', { settled: 10_001 })
  t.equal(ofAddresses.size, 10_000)
  const found = ['1', '2', '3', '10001'].map((address) => ofAddresses.get(address)?.settled)
  t.same(found, [1, undefined, 3, 10_001])
})

t.test('TRUST_PROXY is a number of proxies, or their addresses and networks', async (t) => {
  const read = (text: string) => parseConfig(z.object(commonVariables), { TRUST_PROXY: text }).TRUST_PROXY
  t.equal(read('1'), 1)
  t.same(read('10.0.0.0/8, ::1,loopback'), ['10.0.0.0/8', '::1', 'loopback'])
  for (const text of ['true', '0', '10', '10.0.0.0/33', 'proxy.example', '10.0.0.1/8/8']) {
    t.throws(() => read(text), ConfigError, text)
  }
})
