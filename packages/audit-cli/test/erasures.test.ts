/** Nobody passes off a line as erased, unless the log itself says so. */
import { leafHash } from '@commitments/transparency'
import t from 'tap'
import { envelopeOf } from '../src/verify/check-line.ts'
import { checkErasure, erasureCheck, erasureFinding } from '../src/verify/erasures.ts'

const by = '01935000-0000-7000-8000-000000000009'
const eventId = '01935000-0000-7000-8000-000000000001'
const leaf = 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg='
const recordedAt = '2026-11-22T08:00:00.000123Z'
const rest = { type: 'started', schemaVersion: 1, occurredOn: null, recordedBy: 'key:a', data: {} }

function erasedLine(changes: object = {}): Buffer {
  const line = {
    position: 1,
    erased: { by },
    leafHash: leaf,
    recordedAt,
    eventId,
    proposalId: 'lab',
    version: 1,
    ...rest,
    ...changes,
  }
  return Buffer.from(JSON.stringify(line))
}

function record(of: Buffer, changes: object = {}, data: object = {}): Buffer {
  const events = [{ version: 1, position: 1, leafHash: leafHash(of).toString('base64') }]
  const said = { events, reason: { en: 'x' }, decidedBy: { en: 'x' }, proposedBy: 'key:a', ...data }
  const usual = { position: 2, recordedAt, eventId: by, nonce: 'AAAAAAAAAAAAAAAAAAAAAA', proposalId: 'lab', version: 2 }
  const line = {
    ...usual,
    type: 'erased',
    schemaVersion: 1,
    occurredOn: null,
    recordedBy: 'key:b',
    data: said,
    ...changes,
  }
  return Buffer.from(JSON.stringify(line))
}

function found(...lines: Buffer[]) {
  const check = erasureCheck()
  for (const line of lines) {
    const envelope = envelopeOf(line)
    if (typeof envelope === 'string') throw new Error(envelope)
    checkErasure(check, envelope, line)
  }
  return erasureFinding(check)
}

const line = erasedLine()

t.test('an erased line that the log names holds, and is said', async (t) => {
  t.match(found(line, record(line)), {
    outcome: 'held',
    sentence:
      /texts of 1 of the events are erased \(position 1\): what they said cannot be checked, only that its hashes are in the tree\. One event of the log, by two callers, says/,
  })
})

const forged: Record<string, [Buffer[], RegExp]> = {
  'no event names it': [[line], /no event of the log up to here records that/],
  'the event is of another proposal': [[line, record(line, { proposalId: 'other' })], /no event of the log/],
  'the event names another position': [
    [line, record(line, {}, { events: [{ version: 1, position: 7, leafHash: leaf }] })],
    /no event of the log/,
  ],
  'it says something else now': [[erasedLine({ occurredOn: '2024' }), record(line)], /has another hash/],
  'it names another event': [[line, record(line, { eventId })], /and it was/],
  'one caller alone': [[line, record(line, { recordedBy: 'key:a' })], /alone both proposed and approved/],
  'the record is itself an erased line': [
    [
      line,
      Buffer.from(
        JSON.stringify({ ...JSON.parse(String(record(line))), nonce: undefined }).replace(
          '"recordedAt"',
          `"erased":{"by":"${by}"},"leafHash":"${leaf}","recordedAt"`,
        ),
      ),
    ],
    /no event of the log/,
  ],
}

for (const [name, [lines, because]] of Object.entries(forged)) {
  t.test(`an erased line is broken if ${name}`, async (t) => {
    t.match(found(...lines), { outcome: 'broken', because })
  })
}

t.test('an older copy, which still has the texts, holds, and is said', async (t) => {
  const whole = Buffer.from(
    JSON.stringify({
      position: 1,
      recordedAt,
      eventId,
      nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
      proposalId: 'lab',
      version: 1,
      ...rest,
    }),
  )
  t.match(found(whole, record(line)), { outcome: 'held', sentence: /an older copy/ })
  t.equal(found(whole), null, 'nothing was erased')
})

t.test('a line that is erased by half has no form that the log writes', async (t) => {
  const text = String(line)
  t.type(
    envelopeOf(Buffer.from(text.replace('"proposalId"', '"nonce":"AAAAAAAAAAAAAAAAAAAAAA","proposalId"'))),
    'string',
  )
  t.type(envelopeOf(Buffer.from(text.replace(/"leafHash":"[^"]*",/, ''))), 'string')
})
