import { appendEvents, lostState, movedState, readLogState, sqlState } from '@commitments/event-store'
import { openDatabase } from '@commitments/test-kit'
import t from 'tap'
import { event, run } from './examples.ts'

const database = await openDatabase(t)
const command = database.pool('command')

const unknown = { position: null, logId: null }

t.test('an append says what it knows of the log, and nothing is recorded where that is not so', async (t) => {
  const [first] = run('known', 1, 1)
  if (!first) throw new Error('no event')
  await appendEvents(command, [first])
  const { newest, timeline, isStandby } = await readLogState(command, unknown)
  t.same(newest, { position: 1, eventId: first.eventId })
  t.match(timeline, /^\d+\/[0-9A-F]{8}\/\d+\.\d+$/, 'the server, its timeline, the database and the table of events')
  t.equal(isStandby, false)
  const second = event('known', 2)
  const lost = (known: { position: number; eventId: string }) =>
    appendEvents(command, [second], { known: { newest: known, timeline } })
  await t.rejects(lost({ position: 1, eventId: second.eventId }), { code: lostState }, 'another event is there')
  await t.rejects(
    lost({ position: 9, eventId: first.eventId }),
    {
      code: lostState,
      message: 'The event at position 9 that was acknowledged is no longer in the log, which ends at position 1.',
    },
    'none is there',
  )
  for (const other of ['1/00000001', `${timeline?.split('/')[0]}/0000000A`, `${timeline?.split('.')[0]}.1`]) {
    const moved = appendEvents(command, [second], { known: { newest, timeline: other } })
    await t.rejects(moved, { code: movedState }, other)
  }
  const another = '00000000-0000-4000-8000-000000000001'
  t.equal((await readLogState(command, { ...unknown, logId: another })).succeeds, false, 'the log is another one')
  t.match(await readLogState(command, { ...unknown, position: 1 }), { newest: { position: 1 }, found: first.eventId })
  t.match(await appendEvents(command, [second], { known: { newest, timeline } }), [
    { outcome: 'appended', position: 2 },
  ])
  const nothing = { newest: null, timeline: null }
  t.match(await appendEvents(command, [event('known', 3)], { known: nothing }), [{ outcome: 'appended', position: 3 }])
})

t.test('a service learns what is signed and in the tree, and on which timeline the signer was last', async (t) => {
  const projection = database.pool('projection')
  const state = await readLogState(command, { ...unknown, position: 99 })
  t.match(state, { found: null, taken: 0, isSigned: false, confirmed: null, halt: null })
  await projection.query('UPDATE log_tree SET size = 2, timeline = $1, log_id = $2', [state.timeline, state.logId])
  t.match(await readLogState(command, unknown), { taken: 2, confirmed: state.timeline, isSigned: false })
  await t.rejects(command.query('UPDATE log_tree SET timeline = NULL'), { code: '42501' }, 'and cannot say so itself')
})

t.test('faults of another past are certain: nothing was recorded', async (t) => {
  const known = { newest: { position: 99, eventId: '0199a000-0000-7000-8000-000000000001' }, timeline: null }
  const fault: unknown = await appendEvents(command, [event('certain', 1)], { known }).catch((error: unknown) => error)
  t.equal(sqlState(fault), lostState)
})

t.test('where the tables were made anew, as by a restore from a dump, the log is elsewhere', async (t) => {
  const restored = await openDatabase(t)
  const before = await readLogState(restored.pool('command'), unknown)
  await restored.pool().query(`ALTER TABLE events RENAME TO former;
    CREATE TABLE events (LIKE former INCLUDING ALL);
    GRANT SELECT ON events TO commitments_command`)
  const after = await readLogState(restored.pool('command'), unknown)
  t.not(after.timeline, before.timeline)
  t.equal(after.timeline?.split('.')[0], before.timeline?.split('.')[0])
})
