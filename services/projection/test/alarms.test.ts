import { agreed, proposed } from '@commitments/test-kit'
import t from 'tap'
import { openLedger, startService } from './support.ts'

t.test('a database clock behind the recorded times is an alarm, and reads continue', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await service.applied(await ledger.record('lab', proposed()))
  t.match((await service.get('/metrics')).body, /^log_clock_ahead_seconds 0$/m)
  await ledger.pool.query(
    `INSERT INTO events (position, proposal_id, version, event_id, recorded_at, line)
     SELECT 2, 'lab', 2, gen_random_uuid(), clock_timestamp() + interval '1 hour', '{}'`,
  )
  const answer = await service.get('/health/ready')
  t.equal(answer.statusCode, 200)
  const { checks } = answer.json<{ checks: { name: string }[] }>()
  t.match(
    checks.find(({ name }) => name === 'clock'),
    {
      ok: false,
      alarm: true,
      detail: /^the newest event is 3\d\d\d\.\d s ahead of the database clock: it was set back/,
    },
  )
  t.match((await service.get('/metrics')).body, /^log_clock_ahead_seconds 3\d\d\d/m)
  t.equal((await service.get('/v1/proposals/lab')).statusCode, 200)
})

t.test('conditions are those of the day of the database, however the clock of the machine is set', async (t) => {
  const ledger = await openLedger(t)
  const dayIn = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
  const service = await startService(t, ledger, { machineClock: () => Date.now() + 10 * 86_400_000 })
  await ledger.record('past', proposed({ planned: { end: dayIn(-5) } }), agreed())
  await service.applied(await ledger.record('lab', proposed({ planned: { end: dayIn(5) } }), agreed()))
  const condition = async (proposalId: string) => (await service.get(`/v1/proposals/${proposalId}`)).json().condition
  t.equal(await condition('past'), 'overdue')
  t.not(await condition('lab'), 'overdue')
  const answer = await service.get('/health/ready')
  t.equal(answer.statusCode, 200)
  const { checks } = answer.json<{ checks: { name: string }[] }>()
  t.match(
    checks.find(({ name }) => name === 'machine-clock'),
    {
      ok: false,
      alarm: true,
      detail: /ahead of the database clock\. Days and times of the ledger are those of the data/,
    },
  )
})
