import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { ask, serviceAt } from '../src/source/service.ts'
import { openStream } from '../src/source/stream.ts'

/** A service that accepts a request, and answers when it is told to. */
async function silentService(t: Test) {
  const answered = Promise.withResolvers<void>()
  const server = createServer((_, response) => void answered.promise.then(() => response.end('here')))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, answer: answered.resolve }
}

t.test('a service that accepts a request and is silent is said to be waited for, until it answers', async (t) => {
  const ways = {
    'a whole answer': ask,
    'a stream': openStream,
  }
  for (const [name, read] of Object.entries(ways)) {
    const { url, answer } = await silentService(t)
    const told: string[] = []
    const onWait = (sentence: string) => {
      told.push(sentence)
      if (told.length === 2) answer()
    }
    t.ok(await read(serviceAt(url, { onWait, silentFor: 20 }), '/log/checkpoint', '*/*'), name)
    t.equal(told.length >= 2, true, name)
    t.match(told[0], /^http:\/\/127\.0\.0\.1:\d+\/log\/checkpoint: no answer for \d+ s; it is waited for\.$/, name)
  }
})

/** A service that answers with a byte now and then, and never ends. */
async function drippingService(t: Test): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'log-position': '9' })
    const drip = setInterval(() => response.write('x'), 5)
    response.on('close', () => clearInterval(drip))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

t.test('an answer that comes byte by byte is told of, and given up in the end', async (t) => {
  const url = await drippingService(t)
  const told: string[] = []
  const onWait = (sentence: string) => void told.push(sentence)
  const service = serviceAt(url, { onWait, silentFor: 40, slowAfter: 200, pauses: [] })
  await t.rejects(ask(service, '/v1/portfolio'), { name: 'CannotCheck', message: /it brought \d+ bytes in \d+ s/ })
  t.match(told[0], /\/v1\/portfolio: \d+ bytes came in \d+ s; the rest is waited for\.$/)
  const stream = await openStream(service, '/v1/events', '*/*')
  const read = async () => {
    for await (const piece of stream?.pieces ?? []) t.ok(piece.length > 0)
  }
  await t.rejects(read(), { name: 'Passing', message: /it brought \d+ bytes/ })
})

t.test('however long a service asks to wait, one answer is not waited for longer than a limit in all', async (t) => {
  const server = createServer((_, response) => response.writeHead(503, { 'retry-after': '999999999' }).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const told: string[] = []
  const onWait = (sentence: string) => void told.push(sentence)
  const service = serviceAt(url, { onWait, pauses: [0, 0, 0], mostAsked: 1_100 })
  await t.rejects(ask(service, '/log/checkpoint'), { name: 'CannotCheck', message: /answers 503/ })
  t.strictSame(told, [`${url}/log/checkpoint: it answers 503; it is tried again in 1.1 s.`])
})
