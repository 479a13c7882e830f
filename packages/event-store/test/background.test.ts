import { isStuck, runLoop, TookTooLong, unseen, withTimeout } from '@commitments/event-store'
import t from 'tap'

t.test('a promise that never settles is abandoned', async (t) => {
  await t.rejects(withTimeout(5, new Promise(() => {})), TookTooLong)
  t.equal(await withTimeout(1_000, Promise.resolve(1)), 1)
})

t.test('a failed turn is reported and counted, and another one follows', async (t) => {
  const stop = new AbortController()
  const told: number[] = []
  const outcomes = [false, false, true, false]
  const turn = async () => {
    const next = outcomes.shift()
    if (next === undefined) stop.abort()
    else if (!next) throw new Error('away')
  }
  await runLoop({ turn, stopping: stop.signal, onFailure: (_, failures) => told.push(failures) })
  t.same(told, [1, 2, 1])
})

t.test('a step that fails because it is stopped is not a failure', async (t) => {
  const stop = new AbortController()
  const turn = async () => {
    stop.abort()
    throw new Error('stopped')
  }
  await runLoop({ turn, stopping: stop.signal, onFailure: () => t.fail('told of it') })
})

t.test('a loop ends in the step in which it has no reason to continue', async (t) => {
  let turns = 0
  const turn = async () => {
    turns += 1
  }
  const { signal } = new AbortController()
  await runLoop({ turn, goesOn: () => turns < 3, stopping: signal, onFailure: () => t.fail('told of it') })
  t.equal(turns, 3)
})

t.test('work that does not move is stuck only if there is more to do, and only if both looks saw it', async (t) => {
  const movement = unseen()
  t.equal(isStuck(movement, 5, false, 1_000), false)
  t.equal(isStuck(movement, 5, false, 10_999), false)
  t.equal(isStuck(movement, 5, false, 11_000), true)
  t.equal(isStuck(movement, 6, false, 12_000), false, 'it moved')
  t.equal(isStuck(movement, 6, true, 40_000), false, 'nothing to do')
  t.equal(isStuck(movement, 6, false, 99_000), false, 'something came, after a long time without a look')
})
