import { proposed } from '@commitments/test-kit'
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
    { ok: false, alarm: true, detail: /^the newest event is 3\d\d\d\.\d s ahead of the database clock$/ },
  )
  t.match((await service.get('/metrics')).body, /^log_clock_ahead_seconds 3\d\d\d/m)
  t.equal((await service.get('/v1/proposals/lab')).statusCode, 200)
})
