import { migrate, openPool } from '@commitments/event-store'
import { startTemporaryServer } from '@commitments/local-postgres'
import { eventually } from '@commitments/test-kit'
import t from 'tap'
import { given } from './examples.ts'

t.setTimeout(120_000)

t.test('the first vacuum that sees an event freezes it, so that none ever reads the whole log for that', async (t) => {
  const server = await startTemporaryServer({ settings: { autovacuum_naptime: '1s' } })
  t.after(() => server.stop())
  await migrate(server.url, { ledger: 'commitments' })
  const pool = openPool(server.url, { ledger: 'commitments', max: 2 })
  t.after(() => pool.end())
  for (let version = 1; version <= 200; version += 1) await given(pool, `p-${version}`, 1)
  // A vacuum comes every hundred thousand events; here it comes now.
  await pool.query('ALTER TABLE events SET (autovacuum_vacuum_insert_threshold = 10)')
  // Each of the 200 transactions has a number; the oldest one that is not frozen is said by the age.
  await eventually(
    async () => {
      const { rows } = await pool.query<{ unfrozen: number }>(
        "SELECT age(relfrozenxid)::int AS unfrozen FROM pg_class WHERE oid = 'events'::regclass",
      )
      if ((rows[0]?.unfrozen ?? 1_000) > 150) throw new Error(`the oldest is ${rows[0]?.unfrozen} transactions old`)
    },
    { within: 60_000 },
  )
})
