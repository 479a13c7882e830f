import t from 'tap'
import {
  createQueue,
  isFull,
  isFullFor,
  isFullForAtomic,
  type Job,
  occupy,
  occupyAtomic,
  queueLimits,
  takeBatch,
} from '../src/recorder/queue.ts'

const single = (key: string, number: number) =>
  ({ requests: [{ speaker: { recordedBy: key } }], allOrNone: false, bytes: 100, number }) as never
const job = (key: string) => ({ requests: [{ speaker: { recordedBy: key } }], allOrNone: true }) as never
const keyOf = ([first]: Job[]) => `${first?.allOrNone ? 'import' : 'batch'} of ${first?.requests[0].speaker.recordedBy}`

t.test('an atomic import takes no room from single events, and delays others no more than a batch does', async (t) => {
  const queue = createQueue()
  const leave = occupyAtomic(queue, 8 * 1024 * 1024)
  t.notOk(isFull(queue, queueLimits))
  t.notOk(isFullFor(queue, queueLimits, 'key:other'))
  for (let more = 0; more < 3; more += 1) occupyAtomic(queue, 8 * 1024 * 1024)
  t.ok(isFullForAtomic(queue), 'four of the largest are as many as may wait')
  leave()
  leave()
  t.equal(queue.atomicBytes, 3 * 8 * 1024 * 1024)
})

t.test('imports and single events take turns, and so do the imports of several keys', async (t) => {
  const queue = createQueue()
  for (const key of ['a', 'a', 'a', 'b']) queue.jobs.push(job(key))
  for (let number = 0; number < 1_200; number += 1) queue.jobs.push(single('c', number))
  const order: string[] = []
  while (queue.jobs.length > 0) order.push(keyOf(takeBatch(queue)))
  t.same(order, ['import of a', 'batch of c', 'import of a', 'batch of c', 'import of a', 'batch of c', 'import of b'])
})

t.test('while no single events wait, an import of another key goes before the next of the same', async (t) => {
  const queue = createQueue()
  for (const key of ['a', 'a', 'b']) queue.jobs.push(job(key))
  t.same([takeBatch(queue), takeBatch(queue), takeBatch(queue)].map(keyOf), [
    'import of a',
    'import of b',
    'import of a',
  ])
})

t.test('each key gets an equal share of the next batch from a full queue, its own requests in order', async (t) => {
  const queue = createQueue()
  for (let number = 0; number < 4_000; number += 1) {
    occupy(queue, queueLimits, 'many', 100)
    queue.jobs.push(single('many', number))
  }
  occupy(queue, queueLimits, 'one', 100)
  queue.jobs.push(single('one', 0))
  const batch = takeBatch(queue) as (Job & { number: number })[]
  t.equal(batch.length, 500)
  const own = batch.filter(({ requests: [{ speaker }] }) => speaker.recordedBy === 'many').map(({ number }) => number)
  t.same(
    own,
    own.toSorted((a, b) => a - b),
  )
  t.equal(batch.length - own.length, 1, 'the one that came last is in it')
})

t.test('if one key has filled the queue, another can still record', async (t) => {
  const queue = createQueue()
  const limits = { events: 80, bytes: 1_000_000 }
  for (let number = 0; number < 80; number += 1) occupy(queue, limits, 'many', 1)
  t.ok(isFullFor(queue, limits, 'many'))
  t.notOk(isFullFor(queue, limits, 'other'))
  for (let number = 0; number < 10; number += 1) occupy(queue, limits, 'other', 1)
  t.ok(isFullFor(queue, limits, 'other'), 'up to an eighth')
  for (let number = 0; number < 70; number += 1) occupy(queue, limits, `key-${number}`, 1)
  t.ok(isFullFor(queue, limits, 'new'), 'and all of them together up to twice as much')
})

t.test('requests of one key keep their order, single events and imports alike', async (t) => {
  const queue = createQueue()
  queue.jobs.push(single('a', 0), job('a'), single('a', 1), single('b', 2))
  const order: string[] = []
  while (queue.jobs.length > 0) {
    const next = takeBatch(queue)
    const numbers = next.map((one) => (one as unknown as { number: number }).number).join()
    order.push(next[0]?.allOrNone ? 'import' : numbers)
  }
  t.same(order, ['0,2', 'import', '1'])
})
