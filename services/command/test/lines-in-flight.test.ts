import t from 'tap'
import type { RecordResult } from '../src/recorder/requests.ts'
import { LinesInFlight } from '../src/routes/lines-in-flight.ts'

function recorded(position: number): RecordResult {
  return { outcome: 'recorded', proposalId: 'lab', version: position, position, line: '', replayed: false }
}

function taken(flight: LinesInFlight): number[] {
  const numbers: number[] = []
  for (let next = flight.next(); next !== null; next = flight.next()) numbers.push(next.number)
  return numbers
}

t.test('lines are taken in the order in which they were begun, whichever outcome is known first', async (t) => {
  const flight = new LinesInFlight(10)
  const [first, second, third] = [1, 2, 4].map((number) => flight.begin(number, () => {}))
  const waiting = flight.untilLanded()
  third?.answered(recorded(3))
  second?.failed(new Error('a fault of this line'))
  t.equal(flight.next(), null)
  first?.answered(recorded(1))
  t.equal(await waiting, true)
  t.same(taken(flight), [1, 2, 4])
  flight.end(null)
  t.equal(await flight.untilLanded(), false)
})

t.test('a line gives its room back when its outcome is known, also while an earlier line is waited for', async (t) => {
  const flight = new LinesInFlight(10)
  let held = 2
  const lines = [1, 2].map((number) => flight.begin(number, () => void (held -= 1)))
  lines[1]?.answered(recorded(1))
  t.equal(held, 1)
  lines[0]?.failed(new Error('not recorded'))
  t.equal(held, 0)
})

t.test('no more lines are in flight than allowed, and there is room again when one was taken', async (t) => {
  const flight = new LinesInFlight(2)
  for (let number = 1; number <= 100; number += 1) {
    const lines = [number, -number].map((one) => flight.begin(one, () => {}))
    t.ok(flight.isFull)
    const room = flight.untilRoom()
    for (const line of lines) line.answered(recorded(number))
    t.ok(flight.isFull, 'a result that nobody took counts')
    t.same(taken(flight), [number, -number])
    await room
    t.notOk(flight.isFull)
  }
})

t.test('what ended an import comes after the results of the lines that were begun', async (t) => {
  const flight = new LinesInFlight(2)
  const line = flight.begin(1, () => {})
  const cause = new Error('cut off')
  flight.end(cause)
  line.answered(recorded(1))
  t.equal(await flight.untilLanded(), true)
  t.same(taken(flight), [1])
  t.equal(await flight.untilLanded(), false)
  t.equal(flight.fault, cause)
})

t.test('when nobody takes results any more, whoever waits for room goes on, to see that', async (t) => {
  const flight = new LinesInFlight(1)
  flight.begin(1, () => {})
  const room = flight.untilRoom()
  flight.close()
  await room
  t.ok(flight.isClosed)
  t.notOk(flight.isFull)
})
