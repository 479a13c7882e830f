import { unseen } from '@commitments/event-store'
import t from 'tap'
import { judgeConnection, judgeReplay } from '../src/replication.ts'

const standby = { isStandby: true, applied: 1_000, unapplied: 0, receives: true, appliedAt: '2026-11-29T08:00:00Z' }

t.test(
  'a standby that does not apply what it received for ten seconds is not ready; one that goes on is',
  async (t) => {
    const movement = unseen()
    const waiting = { ...standby, unapplied: 64 }
    t.match(judgeReplay(movement, waiting, 0), { ok: true, detail: /64 bytes/ })
    t.match(judgeReplay(movement, waiting, 9_999), { ok: true })
    t.match(judgeReplay(movement, waiting, 10_000), {
      ok: false,
      detail: /does not go on: 64 bytes .* is of 2026-11-29T08:00:00Z\); pg_get_wal_replay_pause_state/,
    })
    t.match(judgeReplay(movement, { ...waiting, applied: 1_032 }, 10_001), { ok: true }, 'it moves again')
    t.match(judgeReplay(movement, standby, 30_000), { ok: true, detail: /has applied all/ })
  },
)

t.test('a standby that receives nothing for ten seconds is an alarm that says how old its answers are', async (t) => {
  const movement = unseen()
  const cut = { ...standby, receives: false }
  t.match(judgeConnection(movement, cut, 0), { ok: true })
  t.match(judgeConnection(movement, cut, 10_000), { ok: false, detail: /receives nothing .* of 2026-11-29T08:00:00Z/ })
  t.match(judgeConnection(movement, standby, 10_001), { ok: true })
})

t.test('a promoted standby is a primary for both checks', async (t) => {
  const promoted = { ...standby, isStandby: false, receives: false }
  t.match(judgeReplay(unseen(), promoted, 0), { ok: true, detail: 'the database is a primary' })
  t.match(judgeConnection(unseen(), promoted, 60_000), { ok: true, detail: 'the database is a primary' })
})
