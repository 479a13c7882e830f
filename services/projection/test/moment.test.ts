import { asOfSteps, decodeLine, type EventBody, proposalAt, statusOf, today } from '@commitments/domain'
import { agreed, delivered, example, funded, proposed } from '@commitments/test-kit'
import t from 'tap'
import { type Ledger, openLedger, startService } from './support.ts'

const timeZone = 'Asia/Ho_Chi_Minh'

async function linesOf(ledger: Ledger, proposalId: string) {
  const { rows } = await ledger.pool.query('SELECT line FROM events WHERE proposal_id = $1 ORDER BY version', [
    proposalId,
  ])
  return rows.map(({ line }) => decodeLine(line))
}

/** What a proposal's own events say. */
function withoutRelated(answer: { json(): Record<string, unknown> }) {
  const { related: _ofOthers, ...own } = answer.json()
  return own
}

const life: EventBody[] = [
  proposed(),
  agreed(),
  funded(),
  example('corrected', { corrections: [{ event: 2, occurredOn: '2024-08' }] }),
  delivered(),
  example('retracted', { events: [5] }),
]

t.test('as of a day a proposal has the state that its events give for that day', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  const head = await ledger.record('lab', ...life)
  const events = await linesOf(ledger, 'lab')
  const steps = asOfSteps(events, timeZone)
  t.ok(steps.length > 2)
  for (const { from, proposal } of steps) {
    const answer = await service.get(`/v1/proposals/lab?asOf=${from}`)
    t.same(withoutRelated(answer), JSON.parse(JSON.stringify(statusOf(proposal, from, timeZone))), from)
    t.equal(answer.headers['log-position'], String(head))
  }
  const early = await service.get('/v1/proposals/lab?asOf=2000-01-01')
  t.match(early.json(), { status: 404, code: 'unknown-proposal' })
  t.equal(early.headers['log-position'], String(head))
})

t.test('as known at a position it has the state of the events recorded up to then', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('other', proposed())
  await ledger.record('lab', ...life)
  const events = await linesOf(ledger, 'lab')
  const day = today(new Date(), timeZone)
  for (const { position } of events) {
    for (const asOf of [undefined, '2024-07-01', '2024-12-31', day]) {
      const expected = proposalAt(events, { asOf, knownAtPosition: position }, timeZone)
      const days = asOf === undefined ? '' : `&asOf=${asOf}`
      const answer = await service.get(`/v1/proposals/lab?knownAtPosition=${position}${days}`)
      const name = `position ${position}, as of ${asOf}`
      if (expected === null) t.equal(answer.statusCode, 404, name)
      else t.same(withoutRelated(answer), JSON.parse(JSON.stringify(statusOf(expected, asOf ?? day, timeZone))), name)
    }
  }
  t.equal((await service.get('/v1/proposals/lab?knownAtPosition=1')).statusCode, 404, 'before its beginning')
})

t.test('today, at the head of the log, it has the state of its status', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  const head = await ledger.record('lab', ...life)
  const now = await service.get(`/v1/proposals/lab?atLeast=${head}`)
  const day = today(new Date(), timeZone)
  const then = await service.get(`/v1/proposals/lab?asOf=${day}&knownAtPosition=${head}`)
  t.same(then.json(), now.json())
})

t.test('an answer for an instant can be cached once something later is recorded', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('lab', proposed())
  const [first] = await linesOf(ledger, 'lab')
  const url = `/v1/proposals/lab?knownAt=${first?.recordedAt}`
  const open = await service.get(url)
  t.match(open.json(), { stage: 'proposed', version: 1 })
  t.equal(open.headers['cache-control'], 'no-store')
  const head = await ledger.record('lab', agreed())
  const settled = await service.get(url)
  t.equal(settled.headers['cache-control'], 'no-cache')
  t.equal(settled.body, open.body)
  t.equal(settled.headers.etag, open.headers.etag)
  t.equal(settled.headers['log-position'], String(head))
  const again = await service.get(url, { 'if-none-match': String(settled.headers.etag) })
  t.equal(again.statusCode, 304)
  const before = await service.get('/v1/proposals/lab?knownAt=2020-01-01T00:00:00Z')
  t.equal(before.statusCode, 404)
})

t.test('an instant can be given with any offset, to the microsecond', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('lab', proposed())
  await ledger.record('lab', agreed())
  const [, second] = await linesOf(ledger, 'lab')
  const recordedAt = String(second?.recordedAt)
  const there = new Date(Date.parse(recordedAt) + 9 * 3_600_000).toISOString().slice(0, 19)
  const url = `/v1/proposals/lab?knownAt=${there}${recordedAt.slice(19, 26)}%2B09:00`
  t.match((await service.get(url)).json(), { version: 2 })
})

t.test('an impossible moment is refused', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('lab', proposed())
  const cases = [
    ['knownAt=2999-01-01T00:00:00Z', 400],
    ['knownAt=0000-01-01T00:00:00Z', 400],
    ['knownAt=2024-01-01', 400],
    ['knownAt=2024-01-01T00:00:00', 400],
    ['knownAt=2024-12-31T23:59:60Z', 404],
    ['asOf=2024-02-30', 400],
    ['asOf=2024', 400],
    ['knownAtPosition=2', 409],
    ['knownAtPosition=-1', 400],
    ['knownAtPosition=0', 404],
    ['asOf=9999-12-31', 200],
  ] as const
  for (const [query, status] of cases) {
    const answer = await service.get(`/v1/proposals/lab?${query}`)
    t.equal(answer.statusCode, status, `${query}: ${answer.body.slice(0, 200)}`)
  }
  t.equal((await service.get('/v1/proposals/nobody?asOf=2024-01-01')).statusCode, 404)
})

t.test('the condition is that of the requested day', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('lab', proposed({ planned: { end: '2026-12' } }))
  const conditionOn = async (day: string) => (await service.get(`/v1/proposals/lab?asOf=${day}`)).json().condition
  t.equal(await conditionOn('2026-11-22'), 'on-track')
  t.equal(await conditionOn('2026-12-15'), 'due-soon')
  t.equal(await conditionOn('2027-01-01'), 'overdue')
})

t.test('a parked proposal is shown at a moment as it was before the event that cannot be applied', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('lab', proposed(), agreed())
  const broken = await ledger.recordImpossible('lab')
  const parked = { position: broken, code: 'impossible' }
  t.match((await service.get('/v1/proposals/lab?asOf=2024-07-01')).json(), { stage: 'agreed', version: 2, parked })
  t.notOk((await service.get(`/v1/proposals/lab?knownAtPosition=${broken - 1}`)).json().parked)
})
