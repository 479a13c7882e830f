import type { EventToAppend } from '@commitments/event-store'
import { openDatabase } from '@commitments/test-kit'
import t from 'tap'
import { appendEach } from '../src/recorder/append.ts'
import { type Log, openLog } from '../src/recorder/log.ts'
import { OutcomeUnknown, Unstorable } from '../src/recorder/requests.ts'
import { interrupted } from './recorder-fixture.ts'

let made = 0

function event(proposalId: string, version: number, type = 'fine'): EventToAppend {
  made += 1
  const eventId = `01935000-0000-7000-8000-${String(made).padStart(12, '0')}`
  const rest = `"eventId":"${eventId}","nonce":"AAAAAAAAAAAAAAAAAAAAAA","proposalId":"${proposalId}","version":${version},"type":"${type}"}`
  return { proposalId, version, eventId, keyDigest: null, rest, restsOn: [] }
}

async function openOffendingLog(t: Parameters<typeof openDatabase>[0]) {
  const database = await openDatabase(t)
  await database.pool().query(`ALTER TABLE events ADD CHECK (line NOT LIKE '%offending%')`)
  const stored = async () => {
    const { rows } = await database.pool().query('SELECT proposal_id, version FROM events ORDER BY position')
    return rows.map((row) => `${row.proposal_id}/${row.version}`)
  }
  return { log: openLog(database.pool('command')), stored }
}

t.test(
  'events that depend on an offending event are held back, even if another writer takes its version',
  async (t) => {
    const { log, stored } = await openOffendingLog(t)
    await log.append([event('s', 1)])
    // The calls: the whole batch, its first half (offending), and the second half, before which another writer takes version 2.
    let calls = 0
    const racing: Log = {
      ...log,
      async append(events, options) {
        calls += 1
        if (calls === 3) await log.append([event('s', 2)])
        return log.append(events, options)
      },
    }
    const outcomes = await appendEach(racing, [event('s', 2, 'offending'), event('s', 3), event('other', 1)])
    t.match(outcomes, [{ outcome: 'failed', fault: Unstorable }, { outcome: 'not-appended' }, { outcome: 'appended' }])
    t.same(await stored(), ['s/1', 's/2', 'other/1'])
  },
)

t.test('a child of an offending parent is held back, together with its own children', async (t) => {
  const { log, stored } = await openOffendingLog(t)
  const child = { ...event('child', 1), restsOn: [{ proposalId: 'parent', version: 1 }] }
  const grandchild = { ...event('grandchild', 1), restsOn: [{ proposalId: 'child', version: 1 }] }
  const outcomes = await appendEach(log, [event('parent', 1, 'offending'), event('a', 1), child, grandchild])
  t.match(outcomes.map(({ outcome }) => outcome).slice(0, 2), ['failed', 'appended'])
  t.notOk(outcomes.slice(2).some(({ outcome }) => outcome === 'appended'))
  t.same(await stored(), ['a/1'])
})

t.test(
  'a fault of the second half is reported to the second half, and the first half stays recorded and answered',
  async (t) => {
    const { log } = await openOffendingLog(t)
    let calls = 0
    const failing: Log = {
      ...log,
      async append(events, options) {
        calls += 1
        if (calls > 2) throw new Error('the connection is gone')
        return log.append(events, options)
      },
    }
    const limits = { resendForMs: 500, pauseMs: 100 }
    const outcomes = await appendEach(failing, [event('a', 1), event('b', 1, 'offending')], limits)
    t.match(outcomes, [{ outcome: 'appended' }, { outcome: 'failed', fault: OutcomeUnknown }])
  },
)

t.test('an answer that is lost once is requested again', async (t) => {
  const { log, stored } = await openOffendingLog(t)
  const lost = async () => {
    throw new Error('the connection is gone')
  }
  const outcomes = await appendEach(interrupted(log, 'append', 'after', lost), [event('a', 1)])
  t.match(outcomes, [{ outcome: 'repeated', version: 1, position: 1 }])
  t.same(await stored(), ['a/1'])
})
