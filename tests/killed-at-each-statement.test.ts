/** A process is killed before each of its statements, and after each, in turn: the next one finishes the work, once. */

import { checkReplay } from '@commitments/projection'
import { agreed, eventually, openDatabase, proposed } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { recordAll } from '../services/command/src/recorder/recorder.ts'
import { request } from '../services/command/test/recorder-fixture.ts'
import { bury, type Fate, kill } from './simulation/gate.ts'
import {
  type CommandProcess,
  type Process,
  startCommandProcess,
  startProjector,
  timeZone,
} from './simulation/processes.ts'

t.setTimeout(600_000)

/** Milliseconds after which what is left of a killed service gives up; nothing here takes nearly as long. */
const patience = 30_000

/** Killed before the statement was sent, or after the server has carried it out. */
const moments: readonly Fate[] = ['never sent', 'answer lost']

/** Lets so many statements of the process through. @returns whether it wanted one more */
async function letThrough({ gate, isThinking }: Process, statements: number): Promise<boolean> {
  for (let done = 0; ; done += 1) {
    await eventually(() => gate.waiting.length > 0 || !isThinking(), { within: 30_000 })
    if (gate.waiting.length === 0) return false
    if (done === statements) return true
    gate.waiting[0]?.strike('carried out')
    await eventually(() => gate.running.size === 0, { within: 30_000 })
  }
}

/** Lets one more statement through, or none, and kills the process. */
async function killAt(one: Process, moment: Fate): Promise<void> {
  one.gate.waiting[0]?.strike(moment)
  await eventually(() => gate(one).every(({ isDone }) => isDone), { within: 30_000 })
  kill(one.gate)
  bury(one.gate)
}

function gate({ gate: { running } }: Process) {
  return [...running]
}

t.test('a command service that is killed between any two statements records what it was asked for once', async (t) => {
  const database = await openDatabase(t)
  const lines = (name: string) =>
    [proposed(), agreed()].map((body, index) => request(name, body, { key: `${name}/${index}` }))
  for (const moment of moments) {
    for (let after = 0; ; after += 1) {
      const name = `${moment.replace(' ', '-')}-${after}`
      const first = startCommandProcess(database.url, 'first', patience)
      void recordAll(first.recorder, lines(name), 1_000).catch(() => {})
      const hasMore = await letThrough(first, after)
      await killAt(first, moment)
      if (!hasMore) break
      t.match(await repeat(t, startCommandProcess(database.url, 'second', patience), lines(name)), {
        outcome: 'recorded',
        results: [{ version: 1 }, { version: 2 }],
      })
    }
  }
  const { rows } = await database
    .pool()
    .query<{ versions: number[] }>(
      'SELECT array_agg(version ORDER BY position) AS versions FROM events GROUP BY proposal_id',
    )
  t.ok(rows.length > 4, `${rows.length} places where it was killed`)
  for (const { versions } of rows) t.same(versions, [1, 2])
})

async function repeat(t: Test, process: CommandProcess, requests: Parameters<typeof recordAll>[1]) {
  t.after(() => bury(process.gate))
  const result = recordAll(process.recorder, requests, 1_000)
  await letThrough(process, Number.POSITIVE_INFINITY)
  return result
}

for (const [index, name] of ['statuses', 'moments'].entries()) {
  t.test(`a projector of the ${name} that is killed between any two statements applies every event once`, async (t) => {
    const database = await openDatabase(t)
    const recorder = startCommandProcess(database.url, 'recorder', patience)
    let events = 0
    let places = 0
    for (const moment of moments) {
      for (let after = 0; ; after += 1) {
        const id = `p${events}`
        await repeat(t, recorder, [request(id, proposed()), request(id, agreed())])
        events += 2
        const first = startProjector(database.url, 'first', index, 10)
        const hasMore = await throughTurns(first, after, events)
        await killAt(first, moment)
        if (!hasMore) break
        places += 1
        const second = startProjector(database.url, 'second', index, 10)
        await throughTurns(second, Number.POSITIVE_INFINITY, events)
        t.equal(second.position, events)
        bury(second.gate)
      }
    }
    t.ok(places > 4, `${places} places where it was killed`)
    const other = startProjector(database.url, 'other', 1 - index, 100)
    await throughTurns(other, Number.POSITIVE_INFINITY, events)
    bury(other.gate)
    t.match(await checkReplay(database.pool(), timeZone), { found: 0, events })
  })
}

/** Takes turns until the end of the log, and lets so many statements through. @returns whether it wanted one more */
async function throughTurns(
  one: ReturnType<typeof startProjector>,
  statements: number,
  head: number,
): Promise<boolean> {
  for (let left = statements; one.position < head; ) {
    if (!one.isBusy) one.takeTurn()
    const hadToWait = await letThrough(one, Math.min(left, 1))
    if (left === 0) return hadToWait
    left -= 1
  }
  return false
}
