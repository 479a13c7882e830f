import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { defineRoute } from '../src/index.ts'
import { countUntaken, createGate, enter, type Gate, type GateLimits, leave } from '../src/limits/gate.ts'
import { inTurn, outOfTurn } from '../src/limits/turn.ts'
import { openApp } from './support.ts'

const limits: GateLimits = { atOnce: 1, waiting: 4, patience: 60_000, untaken: 1_000 }
const stays = new AbortController().signal

/** Requests a turn; `got` has the order in which turns were given, and each is given back at once. */
function ask(gate: Gate, caller: string, got: string[], signal = stays): Promise<void> {
  return inTurn(gate, { caller, signal }, () => void got.push(caller))
}

const refused = { code: 'unavailable', message: /busy/, headers: { 'retry-after': '2' } }

t.test('callers take turns, however much each of them requests', async (t) => {
  const gate = createGate({ ...limits, waiting: 100 })
  const got: string[] = []
  await enter(gate, { caller: 'first', signal: stays })
  const all = ['many', 'many', 'many', 'many', 'one', 'two', 'two'].map((caller) => ask(gate, caller, got))
  leave(gate)
  await Promise.all(all)
  t.same(got, ['many', 'one', 'two', 'many', 'two', 'many', 'many'])
  t.match(gate, { working: 0, waiting: 0 })
})

t.test(
  'if the queue is full, a caller with fewer requests in it replaces one with more; otherwise the new request is refused',
  async (t) => {
    const gate = createGate(limits)
    const got: string[] = []
    await enter(gate, { caller: 'first', signal: stays })
    const many = [1, 2, 3, 4].map(() => ask(gate, 'many', got))
    await t.rejects(ask(gate, 'many', got), refused)
    const one = ask(gate, 'one', got)
    await t.rejects(many[3] as Promise<void>, refused)
    leave(gate)
    await Promise.all([...many.slice(0, 3), one])
    t.same(got, ['many', 'one', 'many', 'many'])
  },
)

t.test('nobody waits longer than the limit: then the answer is 503 with Retry-After', async (t) => {
  const gate = createGate({ ...limits, patience: 10 })
  await enter(gate, { caller: 'first', signal: stays })
  await t.rejects(ask(gate, 'second', []), refused)
  t.equal(gate.waiting, 0)
})

t.test('parts of a stream have no time limit', async (t) => {
  const gate = createGate({ ...limits, patience: 5, waiting: 0 })
  const got: string[] = []
  await enter(gate, { caller: 'first', signal: stays })
  const part = inTurn(gate, { caller: 'reader', signal: stays, patient: true }, () => void got.push('part'))
  await sleep(20)
  leave(gate)
  await part
  t.same(got, ['part'])
})

t.test('a caller that leaves while waiting gets no turn, and nobody waits for it', async (t) => {
  const gate = createGate(limits)
  const got: string[] = []
  const leaves = new AbortController()
  await enter(gate, { caller: 'first', signal: stays })
  const left = ask(gate, 'left', got, leaves.signal)
  const stayed = ask(gate, 'stayed', got)
  leaves.abort()
  await t.rejects(left, { message: /left/ })
  await t.rejects(ask(gate, 'left', got, leaves.signal), { message: /left/ })
  leave(gate)
  await stayed
  t.same(got, ['stayed'])
})

t.test('a request that waits for a position gives its turn back, and continues in a new one', async (t) => {
  const gate = createGate(limits)
  const { promise, resolve } = Promise.withResolvers<string>()
  const got: string[] = []
  const waits = inTurn(gate, { caller: 'waits', signal: stays }, () => outOfTurn(() => promise))
  await ask(gate, 'other', got)
  t.same(got, ['other'])
  resolve('reached')
  t.equal(await waits, 'reached')
  t.match(gate, { working: 0, waiting: 0 })
})

t.test('no turn is given while too many bytes of answers are unread', async (t) => {
  const gate = createGate(limits)
  const got: string[] = []
  const taken = countUntaken(gate, { caller: 'slow', bytes: 1_000, taken: () => 0, cut: () => undefined })
  const waits = ask(gate, 'waits', got)
  await sleep(5)
  t.same(got, [])
  taken()
  taken()
  await waits
  t.same(got, ['waits'])
  t.equal(gate.untakenBytes, 0)
})

t.test('a caller can have half of the unread bytes; beyond that only others get turns', async (t) => {
  const gate = createGate(limits)
  const got: string[] = []
  const taken = countUntaken(gate, { caller: 'slow', bytes: 500, taken: () => 0, cut: () => undefined })
  const waits = ask(gate, 'slow', got)
  await ask(gate, 'other', got)
  t.same(got, ['other'])
  taken()
  await waits
  t.same(got, ['other', 'slow'])
  t.match(gate, { working: 0, waiting: 0, untakenBytes: 0 })
  t.equal(gate.untakenOf.size, 0)
})

t.test(
  'a reader that takes nothing is disconnected if others wait for its memory; one that takes something is not',
  async (t) => {
    const gate = createGate(limits)
    const got: string[] = []
    let progress = 0
    const going = setInterval(() => (progress += 1), 20)
    t.teardown(() => clearInterval(going))
    countUntaken(gate, { caller: 'reads', bytes: 400, taken: () => progress, cut: () => got.push('reader cut') })
    countUntaken(gate, { caller: 'stalls', bytes: 600, taken: () => 7, cut: () => got.push('stalled cut') })
    await ask(gate, 'waits', got)
    t.same(got, ['stalled cut', 'waits'])
  },
)

t.test('without a key, all addresses of one IPv6 network count as one caller', async (t) => {
  const callers: string[] = []
  const route = defineRoute({
    method: 'GET',
    url: '/v1/asking',
    operationId: 'asking',
    tag: 'Things',
    summary: 'S',
    access: 'public',
    responses: { 200: { description: 'Done.' } },
    problems: [],
    handler: ({ asking }) => {
      callers.push(asking.caller)
      return { status: 200 }
    },
  })
  const { app } = await openApp(t, { routes: [route] })
  for (const remoteAddress of ['2001:db8::1', '2001:db8::2:1', '2001:db8:0:1::1', '10.0.0.1', '10.0.0.2'])
    await app.inject({ url: '/v1/asking', remoteAddress })
  t.same(callers, ['2001:db8:0:0::/64', '2001:db8:0:0::/64', '2001:db8:0:1::/64', '10.0.0.1', '10.0.0.2'])
})
