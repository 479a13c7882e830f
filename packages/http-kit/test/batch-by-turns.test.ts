import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { batchByTurns } from '../src/event-loop/batch-by-turns.ts'
import { loadApiKeys } from '../src/index.ts'
import { openApp, writer } from './support.ts'

/** Turns that take no time on any machine. */
const shortTurns = () => 0

/** Requests that came together: those that come next wait for each other. */
async function comeTogether<Work>(add: (work: Work) => void, ...works: Work[]): Promise<void> {
  for (const work of works) add(work)
  await nextTurn()
}

t.test(
  'a request that comes alone is handled at once, and so is the next one; what comes in the same turn is handled when it is over',
  async (t) => {
    const done: string[] = []
    const add = batchByTurns((work: string) => done.push(work), { now: shortTurns })
    add('first')
    t.same(done, ['first'])
    await nextTurn()
    add('second')
    t.same(done, ['first', 'second'])
    add('third')
    t.same(done, ['first', 'second'], 'it is not alone')
    await nextTurn()
    t.same(done, ['first', 'second', 'third'])
  },
)

t.test('after requests that came together, one that comes alone waits once more', async (t) => {
  const done: string[] = []
  const add = batchByTurns((work: string) => done.push(work), { now: shortTurns })
  await comeTogether(add, 'one', 'two')
  add('third')
  t.same(done, ['one', 'two'])
  for (let turn = 0; turn < 3; turn++) await nextTurn()
  t.same(done, ['one', 'two', 'third'])
  add('fourth')
  t.same(done, ['one', 'two', 'third', 'fourth'])
})

t.test('requests of one turn and of the two after it are handled together, in the order of arrival', async (t) => {
  const done: string[] = []
  const add = batchByTurns((work: string) => done.push(work), { now: shortTurns })
  await comeTogether(add, 'one', 'two')
  done.length = 0
  add('first')
  add('second')
  t.same(done, [], 'nothing before the turn is over')
  await nextTurn()
  add('third')
  await nextTurn()
  add('fourth')
  t.same(done, [])
  await nextTurn()
  t.same(done, ['first', 'second', 'third', 'fourth'])
})

t.test('requests that arrive during a batch form the next one, and nothing is done twice or lost', async (t) => {
  const done: number[] = []
  const add = batchByTurns(
    (work: number) => {
      done.push(work)
      if (work < 3) add(work + 1)
    },
    { now: shortTurns },
  )
  add(1)
  t.same(done, [1], 'the next one comes while this one is handled')
  await nextTurn()
  t.same(done, [1, 2])
  for (let turn = 0; turn < 6; turn++) await nextTurn()
  t.same(done, [1, 2, 3])
})

t.test('if turns are long, nothing waits for a second one', async (t) => {
  let time = 0
  const done: string[] = []
  const add = batchByTurns((work: string) => done.push(work), { now: () => time })
  await comeTogether(add, 'one', 'two')
  done.length = 0
  add('first')
  add('second')
  time += 8
  await nextTurn()
  t.same(done, ['first', 'second'])
})

t.test('a batch that is delayed while it is handed over loses no work, and neither do later ones', async (t) => {
  let time = 0
  const done: string[] = []
  const add = batchByTurns((work: string) => done.push(work), { now: () => (time += 5) })
  await comeTogether(add, 'one', 'two')
  done.length = 0
  add('first')
  add('second')
  t.same(done, [], 'nothing before the turn is over')
  await nextTurn()
  t.same(done, ['first', 'second'])
  add('third')
  add('fourth')
  await nextTurn()
  t.same(done, ['first', 'second', 'third', 'fourth'])
})

t.test('work that throws does not affect other work, and is reported', async (t) => {
  const done: string[] = []
  const faults: unknown[] = []
  const add = batchByTurns(
    (work: string) => {
      if (work === 'second') throw new Error(work)
      done.push(work)
    },
    { now: shortTurns, onFault: (error) => faults.push(error) },
  )
  for (const work of ['first', 'second', 'third']) add(work)
  for (let turn = 0; turn < 5; turn++) await nextTurn()
  t.same(done, ['first', 'third'])
  t.match(faults, [{ message: 'second' }])
})

t.test('with no turns to wait for, each request is handled when it arrives', async (t) => {
  const done: string[] = []
  const add = batchByTurns((work: string) => done.push(work), { turns: 0 })
  add('first')
  t.same(done, ['first'])
})

t.test('a request whose check fails by an internal fault is answered 500, and the others as usual', async (t) => {
  const keys = loadApiKeys({ API_KEYS: 'writer:record:write-secret-for-tests' })
  const failing = {
    ...keys,
    authenticate: (secret: string) => {
      if (secret === 'fault') throw new Error('a fault of ours')
      return keys.authenticate(secret)
    },
  }
  const { app } = await openApp(t, { keys: failing })
  const ask = (secret: string) =>
    app.inject({
      method: 'POST',
      url: '/v1/things/alpha/acts',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify({ type: 'paid', amount: { value: '1', currency: 'VND' } }),
    })
  const answers = await Promise.all([ask('write-secret-for-tests'), ask('fault'), ask('write-secret-for-tests')])
  t.same(
    answers.map(({ statusCode }) => statusCode),
    [201, 500, 201],
  )
})

t.test('among many requests at once, good and bad, each gets its own answer', async (t) => {
  const { app } = await openApp(t)
  const values = Array.from({ length: 90 }, (_, index) => String(index))
  const answers = await Promise.all(
    values.map((value, index) =>
      app.inject({
        method: 'POST',
        url: '/v1/things/alpha/acts',
        headers: { 'content-type': 'application/json', ...(index % 3 === 2 ? {} : writer) },
        // Of each three, the second is truncated and the third has no key.
        body: JSON.stringify({ type: 'paid', amount: { value, currency: 'VND' } }).slice(0, index % 3 === 1 ? -1 : 99),
      }),
    ),
  )
  for (const [index, answer] of answers.entries()) {
    t.equal(answer.statusCode, [201, 400, 401][index % 3])
    if (index % 3 === 0) t.match(answer.json(), { amount: { value: values[index] } })
  }
})
