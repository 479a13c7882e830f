import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { BodyRoom } from '../src/limits/body-room.ts'
import { listen, openApp, paid, post, secrets } from './support.ts'

/** Requests room, and notes the name when there is some. */
function asking(room: BodyRoom) {
  const served: string[] = []
  const ask = (caller: string, bytes: number, name = caller) =>
    room.take(caller, bytes).then((giveBack) => {
      served.push(name)
      return giveBack
    })
  return { served, ask }
}

t.test('all bodies together stay within the limit; further ones wait in the order of arrival', async (t) => {
  const { served, ask } = asking(new BodyRoom(100))
  const first = await ask('a', 50)
  const second = await ask('b', 50)
  void ask('c', 40)
  void ask('d', 10)
  await sleep(1)
  t.same(served, ['a', 'b'])
  first()
  await sleep(1)
  t.same(served, ['a', 'b', 'c', 'd'])
  first()
  void ask('e', 40)
  await sleep(1)
  t.notOk(served.includes('e'), 'what was given back twice counts once')
  second()
  await sleep(1)
  t.ok(served.includes('e'))
})

t.test('small bodies cannot overtake a large one forever', async (t) => {
  const { served, ask } = asking(new BodyRoom(100))
  const first = await ask('a', 50)
  await ask('b', 30)
  void ask('large', 50)
  void ask('small', 10)
  await sleep(1)
  t.same(served, ['a', 'b'], 'small waits behind large')
  first()
  await sleep(1)
  t.same(served, ['a', 'b', 'large', 'small'])
})

t.test('a caller can use half of the room, and waiting for its own half blocks nobody else', async (t) => {
  const { served, ask } = asking(new BodyRoom(100))
  const first = await ask('a', 50)
  void ask('a', 10, 'a again')
  void ask('b', 10)
  await sleep(1)
  t.same(served, ['a', 'b'])
  first()
  await sleep(1)
  t.same(served, ['a', 'b', 'a again'])
})

t.test('what can be taken at once is, and overtakes nobody who waits', async (t) => {
  const room = new BodyRoom(100)
  const { served, ask } = asking(room)
  const first = room.takeNow('a', 50)
  t.type(first, 'function')
  t.equal(room.takeNow('a', 1), null, 'the half of a is full')
  const second = room.takeNow('b', 30)
  void ask('c', 40)
  t.equal(room.takeNow('d', 10), null, 'c came first')
  first?.()
  await sleep(1)
  t.same(served, ['c'])
  second?.()
  second?.()
  t.type(room.takeNow('d', 50), 'function')
  t.equal(room.takeNow('e', 11), null, 'what was given back twice counts once')
  t.type(room.takeNow('e', 10), 'function')
})

t.test('a body larger than half of the room counts as half of it', async (t) => {
  const room = new BodyRoom(100)
  const giveBack = await room.take('a', 1_000)
  giveBack()
  t.ok(await room.take('a', 50))
})

t.test('a request that has waited long enough is told so, and blocks nobody behind it', async (t) => {
  const room = new BodyRoom(100)
  const { served, ask } = asking(room)
  await ask('a', 50)
  await ask('b', 30)
  const refused = t.rejects(room.take('c', 50, 20), { code: 'unavailable', headers: { 'retry-after': '10' } })
  void ask('d', 10)
  await refused
  await sleep(1)
  t.same(served, ['a', 'b', 'd'])
})

t.test('when 256 wait, a request with a time limit is refused at once, and one without a limit waits', async (t) => {
  const room = new BodyRoom(100)
  const { served, ask } = asking(room)
  const first = await ask('a', 50)
  const waiting = Array.from({ length: 256 }, () => room.take('a', 50, 60_000))
  await t.rejects(room.take('b', 10, 60_000), { code: 'unavailable' })
  void ask('b', 10)
  first()
  for (const one of waiting) (await one)()
  await sleep(1)
  t.same(served, ['a', 'b'])
})

/** A document that announces some bytes and sends none. */
async function begin(port: number, announced: string) {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(
    `POST /v1/things/alpha/acts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${secrets.writer}\r\nContent-Type: application/json\r\n${announced}\r\n\r\n`,
  )
  return socket
}

/** Sends it until the answer has this status. */
async function until<A extends { statusCode: number }>(status: number, send: () => Promise<A>): Promise<A> {
  for (let tries = 0; tries < 250; tries++) {
    const answer = await send()
    if (answer.statusCode === status) return answer
    await sleep(20)
  }
  throw new Error(`No answer had the status ${status}.`)
}

const large = JSON.stringify(paid).padEnd(500)

for (const announced of ['Content-Length: 500', 'Transfer-Encoding: chunked'])
  t.test(
    `announced documents that never come take no more than their room, and small ones pass (${announced})`,
    async (t) => {
      const { app } = await openApp(t, { documentLimits: { small: 100, room: new BodyRoom(2_000), patience: 100 } })
      const port = await listen(app)
      const slow = [await begin(port, announced), await begin(port, announced)]
      const refused = await until(503, () => post(app, large))
      t.match(refused.json(), { code: 'unavailable', detail: /It read nothing of this one/ })
      t.equal(refused.headers['retry-after'], '10')
      t.equal((await post(app, paid)).statusCode, 201)
      for (const socket of slow) socket.destroy()
      await until(201, () => post(app, large))
      for (let i = 0; i < 10; i++) t.equal((await post(app, large)).statusCode, 201, 'an answer gives its room back')
    },
  )
