/** The database has the one clock by which days are judged (docs/decisions/0039-one-clock.md). */
import { agreed, eventually, openDatabase, processKey, proposed } from '@commitments/test-kit'
import { startCommand } from '@commitments/test-kit/services'
import t, { type Test } from 'tap'

const day = 86_400_000

async function openService(t: Test, machineAhead: number) {
  const database = await openDatabase(t)
  const environment = { API_KEYS: `test:record:${processKey}` }
  const service = await startCommand(t, database, { environment, machineClock: () => Date.now() + machineAhead })
  const post = (proposalId: string, payload: object) =>
    service.app.inject({
      method: 'POST',
      url: `/v1/proposals/${proposalId}/events`,
      headers: { authorization: `Bearer ${processKey}` },
      payload,
    })
  const check = async (name: string) => {
    const answer = await service.get('/health/ready')
    const checks: { name: string }[] = answer.json().checks
    return { status: answer.statusCode, ...checks.find((one) => one.name === name) }
  }
  return { database, service, post, check }
}

/** The day in so many days, by the clock that all of this runs on. */
function dayIn(days: number): string {
  return new Date(Date.now() + days * day).toISOString().slice(0, 10)
}

t.test('a service whose machine is days ahead does not record the future; it stays ready, with an alarm', async (t) => {
  const { service, post, check } = await openService(t, 10 * day)
  t.match((await post('lab', proposed({}, { occurredOn: dayIn(5) }))).json(), { status: 409, code: 'in-the-future' })
  t.equal((await post('lab', proposed({}, { occurredOn: dayIn(0) }))).statusCode, 201)
  t.match(await check('machine-clock'), {
    status: 200,
    ok: false,
    alarm: true,
    detail: /86\d{4}\.\d s ahead of the data/,
  })
  t.match((await service.get('/metrics')).body, /^machine_clock_ahead_seconds 86\d{4}/m)
})

t.test('a service whose machine is days behind refuses nobody their own day', async (t) => {
  const { post, check } = await openService(t, -2 * day)
  t.equal((await post('lab', proposed({}, { occurredOn: dayIn(0) }))).statusCode, 201)
  t.match(await check('machine-clock'), { status: 200, ok: false, detail: /17\d{4}\.\d s behind the database clock/ })
})

t.test(
  'behind a database clock that went back, events are recorded with the time of the newest; that is an alarm',
  async (t) => {
    const { database, post, check } = await openService(t, 0)
    t.match(await check('clock'), { status: 200, ok: true, alarm: true })
    const { rows } = await database.pool().query<{ newest: string }>(
      `INSERT INTO events (position, proposal_id, version, event_id, recorded_at, line)
     VALUES (1, 'future', 1, gen_random_uuid(), date_trunc('second', clock_timestamp()) + interval '10 days', '{}')
     RETURNING to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS newest`,
    )
    const newest = rows[0]?.newest
    for (const answer of [await post('lab', proposed()), await post('lab', agreed())]) {
      t.match([answer.statusCode, answer.json().recordedAt], [201, newest])
    }
    t.match(await check('clock'), { status: 200, ok: false, detail: `recorded with its time, ${newest}. Let NTP` })
    // Whoever records sees the days of the ledger, and is refused nothing that was accepted before the clock went back.
    await eventually(async () => (await post('other', proposed({}, { occurredOn: dayIn(9) }))).statusCode === 201, {
      within: 15_000,
    })
  },
)
