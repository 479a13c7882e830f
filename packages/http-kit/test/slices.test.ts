import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { inSlices, inTurns } from '../src/event-loop/slices.ts'

t.test('of many computations that begin together, one gets its first slice in each turn', async (t) => {
  const begun: number[] = []
  const made = Promise.all(
    [0, 1, 2, 3].map((number) =>
      inSlices([number], (item) => {
        begun.push(item)
        return item
      }),
    ),
  )
  for (let turn = 0; turn < 4; turn += 1) {
    t.same(begun, [0, 1, 2, 3].slice(0, turn))
    await nextTurn()
  }
  t.same(await made, [[0], [1], [2], [3]])
})

t.test('a long computation takes more than one turn, in order', async (t) => {
  let turns = 0
  let over = false
  const count = async () => {
    for (; !over; turns += 1) await nextTurn()
  }
  const counted = count()
  const items = Array.from({ length: 20 }, (_, index) => index)
  const spin = (item: number) => {
    for (const began = performance.now(); performance.now() - began < 2; );
    return item
  }
  t.same(await inSlices(items, spin), items)
  over = true
  await counted
  t.ok(turns >= 5, `others had ${turns} turns`)
})

function* spinning(pieces: number): Generator<void, number> {
  for (let piece = 0; piece < pieces; piece += 1) {
    for (const began = performance.now(); performance.now() - began < 5; );
    yield
  }
  return pieces
}

t.test('short sliced work is done at once; long computations take turns, one slice at a time', async (t) => {
  t.equal(inTurns(spinning(0)), 0)
  let turns = 0
  let over = false
  const counted = (async () => {
    for (; !over; turns += 1) await nextTurn()
  })()
  t.same(await Promise.all([inTurns(spinning(5)), inTurns(spinning(5)), inTurns(spinning(5))]), [5, 5, 5])
  over = true
  await counted
  t.ok(turns >= 12, `others had ${turns} turns`)
})
