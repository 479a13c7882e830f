import { appendEvents, readLog } from '@commitments/event-store'
import { openDatabase } from '@commitments/test-kit'
import t from 'tap'
import { event, given, restOf } from './examples.ts'

const changes = {
  UPDATE: `UPDATE events SET line = 'x'`,
  'UPDATE of no row': `UPDATE events SET line = 'x' WHERE false`,
  DELETE: 'DELETE FROM events',
  TRUNCATE: 'TRUNCATE events',
  'TRUNCATE with what depends on it': 'TRUNCATE events CASCADE',
  'MERGE that deletes': 'MERGE INTO events USING (SELECT 1) ON true WHEN MATCHED THEN DELETE',
  'INSERT that updates on conflict': `INSERT INTO events SELECT * FROM events ON CONFLICT (position) DO UPDATE SET line = 'x'`,
  'UPDATE of the identity': `UPDATE log_identity SET reason = 'x'`,
  'DELETE of the identity': 'DELETE FROM log_identity',
  'TRUNCATE of the identity': 'TRUNCATE log_identity',
}
const insertion = `INSERT INTO events (position, proposal_id, version, event_id, recorded_at, line)
  VALUES (99, 'x', 1, gen_random_uuid(), now(), '{}')`

const database = await openDatabase(t)
await given(database.pool('command'), 'a', 2)

t.test('the owner cannot change history, even as superuser', async (t) => {
  const owner = database.pool()
  for (const [name, statement] of Object.entries(changes))
    await t.rejects(owner.query(statement), { code: '23001' }, name)
})

t.test('the owner cannot change history with the triggers disabled for replication', async (t) => {
  const owner = await database.client()
  await owner.query('SET session_replication_role = replica')
  for (const [name, statement] of Object.entries(changes))
    await t.rejects(owner.query(statement), { code: '23001' }, name)
})

for (const role of ['command', 'projection'] as const) {
  t.test(`the ${role} role can neither change history nor add to it by itself`, async (t) => {
    const pool = database.pool(role)
    for (const [name, statement] of Object.entries({ ...changes, INSERT: insertion })) {
      await t.rejects(pool.query(statement), { code: '42501' }, name)
    }
    await t.rejects(pool.query('ALTER TABLE events DISABLE TRIGGER ALL'), { code: '42501' })
    await t.rejects(pool.query('DROP TABLE events'), { code: '42501' })
    await t.rejects(pool.query(`INSERT INTO log_identity VALUES (gen_random_uuid(), 9, 1, now(), 'x')`), {
      code: '42501',
    })
  })
}

t.test('the projection role cannot append', async (t) => {
  await t.rejects(appendEvents(database.pool('projection'), [event('b', 1)]), { code: '42501' })
})

t.test('a login without a role of the ledger cannot read it', async (t) => {
  const owner = await database.client()
  await owner.query('CREATE ROLE nobody_here')
  t.after(() => owner.query('DROP ROLE nobody_here'))
  await owner.query('SET ROLE nobody_here')
  await t.rejects(owner.query('SELECT * FROM commitments.events'), { code: '42501' })
  await owner.query('RESET ROLE')
})

t.test('a temporary table named events does not stand in for the log', async (t) => {
  const client = await database.client('command')
  await client.query('CREATE TEMP TABLE events (LIKE commitments.events)')
  await client.query(
    `INSERT INTO pg_temp.events SELECT 1000, 'a', 50, event_id, recorded_at, null, line FROM commitments.events LIMIT 1`,
  )
  await client.query(`SET search_path = pg_temp, commitments`)
  const eventId = '0199a000-0000-7000-8000-000000000000'
  const call = `SELECT outcome, at_version FROM commitments.append_events(
    '{a}', '{1}', '{3}', '{${eventId}}', '{NULL}', $1, '{}', '{}', '{}', false)`
  t.match((await client.query(call, [restOf({ eventId, proposalId: 'a', version: 3 })])).rows, [
    { outcome: 'appended', at_version: 3 },
  ])
  t.equal((await readLog(database.pool(), { after: 0, limit: 10 })).length, 3)
})

t.test('a function of the caller does not stand in for one that append_events calls', async (t) => {
  const client = await database.client()
  await client.query(
    `CREATE SCHEMA attack; CREATE FUNCTION attack.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ SELECT 'epoch'::timestamptz $$`,
  )
  await client.query('SET search_path = attack, commitments, pg_catalog')
  const [appended] = await appendEvents(client, [event('b', 1)])
  t.ok(appended?.outcome === 'appended' && appended.recordedAt > '2020')
})

t.test('after all of this the log is unchanged, except for the appended events', async (t) => {
  const rows = await readLog(database.pool(), { after: 0, limit: 10 })
  t.same(
    rows.map((row) => row.position),
    [1, 2, 3, 4],
  )
})

t.end()
