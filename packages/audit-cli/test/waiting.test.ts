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
