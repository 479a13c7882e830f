import { agreed, delivered, example, funded, proposed } from '@commitments/test-kit'
import type { Pool } from 'pg'
import t from 'tap'
import { createStatusReader, readStatus } from '../src/answers/read-status.ts'
import { createStatusView } from '../src/answers/status-cache.ts'
import { dayClock } from '../src/day-clock.ts'
import { openLedger, startService } from './support.ts'

const timeZone = 'Asia/Ho_Chi_Minh'

t.test(
  'a proposal is served with the stage that its events reached, and with the position of the answer',
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger)
    const position = await ledger.record('lab', proposed(), agreed(), funded(), delivered())
    const answer = await service.get(`/v1/proposals/lab?atLeast=${position}`)
    t.equal(answer.statusCode, 200, answer.body)
    t.match(answer.json(), { proposalId: 'lab', stage: 'delivered', condition: 'done', version: 4, position })
    t.equal(answer.headers['log-position'], String(position))
    t.match(answer.headers['log-id'], /^[0-9a-f-]{36}$/)
    t.equal(answer.headers['cache-control'], 'no-cache')
    t.match(answer.headers.etag, /^"[^"]+"$/)
  },
)

t.test('a reader that has the answer gets 304 with the position until the answer changes', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  const first = await ledger.record('lab', proposed())
  const other = await ledger.record('other', proposed())
  const before = await service.get(`/v1/proposals/lab?atLeast=${other}`)
  for (const unreadable of ['abc', 'w/"x"', '']) {
    t.equal(
      (await service.get('/v1/proposals/lab', { 'if-none-match': unreadable })).statusCode,
      200,
      'as if there were none',
    )
  }
  const same = await service.get('/v1/proposals/lab', { 'if-none-match': String(before.headers.etag) })
  t.equal(same.statusCode, 304)
  t.equal(same.body, '')
  t.equal(same.headers['log-position'], String(other))
  t.equal(same.headers.etag, before.headers.etag)
  t.ok(first < other)
  const next = await ledger.record('lab', agreed())
  const after = await service.get(`/v1/proposals/lab?atLeast=${next}`, { 'if-none-match': String(before.headers.etag) })
  t.equal(after.statusCode, 200)
  t.equal(after.json().stage, 'agreed')
  t.not(after.headers.etag, before.headers.etag)
})

t.test(
  'a status that the local projector has just written is answered without a query, with the same bytes',
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger)
    const everything = [proposed(), agreed(), funded(), example('disbursed'), example('confirmed'), delivered()]
    for (const [index, event] of everything.entries()) {
      const position = await ledger.record('lab', event)
      const answer = await service.get(`/v1/proposals/lab?atLeast=${position}`)
      t.equal(answer.statusCode, 200, answer.body)
      const written = await fromDatabase(ledger.pool)
      t.match(
        { ...written, body: written.body.toString() },
        { body: answer.body, etag: answer.headers.etag },
        `after ${index + 1} events`,
      )
    }
    await service.applied(await ledger.record('unread', proposed()))
    await ledger.pool.query('UPDATE proposal_status SET state = NULL')
    t.equal((await service.get('/v1/proposals/unread')).statusCode, 200)
    await service.applied(await ledger.record('child', proposed({ parent: 'unread' })))
    t.equal((await service.get('/v1/proposals/unread')).statusCode, 404, 'what others are linked to is read')
  },
)

/** The answer of an instance with nothing in memory. */
async function fromDatabase(pool: Pool) {
  const view = createStatusView({ logId: '', generation: 0, position: 0 }, 1)
  const reader = createStatusReader({ pool, view, today: dayClock(() => new Date(), timeZone), timeZone })
  return (await readStatus(reader, 'lab')).answer
}

t.test('an unknown proposal is 404 with the position, and is found once it is proposed', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  const missing = await service.get('/v1/proposals/lab')
  t.equal(missing.statusCode, 404)
  t.match(missing.json(), { code: 'unknown-proposal', status: 404 })
  t.equal(missing.headers['log-position'], '0')
  const again = await service.get('/v1/proposals/lab')
  t.equal(again.statusCode, 404, 'now from memory')
  const position = await ledger.record('lab', proposed())
  t.equal((await service.get(`/v1/proposals/lab?atLeast=${position}`)).statusCode, 200)
})

t.test(
  'a read that waits for a position which does not come is 503 with Retry-After, never an older answer',
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger, { patience: 50 })
    const position = await ledger.record('lab', proposed())
    await service.applied(position)
    for (const path of [
      '/v1/proposals/lab',
      '/v1/proposals',
      '/v1/portfolio',
      '/v1/proposals/lab/events',
      '/v1/proposals/lab/events/1',
    ]) {
      const answer = await service.get(`${path}?atLeast=${position + 1}`)
      t.equal(answer.statusCode, 503, path)
      t.equal(answer.json().code, 'not-yet-applied')
      t.equal(answer.headers['retry-after'], '1')
    }
  },
)

t.test('a read with atLeast waits for that position', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  const waiting = service.get('/v1/proposals/lab?atLeast=2')
  await ledger.record('lab', proposed())
  await ledger.record('lab', agreed())
  const answer = await waiting
  t.equal(answer.statusCode, 200)
  t.equal(answer.json().stage, 'agreed')
})

t.test('a cached answer ends on the day on which the condition changes by itself', async (t) => {
  const ledger = await openLedger(t)
  let now = new Date('2026-11-22T00:00:00Z')
  const service = await startService(t, ledger, { clock: () => now })
  const planned = { start: '2024', end: '2026-12-01' }
  const position = await ledger.record('lab', proposed({ planned }))
  const soon = await service.get(`/v1/proposals/lab?atLeast=${position}`)
  t.equal(soon.json().condition, 'due-soon')
  now = new Date('2026-12-02T00:00:00Z')
  const late = await service.get('/v1/proposals/lab', { 'if-none-match': String(soon.headers.etag) })
  t.equal(late.statusCode, 200)
  t.equal(late.json().condition, 'overdue')
})

t.test('unknown and invalid parameters of a read are refused', async (t) => {
  const service = await startService(t, await openLedger(t))
  t.equal((await service.get('/v1/proposals/lab?as-of=2024-01-01')).statusCode, 400)
  t.equal((await service.get('/v1/proposals/lab?atLeast=-1')).statusCode, 400)
  t.equal((await service.get('/v1/proposals/Lab')).statusCode, 400)
})
