import { setTimeout as wait } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { openApp, paid, secrets } from './support.ts'

type Opened = Awaited<ReturnType<typeof openApp>>

function send({ app }: Opened, secret: string, remoteAddress: string, headers: Record<string, string> = {}) {
  return app.inject({
    method: 'POST',
    url: '/v1/things/alpha/acts',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', ...headers },
    payload: paid,
    remoteAddress,
  })
}

/** Sends enough wrong keys to make the place suspect. */
async function guessFrom(t: Test, opened: Opened, place: string, headers: Record<string, string> = {}): Promise<void> {
  for (let count = 0; count < 30; count += 1) {
    t.equal((await send(opened, `guess-${count}`, place, headers)).statusCode, 401)
  }
}

const address = (line: string | undefined) => JSON.parse(line ?? '{}').address as string | undefined
const lastLine = ({ lines }: Opened) => lines.filter((line) => line.includes('request completed')).at(-1)

t.test(
  'from an address with many wrong keys, a few keys are checked each second, and the others are refused unchecked',
  async (t) => {
    const opened = await openApp(t, { readAccess: 'key' })
    await guessFrom(t, opened, '192.0.2.1')
    const begun = performance.now()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => send(opened, `more-${index}`, '192.0.2.1')),
    )
    t.ok(performance.now() - begun >= 900, 'those that were looked at waited')
    t.ok(answers.every(({ statusCode }) => statusCode === 429))
    t.ok(answers.every(({ headers }) => headers['retry-after'] === '1'))
    const metrics = await opened.app.inject({
      url: '/metrics',
      headers: { authorization: 'Bearer guess' },
      remoteAddress: '192.0.2.1',
    })
    t.match(metrics.json(), { status: 429, code: 'too-many-requests' }, 'also where requests are not counted')
    const { paths } = (await opened.app.inject('/openapi.json')).json()
    t.ok('429' in paths['/metrics'].get.responses)
  },
)

t.test('a right key among many guesses is answered no sooner than a wrong one', async (t) => {
  const opened = await openApp(t)
  await guessFrom(t, opened, '192.0.2.1')
  const waiting = Array.from({ length: 4 }, (_, index) => send(opened, `more-${index}`, '192.0.2.1'))
  await wait(50)
  t.equal((await send(opened, secrets.writer, '192.0.2.1')).statusCode, 429, 'no place to wait is left')
  await Promise.all(waiting)
  const begun = performance.now()
  t.equal((await send(opened, secrets.writer, '192.0.2.1')).statusCode, 201)
  t.ok(performance.now() - begun >= 900)
})

t.test('a right key from another address is not delayed, nor one that was right from there before', async (t) => {
  const opened = await openApp(t)
  t.equal((await send(opened, secrets.writer, '192.0.2.1')).statusCode, 201)
  await guessFrom(t, opened, '192.0.2.1')
  const waiting = Array.from({ length: 8 }, (_, index) => send(opened, `more-${index}`, '192.0.2.1'))
  await wait(50)
  t.equal((await send(opened, secrets.writer, '192.0.2.1')).statusCode, 201)
  t.equal((await send(opened, secrets.writer, '198.51.100.7')).statusCode, 201)
  await Promise.all(waiting)
})

t.test('all addresses of an IPv6 network count as one source', async (t) => {
  const opened = await openApp(t)
  for (let count = 0; count < 30; count += 1) await send(opened, `guess-${count}`, `2001:db8:0:1::${count + 1}`)
  t.equal((await send(opened, 'guess', '2001:db8::1:ffff:0:0:9')).statusCode, 429)
  t.equal((await send(opened, 'guess', '2001:db8:0:2::1')).statusCode, 401)
})

t.test('the log line of every refused request and every write has the address; a read leaves none', async (t) => {
  const opened = await openApp(t)
  await send(opened, secrets.writer, '192.0.2.9')
  t.match(JSON.parse(lastLine(opened) ?? ''), { status: 201, key: 'writer', address: '192.0.2.9' })
  await send(opened, 'guess', '192.0.2.9')
  t.match(JSON.parse(lastLine(opened) ?? ''), { status: 401, address: '192.0.2.9' })
  await send(opened, secrets.reader, '192.0.2.9')
  t.match(JSON.parse(lastLine(opened) ?? ''), { status: 403, key: 'reader', address: '192.0.2.9' })
  await opened.app.inject({ url: '/v1/things', remoteAddress: '192.0.2.9' })
  t.equal(address(lastLine(opened)), undefined)
  await opened.app.inject({ url: '/v1/things?limit=none', remoteAddress: '192.0.2.9' })
  t.equal(address(lastLine(opened)), '192.0.2.9')
})

t.test('what a proxy says about the caller counts only if the proxy is trusted', async (t) => {
  const told = { 'x-forwarded-for': '203.0.113.66, 203.0.113.5' }
  const addressWith = async (trustProxy: number | string[] | undefined, from: string, headers = told) => {
    const opened = await openApp(t, { trustProxy })
    await send(opened, 'guess', from, headers)
    return address(lastLine(opened))
  }
  t.equal(await addressWith(undefined, '10.0.0.1'), '10.0.0.1')
  t.equal(await addressWith(['10.0.0.0/8'], '10.0.0.1'), '203.0.113.5')
  t.equal(await addressWith(['10.0.0.0/8'], '192.0.2.1'), '192.0.2.1', 'not from somebody else')
  t.equal(await addressWith(1, '10.0.0.1'), '203.0.113.5')
  t.equal(await addressWith(2, '10.0.0.1'), '203.0.113.66')
  t.equal(await addressWith(1, '10.0.0.1', { 'x-forwarded-for': 'no address' }), '10.0.0.1')
})

t.test('behind a trusted proxy each caller is slowed separately', async (t) => {
  const opened = await openApp(t, { trustProxy: ['10.0.0.1'] })
  await guessFrom(t, opened, '10.0.0.1', { 'x-forwarded-for': '203.0.113.5' })
  const answer = await send(opened, 'guess', '10.0.0.1', { 'x-forwarded-for': '203.0.113.6' })
  t.equal(answer.statusCode, 401)
})
