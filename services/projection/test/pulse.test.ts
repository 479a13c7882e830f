/** The one look of the follower, by which everything else in the service knows that it need not ask. */
import { setTimeout as sleep } from 'node:timers/promises'
import { openPool } from '@commitments/event-store'
import { eventually, pastGuards, proposed } from '@commitments/test-kit'
import t from 'tap'
import { pulseQuery } from '../src/pulse.ts'
import { openLedger } from './support.ts'
import { startKeeping } from './transparency/support.ts'

t.setTimeout(120_000)

/** What an operator, an intruder or another instance does, and what only the look can tell a service that is at rest. */
const changes: Readonly<Record<string, string>> = {
  'an event': '',
  'the last line': pastGuards(`UPDATE events SET line = line || ' ' WHERE position = 3`),
  'the row of the tree': 'UPDATE log_tree SET epoch = epoch + 1',
  'a checkpoint': 'UPDATE log_checkpoints SET published_at = clock_timestamp()',
  'a cosignature': `INSERT INTO log_cosignatures SELECT log_id, size, 'w', 'x' FROM log_checkpoints`,
  'another cosignature': `UPDATE log_cosignatures SET line = 'y'`,
  'a cosignature less': 'DELETE FROM log_cosignatures',
  'a halt': `INSERT INTO log_halts SELECT log_id, 'lines', 'why' FROM log_identity`,
  'no halt': 'DELETE FROM log_halts',
  'a difference': `INSERT INTO projection_drift VALUES ('lab', 1, 'x', now(), now(), 'proposal-status')`,
  'the comparison of all': 'UPDATE drift_rounds SET is_asked = true',
  'an endpoint with something to get': `INSERT INTO webhooks (name, owner, url, content, types, proposals, parties, parents, key_id, log_id, position)
    SELECT 'books', 'key:x', 'https://x.example', 'event', '{}', '{}', '{}', '{}', 'k', log_id, 0 FROM log_identity`,
  'an attempt': 'UPDATE webhooks SET attempts = attempts + 1',
  'an endpoint that another holds': `UPDATE webhooks SET holder = gen_random_uuid(), held_until = now() + interval '0.4 s'`,
  'a lease that is over': 'SELECT pg_sleep(0.5)',
  'a paused endpoint': `UPDATE webhooks SET paused = 'by-hand'`,
  'another live generation': `UPDATE projection_generations SET state = 'retired' WHERE projection = 'proposal-moments'`,
  'another identity of the log': `INSERT INTO log_identity SELECT (jsonb_populate_record(i, jsonb_build_object('log_id', gen_random_uuid(), 'generation', generation + 1))).* FROM log_identity i`,
}

t.test('whatever a part of the service would find by asking changes the look, and nothing else does', async (t) => {
  const ledger = await openLedger(t)
  const service = await startKeeping(t, ledger)
  await ledger.record('lab', proposed())
  await service.signedAt(await ledger.record('centre', proposed()))
  await service.stop()
  const asService = ledger.database.pool('projection', { max: 1 })
  const look = async () => JSON.stringify((await asService.query(pulseQuery)).rows)
  for (const [what, sql] of Object.entries(changes)) {
    const before = await look()
    t.equal(await look(), before, `before ${what}`)
    if (sql === '') await ledger.record('third', proposed())
    else await ledger.pool.query(sql)
    t.not(await look(), before, what)
  }
})

t.test('a service at rest asks nothing but the look, and finds what nobody announced', async (t) => {
  const ledger = await openLedger(t)
  const { url } = ledger.database
  const [pool, checkPool] = [1, 2].map(() => openPool(url, { ledger: 'commitments', role: 'projection' }))
  t.after(() => Promise.all([pool?.end(), checkPool?.end()]))
  if (pool === undefined || checkPool === undefined) throw new Error('two were made')
  let asked = 0
  for (const one of [pool, checkPool]) one.on('acquire', () => (asked += 1))
  const service = await startKeeping(t, ledger, undefined, {
    pool,
    checkPool,
    shortestRound: 60_000,
    longestRest: 60_000,
  })
  await service.signedAt(await ledger.record('lab', proposed()))
  await eventually(async () => {
    asked = 0
    await sleep(2_000)
    return asked === 0
  })
  // Without a notification, which only announces.
  await ledger.pool.query(
    `INSERT INTO events (position, proposal_id, version, event_id, recorded_at, line)
     SELECT 2, 'centre', 1, e.id, t.at, format('{"position":2,"recordedAt":"%s",%s', recorded_at_text(t.at),
       replace(regexp_replace(substring(line FROM '"eventId".*'), '"eventId":"[^"]*"', '"eventId":"' || e.id || '"'), '"lab"', '"centre"'))
       FROM events, (SELECT gen_random_uuid() AS id) e, (SELECT statement_timestamp() AS at) t`,
  )
  await service.signedAt(2)
  await service.applied(2)
  t.equal((await service.get('/v1/proposals/centre')).statusCode, 200)
})
