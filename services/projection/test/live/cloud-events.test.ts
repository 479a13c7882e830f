import { readLogIdentity } from '@commitments/event-store'
import { agreed, funded, proposed } from '@commitments/test-kit'
import { CloudEvent, HTTP } from 'cloudevents'
import t from 'tap'
import { type Ledger, openLedger, startService, type TestService } from '../support.ts'

const batch = { accept: 'application/cloudevents-batch+json' }
const single = { accept: 'application/cloudevents+json' }
const publicUrl = 'https://commitments.example.vn'
const environment = { PUBLIC_URL: publicUrl, CLOUDEVENTS_TYPE_PREFIX: 'vn.example.commitments' }

type Answer = Awaited<ReturnType<TestService['get']>>

/** The events that the CloudEvents SDK reads from an answer. */
function understood({ headers, body }: Answer): CloudEvent<Record<string, unknown>>[] {
  const message = { headers: { 'content-type': String(headers['content-type']) }, body }
  return [HTTP.toEvent<Record<string, unknown>>(message)].flat() as CloudEvent<Record<string, unknown>>[]
}

async function lines(ledger: Ledger): Promise<string[]> {
  const { rows } = await ledger.pool.query('SELECT line FROM events ORDER BY position')
  return rows.map(({ line }) => line)
}

t.test('the SDK for CloudEvents understands a page of the feed, and finds the recorded events in it', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { environment })
  await ledger.record('lab', proposed({ title: { ko: '제목 \u2028' } }), agreed(), funded())
  const { logId } = await readLogIdentity(ledger.pool)
  const answer = await service.get('/v1/events', batch)
  t.match(answer.headers, { 'content-type': /^application\/cloudevents-batch\+json/, 'log-id': logId, vary: 'accept' })
  const events = understood(answer)
  t.equal(events.length, 3)
  const recorded = (await lines(ledger)).map((line) => JSON.parse(line))
  for (const [index, event] of events.entries()) {
    t.ok(event.validate())
    const { eventId, type, recordedAt } = recorded[index]
    t.strictSame(event.data, recorded[index])
    t.match(event, {
      specversion: '1.0',
      id: eventId,
      source: `${publicUrl}/v1/events#${logId}`,
      type: `vn.example.commitments.${type}`,
      subject: 'lab',
      recordedtime: recordedAt,
      sequence: `000000000000000${index + 1}`,
      datacontenttype: 'application/json',
    })
  }
  for (const line of await lines(ledger)) t.ok(answer.body.includes(`"data":${line}}`), 'byte by byte')
})

t.test(
  'pages of CloudEvents lead through the log by their links, and are 304 for a reader that has them',
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger, { environment })
    await ledger.recordAll(Array.from({ length: 7 }, (_, index) => [`p-${index}`, proposed()] as const))
    const seen: string[] = []
    for (let next: string | undefined = '/v1/events?limit=3'; next !== undefined; ) {
      const answer: Answer = await service.get(next, batch)
      seen.push(...understood(answer).map(({ sequence }) => String(sequence)))
      t.equal((await service.get(next, { ...batch, 'if-none-match': String(answer.headers.etag) })).statusCode, 304)
      next = /^<(.*)>; rel="next"$/.exec(String(answer.headers.link))?.[1]
    }
    t.same(seen.map(Number), [1, 2, 3, 4, 5, 6, 7])
    t.same(seen, seen.toSorted(), 'as text they sort as they were recorded')
    t.same((await service.get('/v1/events?after=7', batch)).json(), [])
    t.match((await service.get('/v1/events?after=8', batch)).json(), { code: 'beyond-head' })
    t.match((await service.get('/v1/events?limit=1001', batch)).json(), { code: 'invalid' })
  },
)

t.test('the SDK understands a single event', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { environment })
  await ledger.record('lab', proposed(), agreed())
  const answer = await service.get('/v1/proposals/lab/events/2', single)
  t.match(answer.headers['content-type'], /^application\/cloudevents\+json/)
  const [event] = understood(answer)
  t.ok(event?.validate())
  t.match(event, { type: 'vn.example.commitments.agreed', subject: 'lab', data: { version: 2 } })
  const headers = { ...single, 'if-none-match': String(answer.headers.etag) }
  t.equal((await service.get('/v1/proposals/lab/events/2', headers)).statusCode, 304)
  const plain = await service.get('/v1/proposals/lab/events/2')
  t.match(plain.json(), { event: { version: 2 } })
  t.not(plain.headers.etag, answer.headers.etag)
  t.match((await service.get('/v1/proposals/lab/events/9', single)).json(), { code: 'not-found' })
})

t.test('`time` is when it happened, only if the day is known; the recorded time is a separate attribute', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger, { environment })
  const days = [
    ['2024-07-15', '2024-07-15T00:00:00Z'],
    ['2024-07-15/2024-07-15', '2024-07-15T00:00:00Z'],
    ['2024-07', undefined],
    ['2024', undefined],
    ['2024-07-15/2024-07-16', undefined],
    ['2024-07-15/..', undefined],
    ['[2018..2023]', undefined],
    ['[..2023-01-01]', undefined],
    [null, undefined],
  ] as const
  await ledger.recordAll(days.map(([occurredOn], index) => [`p-${index}`, { ...proposed(), occurredOn }] as const))
  const answer = await service.get('/v1/events', batch)
  for (const [index, event] of answer.json<Record<string, string>[]>().entries()) {
    const [occurredOn, time] = days[index] as (typeof days)[number]
    t.equal(event.time, time, `${occurredOn}`)
    t.equal(event.occurredon, occurredOn ?? undefined)
    t.match(event.recordedtime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    t.not(event.recordedtime, event.time)
  }
  t.match(understood(answer)[0], { time: '2024-07-15T00:00:00Z', occurredon: '2024-07-15' })
  // If `time` is absent, this SDK uses the time of reading, which is why `occurredon` and `recordedtime` exist.
  t.match(understood(answer)[2], { occurredon: '2024-07' })
})

t.test('if the address of the service is not known, the source is relative and still names the log', async (t) => {
  const ledger = await openLedger(t)
  const service = await startService(t, ledger)
  await ledger.record('lab', proposed())
  const { logId } = await readLogIdentity(ledger.pool)
  const [event] = understood(await service.get('/v1/events', batch))
  t.match(event, { source: `/v1/events#${logId}`, type: 'localhost.commitments.proposed' })
  t.ok(event?.validate())
})
