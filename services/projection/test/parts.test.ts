/** The parts that need no database. */

import { setTimeout as sleep } from 'node:timers/promises'
import { foldStream, type Proposal } from '@commitments/domain'
import { unseen } from '@commitments/event-store'
import { agreed, proposed, recorded } from '@commitments/test-kit'
import t from 'tap'
import { stretchAround } from '../src/answers/read-status.ts'
import { createStatusView, type KeptAnswer, keep, kept } from '../src/answers/status-cache.ts'
import { judge } from '../src/checks.ts'
import { isDatabaseAway } from '../src/database-away.ts'
import { createRecent, readRecent, type SeenOnDay } from '../src/lists/recent.ts'
import { advance, createView, pauseUntilAwaited, reached } from '../src/projections/view.ts'
import { createSlots, takeSlot } from '../src/slots.ts'
import { apply, hold } from '../src/status/apply.ts'
import { createStates, heldAt, remember } from '../src/status/states.ts'
import { readLine } from '../src/streams/log-line.ts'
import { grouped } from '../src/streams/streams-in-order.ts'

const start = { logId: 'log', generation: 1, position: 10 }
const answer: KeptAnswer = {
  status: 200,
  body: Buffer.from('{}'),
  etag: '"x"',
  day: '2026-01-01',
  until: '2026-02-01',
  onlyAt: null,
}

const begun = recorded(proposed(), { proposalId: 'lab' })
const held = hold(foldStream([begun], 'Asia/Ho_Chi_Minh') as Proposal, begun)

t.test('an answer that was read before the view moved on is not kept', async (t) => {
  const view = createStatusView(start, 100_000)
  keep(view, 'lab', answer, { ...start, position: 9 })
  t.equal(kept(view, 'lab', '2026-01-05'), undefined)
  keep(view, 'lab', answer, { ...start, generation: 2 })
  t.equal(kept(view, 'lab', '2026-01-05'), undefined)
  keep(view, 'lab', answer, { ...start, position: 11 })
  t.equal(kept(view, 'lab', '2026-01-05'), answer)
})

t.test(
  'an answer is dropped when its proposal changes, when generation or log change, or when the position falls',
  async (t) => {
    const moves = [
      [{ ...start, position: 11 }, ['lab'], undefined],
      [{ ...start, position: 11 }, ['other'], answer],
      [{ ...start, position: 11 }, 'many', undefined],
      [{ ...start, generation: 2 }, [], undefined],
      [{ ...start, logId: 'another' }, [], undefined],
      [{ ...start, position: 9 }, [], undefined],
    ] as const
    for (const [to, changed, expected] of moves) {
      const view = createStatusView(start, 100_000)
      const states = createStates(100_000)
      remember(states, start.position, [{ held, jsonLength: 1_000, isLinked: false }], [])
      advance(view, start, [], states)
      keep(view, 'lab', answer, start)
      advance(view, to, changed)
      t.equal(kept(view, 'lab', '2026-01-05'), expected)
      t.equal(
        heldAt(view.memory, view.position, 'lab', 10_000),
        undefined,
        'nor is one made of what the projector held before',
      )
    }
  },
)

t.test('what was seen of another past is dropped, however far the read model is by now', async (t) => {
  for (const [before, expected] of [
    ['seen', answer],
    ['another', undefined],
    [null, undefined],
  ] as const) {
    const view = createStatusView({ ...start, eventId: 'seen' }, 100_000)
    keep(view, 'lab', answer, start)
    advance(view, { ...start, position: 11, eventId: 'next', before }, [])
    t.equal(kept(view, 'lab', '2026-01-05'), expected)
    t.match(view, { pasts: expected === undefined ? 1 : 0, eventId: 'next' })
  }
})

t.test(
  'an answer is made from the state that the local projector holds at the position of the view, if nothing is linked to it',
  async (t) => {
    const states = createStates(100_000)
    const at = (position: number, longest = 10_000) => heldAt(states, position, 'lab', longest)
    remember(states, 10, [{ held, jsonLength: 1_000, isLinked: false }], [])
    t.equal(at(10), held)
    t.equal(at(9), undefined, 'the view is not there yet')
    t.equal(at(11), undefined, 'the view was moved by somebody else')
    t.equal(at(10, 3_000), undefined, 'it is too long to be answered from memory')
    const view = createStatusView(start, 100_000)
    advance(view, start, [], states)
    advance(view, start, [])
    t.equal(view.memory, states, 'a look that finds the view where it stands changes nothing')
    remember(states, 11, [], ['lab'])
    t.equal(at(11), undefined, 'somebody linked to it')
    remember(states, 12, [{ held, jsonLength: 1_000, isLinked: true }], [])
    t.equal(at(12), undefined, 'and is so still after its next event')
  },
)

t.test('an answer is valid for the days for which it was computed', async (t) => {
  const view = createStatusView(start, 100_000)
  keep(view, 'lab', answer, start)
  t.equal(kept(view, 'lab', '2025-12-31'), undefined)
  t.equal(kept(view, 'lab', '2026-01-31'), answer)
  t.equal(kept(view, 'lab', '2026-02-01'), undefined)
})

t.test('an answer that depends on others is valid only at the position that it was read at', async (t) => {
  const view = createStatusView(start, 100_000)
  const dependent = { ...answer, onlyAt: 11 }
  keep(view, 'programme', dependent, { ...start, position: 11 })
  t.equal(kept(view, 'programme', '2026-01-05'), undefined, 'the view is not there yet')
  advance(view, { ...start, position: 11 }, ['other'])
  t.equal(kept(view, 'programme', '2026-01-05'), dependent)
  advance(view, { ...start, position: 12 }, ['other'])
  t.equal(kept(view, 'programme', '2026-01-05'), undefined)
})

t.test('a request that waits for a position is woken by it, or told that it did not come', async (t) => {
  const view = createStatusView(start, 100_000)
  t.equal(await reached(view, 10, 0), true)
  const waiting = reached(view, 12, 5_000)
  advance(view, { ...start, position: 11 }, [])
  advance(view, { ...start, position: 12 }, [])
  t.equal(await waiting, true)
  t.equal(await reached(view, 13, 5), false)
  t.equal(view.waiters.size, 0)
})

t.test('a range of days reaches from one change of condition to the next', async (t) => {
  const steps = [
    { from: null, condition: 'on-track' },
    { from: '2026-02-01', condition: 'due-soon' },
    { from: '2026-03-01', condition: 'overdue' },
  ] as const
  t.same(stretchAround(steps, '2026-01-31'), { from: null, until: '2026-02-01' })
  t.same(stretchAround(steps, '2026-02-01'), { from: '2026-02-01', until: '2026-03-01' })
  t.same(stretchAround(steps, '2027-01-01'), { from: '2026-03-01', until: null })
})

t.test('a projector is stuck if it does not move although there is more to apply', async (t) => {
  const movement = unseen()
  const lag = (position: number, events: number) => ({ position, head: position + events, events, seconds: 1 })
  t.equal(judge(movement, lag(5, 10), 1_000).ok, true)
  t.equal(judge(movement, lag(5, 12), 10_900).ok, true)
  t.equal(judge(movement, lag(5, 12), 11_000).ok, false)
  t.equal(judge(movement, lag(6, 11), 12_000).ok, true, 'it moved')
  t.equal(judge(movement, lag(6, 0), 40_000).ok, true, 'nothing to do')
  t.equal(judge(movement, lag(6, 1), 41_000).ok, true, 'something came just now')
  t.equal(judge(movement, lag(6, 1), 51_000).ok, false)
  t.equal(judge(movement, lag(6, 0), 52_000).ok, true)
  t.equal(judge(movement, lag(6, 1), 99_000).ok, true, 'something came, after a long time without a look')
})

t.test('a computed answer is shared by simultaneous requests, and kept until the ledger has moved', async (t) => {
  let computed = 0
  const seen: SeenOnDay = { logId: 'log', pasts: 0, generation: 1, position: 5, day: '2026-01-01' }
  const recent = createRecent<SeenOnDay>(async () => {
    computed += 1
    await sleep(100)
    return seen
  })
  await Promise.all([readRecent(recent, seen, 0), readRecent(recent, seen, 0), readRecent(recent, seen, 0)])
  t.equal(computed, 1)
  await readRecent(recent, seen, 0)
  t.equal(computed, 1)
  await readRecent(recent, { ...seen, position: 6 }, 0)
  t.equal(computed, 1, 'it took so long that a slightly older one does')
  await readRecent(recent, { ...seen, day: '2026-01-02' }, 0)
  t.equal(computed, 2)
  await readRecent(recent, { ...seen, pasts: 1, position: 3 }, 0)
  t.equal(computed, 3, 'what was computed of another past is not kept')
})

t.test('a line that was already applied is an error of the caller, and throws', async (t) => {
  const event = recorded(proposed())
  const held = hold(foldStream([event], 'Asia/Ho_Chi_Minh') as NonNullable<ReturnType<typeof foldStream>>, event)
  const entry = { position: 1, proposalId: event.proposalId, version: 1, line: JSON.stringify(event) }
  t.throws(() => apply(held, readLine(entry), 'Asia/Ho_Chi_Minh'), /was applied already/)
  const gap = recorded(agreed(), { version: 3, position: 3 })
  const after = apply(
    held,
    readLine({ position: 3, proposalId: gap.proposalId, version: 3, line: JSON.stringify(gap) }),
    'Asia/Ho_Chi_Minh',
  )
  t.match(after.parked, {
    position: 3,
    code: 'impossible',
    reason: 'The event cannot follow those before it: version 2 is missing.',
  })
  t.equal(apply(after, readLine(entry), 'Asia/Ho_Chi_Minh'), after, 'a parked one stays as it is')
})

t.test('streams are whole, wherever the ranges end', async (t) => {
  const line = (proposalId: string, version: number) => ({ proposalId, version, position: 1, line: '' })
  const all = [line('a', 1), line('a', 2), line('b', 1), line('c', 1), line('c', 2), line('c', 3)]
  for (let size = 1; size <= all.length; size += 1) {
    const found: string[] = []
    for await (const streams of grouped(cut(all, size))) {
      found.push(...streams.map(({ proposalId, entries }) => `${proposalId}${entries.length}`))
    }
    t.same(found, ['a2', 'b1', 'c3'])
  }
})

async function* cut<T>(all: readonly T[], size: number): AsyncGenerator<T[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size)
}

t.test('a slot that is released twice is free once', async (t) => {
  const slots = createSlots(1)
  const free = takeSlot(slots)
  t.equal(takeSlot(slots), null)
  free?.()
  free?.()
  t.equal(slots.taken, 0)
})

t.test('only errors that say that the database is not available count as such', async (t) => {
  const server = (code: string) => Object.assign(new Error('x'), { code, severity: 'ERROR' })
  for (const code of ['57P01', '53300', '08006', '58030', '40001']) t.equal(isDatabaseAway(server(code)), true, code)
  for (const code of ['42601', '22007', '23505']) t.equal(isDatabaseAway(server(code)), false, code)
  t.equal(isDatabaseAway(Object.assign(new Error('x'), { code: 'ECONNREFUSED', syscall: 'connect' })), true)
  t.equal(isDatabaseAway(new Error('Connection terminated unexpectedly')), true)
  t.equal(isDatabaseAway(new TypeError('x is not a function')), false)
})

t.test(
  'a projector that pauses goes on at once when somebody waits for it, and does not pause while somebody does',
  async (t) => {
    const view = createView(start)
    const stop = new AbortController()
    const hour = 3_600_000
    const pausing = pauseUntilAwaited(view, hour, stop.signal)
    const waiting = reached(view, 11, hour)
    await pausing
    await pauseUntilAwaited(view, hour, stop.signal)
    advance(view, { ...start, position: 11 }, [])
    t.equal(await waiting, true)
    t.equal(view.hurry, null)
    const last = pauseUntilAwaited(view, hour, stop.signal)
    stop.abort()
    await last
    t.pass('the end of the service ends a pause too')
  },
)
