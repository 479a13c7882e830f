import { agreed, example, funded, proposed } from '@commitments/test-kit'
import t from 'tap'
import { openLedger, startService } from './support.ts'

const correction = example('corrected', { corrections: [{ event: 2, occurredOn: '2024-07' }] })

t.test('an event is shown with the corrections and retractions in force, wherever the page ends', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('other', proposed(), agreed())
  await ledger.record('lab', proposed(), agreed(), funded(), correction, example('retracted', { events: [3] }))
  const first = (await service.get('/v1/proposals/lab/events?limit=2')).json().events
  t.match(first, [
    { correctedBy: [], retractedBy: null },
    { correctedBy: [4], retractedBy: null },
  ])
  const second = (await service.get('/v1/proposals/lab/events?after=2&limit=1')).json().events
  t.match(second, [{ event: { type: 'funded' }, correctedBy: [], retractedBy: 5 }])
  t.match((await service.get('/v1/proposals/lab/events/2')).json(), { event: { version: 2 }, correctedBy: [4] })
  t.match((await service.get('/v1/proposals/other/events/2')).json(), { correctedBy: [], retractedBy: null })
})

t.test('a retracted correction corrects nothing, and is shown as retracted', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('lab', proposed(), agreed(), correction, example('retracted', { events: [3] }))
  const { events } = (await service.get('/v1/proposals/lab/events')).json()
  t.match(events[1], { correctedBy: [], retractedBy: null })
  t.match(events[2], { correctedBy: [], retractedBy: 4 })
})

t.test('the feed shows the same annotations as the history', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('lab', proposed())
  await ledger.record('other', proposed())
  await ledger.record('lab', agreed(), correction)
  const { events } = (await service.get('/v1/events?limit=3')).json()
  t.match(
    events.map(({ event, correctedBy }: { event: { position: number }; correctedBy: number[] }) => [
      event.position,
      correctedBy,
    ]),
    [
      [1, []],
      [2, []],
      [3, [3]],
    ],
  )
})

t.test('the ETags of pages and events change when an event about their events is recorded', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('lab', proposed(), agreed())
  const urls = ['/v1/proposals/lab/events?limit=2', '/v1/proposals/lab/events/2', '/v1/events?limit=2']
  const before = await Promise.all(urls.map((url) => service.get(url)))
  await ledger.record('lab', correction)
  for (const [index, url] of urls.entries()) {
    const etag = String(before[index]?.headers.etag)
    const after = await service.get(url, { 'if-none-match': etag })
    t.equal(after.statusCode, 200, url)
    t.not(after.headers.etag, etag)
    t.equal((await service.get(url, { 'if-none-match': String(after.headers.etag) })).statusCode, 304)
  }
})

t.test('the status shows both sides of what is contested, and who resolved it', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('lab', proposed(), agreed())
  const contested = await ledger.record('lab', example('contested', { event: 2 }))
  const open = (await service.get(`/v1/proposals/lab?atLeast=${contested}`)).json()
  t.match(open.contested, [{ event: 2 }])
  const resolved = await ledger.record('lab', example('contest-resolved', { event: 2 }))
  const closed = (await service.get(`/v1/proposals/lab?atLeast=${resolved}`)).json()
  t.not(JSON.stringify(closed.contested), JSON.stringify(open.contested))
  t.equal(closed.stage, 'agreed', 'a claim is a claim, and not a correction')
})

t.test('an invalid correction does not make its history unreadable', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('lab', proposed())
  const rest = '"eventId":"01935000-0000-7000-8000-000000000000","proposalId":"lab","version":2,"type":"corrected"}'
  await ledger.recordRest('lab', rest)
  const { rows } = await ledger.pool.query('SELECT line FROM events WHERE version = 2')
  t.match(rows[0].line, /"type":"corrected"/)
  t.match((await service.get('/v1/proposals/lab/events/1')).json(), { correctedBy: [], retractedBy: null })
})

t.test('each event of a history has the day from which it counts, and a retracted one counts on none', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  const dated = (occurredOn: string) => ({ occurredOn, evidence: [{ title: 'Report', supports: 'Says so.' }] })
  await ledger.record(
    'lab',
    proposed({}, dated('2020')),
    agreed({}, dated('2020-06-15')),
    funded({}, dated('2021-03')),
    example('corrected', { corrections: [{ event: 3, occurredOn: '2022-05' }] }),
  )
  const days = async (query = '') =>
    (await service.get(`/v1/proposals/lab/events?${query}`))
      .json()
      .events.map((one: { countsFrom: string }) => one.countsFrom)
  // A proposal of some day in 2020 had happened when it was agreed; a correction counts wherever the proposal exists.
  t.same(await days(), ['2020-06-15', '2020-06-15', '2022-05-31', '2020-06-15'])
  t.same(await days('after=2&limit=1'), ['2022-05-31'], 'wherever the page begins')
  t.match((await service.get('/v1/proposals/lab/events/3')).json(), { countsFrom: '2022-05-31' })
  await ledger.record('lab', example('retracted', { events: [3] }))
  t.same(await days(), ['2020-06-15', '2020-06-15', null, '2020-06-15', '2020-06-15'])
  const { events } = (await service.get('/v1/events')).json()
  t.notOk('countsFrom' in events[0], 'the feed is the log as it is, and says nothing of it')
})
