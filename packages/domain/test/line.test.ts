import {
  bodyOf,
  decodeLine,
  type EventToRecord,
  encodeRest,
  maxRestBytes,
  parseBulkLine,
  parseEventBody,
  RecordedEvent,
  Signature,
  spliceLine,
} from '@commitments/domain'
import { agreed, delivered, funded, holds, proposed, recorded } from '@commitments/test-kit/domain'
import * as fc from 'fast-check'
import t from 'tap'

const [signatureExample] = (Signature.meta()?.examples ?? []) as Signature[]
const recordedAt = '2026-11-22T08:00:00.000123Z'

/** An event as a service records it, from the caller's request. */
function toRecord(value: unknown, members: Partial<EventToRecord> = {}): EventToRecord {
  const parsed = parseEventBody(value)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
  const { position: _position, recordedAt: _recordedAt, ...event } = recorded(parsed.body)
  return { ...event, ...members } as EventToRecord
}

t.test('the envelope of a line has the designed order, without absent members', async (t) => {
  const order =
    'position recordedAt eventId nonce proposalId version type schemaVersion occurredOn recordedBy assertedBy confidence evidence note data ' +
    'correlationId causationId traceparent signature'
  const full = {
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    causationId: 'cause',
    correlationId: 'correlation',
    note: { en: 'Note' },
    confidence: 'official' as const,
    assertedBy: 'most-vn',
    signature: signatureExample,
  }
  const { traceparent, ...envelope } = full
  const line = spliceLine(17, recordedAt, encodeRest(toRecord(agreed({}, envelope), { traceparent })))
  t.same(Object.keys(JSON.parse(line)), order.split(' '))
  const short = spliceLine(17, recordedAt, encodeRest(toRecord(agreed())))
  t.same(
    Object.keys(JSON.parse(short)),
    order.split(' ').filter((member) => !(member in full)),
  )
})

t.test('data is in the order of its schema, whatever the order of the request', async (t) => {
  const { data } = funded()
  const reversed = Object.fromEntries(Object.entries(data).toReversed())
  t.equal(encodeRest(toRecord({ ...funded(), data: reversed })), encodeRest(toRecord(funded())))
})

t.test('a rest begins with the event id, so that position and time can be spliced in front', async (t) => {
  const rest = encodeRest(toRecord(agreed()))
  t.match(rest, /^"eventId":"/)
  t.equal(spliceLine(17, recordedAt, rest), JSON.stringify({ position: 17, recordedAt, ...JSON.parse(`{${rest}`) }))
})

t.test('100 bytes are enough for the longest position and time', async (t) => {
  const added = spliceLine(Number.MAX_SAFE_INTEGER, recordedAt, '').length
  t.ok(added <= 100, `${added}`)
  t.equal(maxRestBytes, 65_383)
})

t.test('any text comes back from its line as it was received', async (t) => {
  const texts = [
    'a\u2028b\u2029c',
    'emoji 👩‍🔬 and 𠮷',
    'Đề xuất'.normalize('NFC'),
    'Đề xuất'.normalize('NFD'),
    '\ufeff"quoted" \\ back\tslash\r\n',
    '한국어 \u0001',
  ]
  for (const text of texts) {
    const body = proposed({ title: { vi: text } })
    const line = spliceLine(1, recordedAt, encodeRest(toRecord(body)))
    t.notMatch(line, /\n/, 'a line has no line break inside')
    t.equal((decodeLine(line).data as typeof body.data).title.vi, text)
  }
})

t.test('a line decodes to the recorded event, and to the requested body', async (t) => {
  const visible = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 60 })
    .filter((text) => /[\p{L}\p{N}]/u.test(text) && text.isWellFormed())
  const texts = fc.dictionary(fc.constantFrom('en', 'vi', 'ko', 'zh-Hant'), visible, { minKeys: 1 })
  const bodies = fc.oneof(
    texts.map((title) => proposed({ title })),
    texts.map((objectives) => agreed({ terms: { objectives, start: null } })),
    visible.map((agreementNumber) => funded({ agreementNumber })),
    texts.map((deliverable) => delivered({ deliverables: [deliverable] }, { note: deliverable })),
  )
  holds(
    t,
    fc.property(bodies, fc.integer({ min: 1, max: 2 ** 50 }), (body, position) => {
      const event = toRecord(body)
      const line = spliceLine(position, recordedAt, encodeRest(event))
      const decoded = decodeLine(line)
      t.same(decoded, { position, recordedAt, ...event })
      t.same(bodyOf(decoded), { ...body, proposalId: event.proposalId })
      return RecordedEvent.safeParse(decoded).success && spliceLine(position, recordedAt, encodeRest(decoded)) === line
    }),
    { numRuns: 200 },
  )
})

t.test('the body of a recorded event is that of a bulk line', async (t) => {
  const line = { ...delivered({}, { note: { en: 'Note' }, correlationId: 'c' }), proposalId: 'joint-laboratory' }
  const parsed = parseBulkLine(line)
  const event = decodeLine(
    spliceLine(1, recordedAt, encodeRest(toRecord(delivered({}, { note: { en: 'Note' }, correlationId: 'c' })))),
  )
  t.same(parsed.ok && parsed.body, bodyOf(event))
})
