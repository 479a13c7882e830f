/** A reader never gets a line of another past for one of its own. */
import { acceptRestore, readLogIdentity } from '@commitments/event-store'
import { proposed } from '@commitments/test-kit'
import { signingFor } from '@commitments/test-kit/services'
import t from 'tap'
import { openLedger, startService } from '../support.ts'
import { backUp, recordMany, startKeeping } from '../transparency/support.ts'
import { openStream } from './event-stream.ts'

t.setTimeout(120_000)

t.test('a connected reader gets nothing after an event in whose place there is another one by now', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  const url = `${await service.app.listen({ port: 0, host: '127.0.0.1' })}/v1/events`
  await recordMany(ledger, 1, 3)
  const [early, late] = [await openStream(t, url), await openStream(t, `${url}?after=3`)]
  await early.until(3)
  await recordMany(ledger, 4, 4)
  await early.until(4)
  await late.until(1)
  // As after a failover to a server that lacked it, and has recorded something else since: in one step, so that nobody sees it shorter.
  await ledger.pool.query(`ALTER TABLE events DISABLE TRIGGER ALL;
    UPDATE events SET event_id = n.id, line = replace(line, event_id::text, n.id::text)
      FROM (SELECT gen_random_uuid() AS id) n WHERE position = 4;
    INSERT INTO events (position, proposal_id, version, event_id, recorded_at, line)
      SELECT 5, 'other-past', 1, gen_random_uuid(), recorded_at, '{"position":5,"of":"another past"}' FROM events WHERE position = 4`)
  t.same(await Promise.all([early.ended, late.ended]), ['end', 'end'])
  t.same(early.positions(), [1, 2, 3, 4])
  t.same(late.positions(), [4])
  t.notMatch(early.text() + late.text(), /another past/)
})

t.test(
  'where more was signed than the log has, a reader does not continue beyond the signed part, however far the log has grown, until a restore is accepted',
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startKeeping(t, ledger, signingFor(t))
    await recordMany(ledger, 1, 5)
    await service.signedAt(5)
    const reader = await startService(t, ledger, { environment: { PROJECTION_MODE: 'read' } })
    const restore = await backUp(ledger)
    await recordMany(ledger, 6, 9)
    await service.signedAt(9)
    await restore()
    ledger.versions.clear()
    await service.untilReady(false, /9 events was signed/)
    // Somebody has recorded before that was known.
    await ledger.pool.query('ALTER TABLE events DISABLE TRIGGER events_halted')
    await ledger.recordAll(Array.from({ length: 8 }, (_, index) => [`again-${index}`, proposed()] as const))
    await service.untilReady(false, /differs from its signed state/)
    const { logId } = await readLogIdentity(ledger.pool)
    const asks = (position: number): [string, Record<string, string>][] => [
      [`/v1/events?after=${position}`, {}],
      [`/v1/events?after=${position}`, { accept: 'application/x-ndjson' }],
      [`/v1/events?after=${position}`, { accept: 'application/cloudevents-batch+json' }],
      ['/v1/events', { accept: 'text/event-stream', 'last-event-id': `${logId}:${position}` }],
      [`/v1/changes?since=${position}`, {}],
      [`/v1/proposals?knownAtPosition=${position}`, {}],
      [`/v1/proposals/p1?knownAtPosition=${position}`, {}],
      [`/v1/portfolio?knownAtPosition=${position}`, {}],
      [`/v1/tables/proposals?knownAtPosition=${position}`, {}],
    ]
    await reader.applied(13)
    for (const [place, url, headers] of [service, reader].flatMap((one) =>
      asks(7).map((ask) => [one, ...ask] as const),
    )) {
      const answer = await place.get(url, headers)
      t.match(
        { ...answer.json(), status: answer.statusCode },
        { status: 409, code: 'beyond-head', head: 5, detail: /Up to position 5 it is as it was signed; position 7 is/ },
        `${url} ${headers['accept'] ?? ''}`,
      )
    }
    for (const [url, headers] of asks(5).filter(([, { accept }]) => accept !== 'text/event-stream')) {
      t.equal((await service.get(url, headers)).statusCode, 200, `${url}: what is signed is certain`)
    }
    t.equal((await service.get('/v1/events')).statusCode, 200, 'who begins has nothing to lose')
    const never = await service.get('/v1/proposals/p1?atLeast=99')
    t.match(never.json(), { status: 503, code: 'not-yet-applied', detail: /it is lost/ })
    t.equal(never.headers['retry-after'], '300', 'somebody has to decide')
    await acceptRestore(ledger.pool, 'a backup')
    for (const [url, headers] of asks(7).filter(([, { accept }]) => accept !== 'text/event-stream')) {
      const answer = await service.get(url, headers)
      t.equal(answer.statusCode, 200)
      t.not(answer.headers['log-id'], logId, 'a reader sees that it is another log')
    }
  },
)
