import { createTurns, inTurn } from '@commitments/http-kit/turns'
import t from 'tap'
import { framesFrom } from '../../src/live/frames.ts'
import { startOf } from '../../src/live/live-feed.ts'
import { extend, openWindow, takeAfter, type Window } from '../../src/live/window.ts'

const logId = '01990000-0000-7000-8000-000000000000'
const line = (position: number) => ({ position, proposalId: 'lab', line: `{"position":${position}}` })
const from = (first: number, count: number) => Array.from({ length: count }, (_, index) => line(first + index))

function positions(bytes: Buffer): number[] {
  return [...bytes.toString().matchAll(/^id: .*:(\d+)\ndata: \{"position":(\d+)\}\n\n/gm)].map(([, id]) => Number(id))
}

/** Everything that a reader gets step by step, and its final position. */
function readAll(window: Window, after: number): number[] | 'behind' {
  const seen: number[] = []
  for (let position = after; ; ) {
    const taken = takeAfter(window, position)
    if (taken === 'current') return seen
    if (taken === 'behind') return 'behind'
    seen.push(...positions(framesFrom(taken.portion.lines, taken.place)))
    position = taken.portion.last
  }
}

t.test('from any position, a reader gets later events once and in order, or is told that it is behind', async (t) => {
  const window = openWindow(logId, 10)
  for (const [first, count] of [
    [11, 1],
    [12, 5],
    [17, 1],
    [18, 12],
    [30, 3],
  ] as const)
    extend(window, from(first, count))
  for (let after = 0; after <= 40; after += 1) {
    const expected = after < 10 ? 'behind' : Array.from({ length: Math.max(0, 32 - after) }, (_, i) => after + 1 + i)
    t.same(readAll(window, after), expected, `after ${after}`)
  }
})

t.test('the window drops its oldest events, and never exceeds its limit', async (t) => {
  const window = openWindow(logId, 0)
  for (let first = 1; first <= 1_000; first += 10) {
    extend(window, from(first, 10), 5_000)
    t.ok(window.bytes <= 5_000)
  }
  t.ok(window.start > 900)
  t.equal(readAll(window, window.start - 1), 'behind')
  t.equal((readAll(window, window.start) as number[]).length, 1_000 - window.start)
  extend(window, from(1_001, 500), 5_000)
  t.equal(window.chunks.length, 1, 'what is larger alone is kept until the next comes')
})

t.test('a gap between the window and the next event is an internal error, and throws', async (t) => {
  const window = openWindow(logId, 5)
  t.throws(() => extend(window, from(7, 1)), /does not follow/)
  t.throws(() => extend(window, from(5, 1)), /does not follow/)
  extend(window, [])
  t.equal(window.end, 5)
})

t.test(
  'a reader continues after its last id, which takes precedence over the address; another log starts again',
  async (t) => {
    const other = '01990000-0000-7000-8000-000000000001'
    t.same(startOf(logId, 7, undefined), { logId, position: 7, previous: null })
    t.same(startOf(logId, 7, ''), { logId, position: 7, previous: null })
    t.same(startOf(logId, 7, `${logId}:9`), { logId, position: 9, previous: null })
    t.same(startOf(logId, 7, `${other}:9`), { logId, position: 0, previous: { logId: other, position: 9 } })
    for (const id of ['9', logId, `${logId}:`, `${logId}:x`, ` ${logId}:9`, `${logId}:9007199254740992`]) {
      t.throws(() => startOf(logId, 7, id), { code: 'invalid' }, id)
    }
  },
)

t.test('no more than the allowed number of jobs runs at once, the rest in order, even if some fail', async (t) => {
  const turns = createTurns(2)
  let going = 0
  let most = 0
  const done: number[] = []
  const work = (index: number) =>
    inTurn(turns, async () => {
      going += 1
      most = Math.max(most, going)
      await new Promise((resolve) => setTimeout(resolve, 2))
      going -= 1
      done.push(index)
      if (index === 3) throw new Error('a fault')
    })
  const outcomes = await Promise.allSettled([0, 1, 2, 3, 4, 5, 6].map(work))
  t.equal(outcomes.filter(({ status }) => status === 'rejected').length, 1)
  t.equal(most, 2)
  t.same(done, [0, 1, 2, 3, 4, 5, 6])
  t.equal(turns.free, 2)
})

t.test('after an erasure, what came before it is no longer given from memory', async (t) => {
  const window = openWindow(logId, 0)
  extend(window, from(1, 5))
  extend(window, [line(6), { ...line(7), line: '{"position":7,"version":2,"type":"erased",' }, line(8)])
  for (let after = 0; after < 5; after += 1) t.equal(takeAfter(window, after), 'behind')
  t.match(takeAfter(window, 5), { place: 0, portion: { last: 8 } })
})
