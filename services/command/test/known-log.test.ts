import type { LogState } from '@commitments/event-store'
import { agreed, proposed } from '@commitments/test-kit'
import t from 'tap'
import { isWaiting, type KnownLog, learn, noteNewest, unknownLog } from '../src/recorder/known-log.ts'
import { openDatabase, openRecorder, recordInTurn } from './recorder-fixture.ts'

const one = { position: 1, eventId: 'one' }
const nine = { position: 9, eventId: 'nine' }

const usual: LogState = {
  logId: 'a-log',
  succeeds: true,
  timeline: 'server/1',
  isStandby: false,
  newest: nine,
  found: 'nine',
  taken: 8,
  isSigned: true,
  erasures: 0,
  confirmed: 'server/1',
  halt: null,
}

function knowing(parts: Partial<KnownLog> = {}): KnownLog {
  return { ...unknownLog(), logId: 'a-log', timeline: 'server/1', newest: nine, ...parts }
}

function afterLook(known: KnownLog, state: Partial<LogState>): KnownLog {
  learn(known, known.newest, { ...usual, ...state }, 1_000)
  return known
}

t.test('a log that is as it was known is open, and its newest event is known from then on', (t) => {
  const ten = { position: 10, eventId: 'ten' }
  t.match(afterLook(knowing(), { newest: ten }), { lost: null, waitingSince: null, pasts: 0, newest: ten })
  t.match(afterLook(knowing({ newest: null }), { found: null }), { lost: null, newest: nine }, 'the first look')
  t.end()
})

t.test('an acknowledged event that is not there, or is another one, is a loss, until it is there again', (t) => {
  const known = afterLook(knowing(), { newest: one, found: null, taken: 0 })
  t.match(known.lost, /position 9, which was acknowledged, is no longer in the log\. The log ends at position 1\./)
  t.same(known.newest, nine, 'what was known stays known')
  t.match(
    afterLook(known, { newest: { position: 20, eventId: 'x' }, found: 'another' }).lost,
    /position 9.*accept-restore/,
  )
  t.equal(afterLook(known, {}).lost, null, 'somebody went back to the server that has it')
  t.end()
})

t.test(
  'a log that ends before what is signed or in its tree is a loss also for a service that has just started',
  (t) => {
    const known = afterLook(unknownLog(), { newest: one, found: null, taken: 8 })
    t.match(known.lost, /ends at position 1, but 8 events of it are signed or in its tree/)
    t.end()
  },
)

t.test('an accepted restore is another log: nothing that was known of the one before is compared with it', (t) => {
  const known = afterLook(knowing({ lost: 'lost' }), {
    logId: 'another',
    newest: one,
    found: null,
    taken: 0,
    isSigned: false,
  })
  t.match(known, { lost: null, newest: one, pasts: 1, logId: 'another' })
  t.end()
})

t.test('another ledger in the database has lost everything that was known, until its own is there again', (t) => {
  const known = afterLook(knowing(), { logId: 'another', succeeds: false, newest: null, found: null, isSigned: false })
  t.match(
    known.lost,
    /holds another ledger: its log is another, which no accepted restore has put in the place of a-log/,
  )
  t.match(known, { logId: 'a-log', newest: nine }, 'what was known stays known')
  t.match(afterLook(known, {}), { lost: null, logId: 'a-log' })
  t.end()
})

t.test(
  'on another server or timeline the signer is waited for, but only for a while, and only if it ever signed',
  (t) => {
    const known = afterLook(knowing(), { timeline: 'server/2' })
    t.match(known, { pasts: 1, waitingSince: 1_000, lost: null })
    t.ok(isWaiting(known, 10_000, 10_999))
    t.notOk(isWaiting(known, 10_000, 11_000), 'recording does not depend on the signer')
    t.match(afterLook(known, { timeline: 'server/2', confirmed: 'server/2' }), { pasts: 1, waitingSince: null })
    t.equal(afterLook(knowing(), { timeline: 'server/2', isSigned: false }).waitingSince, null)
    t.equal(afterLook(knowing(), { timeline: null }).waitingSince, null, 'a server that does not tell')
    t.equal(afterLook(knowing(), { timeline: 'server/2', confirmed: null }).waitingSince, null, 'a signer of before')
    t.equal(afterLook(unknownLog(), { timeline: 'server/2' }).waitingSince, 1_000, 'a service that has just started')
    t.end()
  },
)

t.test('a standby may be behind: it says nothing against the log', (t) => {
  const standby = { isStandby: true, timeline: null, newest: one, found: null }
  t.match(afterLook(knowing(), standby), { lost: null, newest: nine, timeline: 'server/1', lookedAt: 1_000 })
  t.end()
})

t.test('the newest event only moves forward', (t) => {
  const known = knowing()
  noteNewest(known, one)
  t.same(known.newest, nine)
  t.end()
})

t.test('memory of streams ends with the timeline that it was read in', async (t) => {
  const recorder = openRecorder(t, await openDatabase(t))
  await recordInTurn(recorder, 'lab', proposed())
  t.ok(recorder.cache.has('lab'))
  const { known } = recorder.log
  t.match(known, { newest: { position: 1 } })
  // As if the database had been promoted since the last look.
  Object.assign(known, { timeline: 'server/1', lookedAt: -Infinity })
  await recordInTurn(recorder, 'other', proposed())
  t.notOk(recorder.cache.has('lab'))
  t.not(known.timeline, 'server/1')
  t.same(await recordInTurn(recorder, 'lab', agreed()), [2])
})

t.test(
  'a batch that finds itself on another timeline looks at the log, and is recorded in the same attempt',
  async (t) => {
    const recorder = openRecorder(t, await openDatabase(t))
    await recordInTurn(recorder, 'lab', proposed())
    Object.assign(recorder.log.known, { timeline: 'server/1' })
    t.same(await recordInTurn(recorder, 'lab', agreed()), [2])
  },
)
