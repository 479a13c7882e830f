import { agreed, delivered, funded, proposed } from '@commitments/test-kit'
import * as fc from 'fast-check'
import { allowed, type Call, type Documented, inbox, operations, wishOf } from '../operations/operations.ts'
import { mutated, oddText } from './json-text.ts'

const bodies = [
  proposed(),
  proposed({ parent: 'lab', planned: { start: '2024-01', end: '2026' }, requestedFunding: [{ financeType: 'loan' }] }),
  agreed(),
  funded(),
  funded({ amount: null, amountStatus: 'undisclosed' }),
  delivered({ complete: false }),
  { ...agreed(), note: { en: 'A note' }, confidence: 'official', assertedBy: 'most-vn', correlationId: 'c' },
]

const json: fc.Arbitrary<string | Buffer> = fc.oneof(
  { weight: 6, arbitrary: mutated(bodies) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: oddText },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
)

const wishes = [
  wishOf(proposed().data),
  { ...wishOf({ title: { en: 'X' }, planned: { end: '2028' }, parent: 'lab', fields: [] }), reason: { en: 'So.' } },
  wishOf({ agreed: agreed().data, lines: [funded().data], milestones: [{ milestone: 'm', title: { en: 'M' } }] }),
  wishOf({ parties: [{ party: 'lab', left: true }], links: [{ relation: 'precedes', other: 'lab', unlinked: true }] }),
]

const endpoints = [
  {
    ...inbox,
    content: 'notice',
    after: 0,
    filter: { types: ['agreed'], proposals: ['lab'], parties: [], parents: [] },
  },
  { after: 1, paused: true },
]

/** The bodies that are odd in the way of an operation. */
function payloadOf(operationId: string): fc.Arbitrary<string | Buffer> {
  if (operationId === 'recordEvents') return ndjson
  if (operationId === 'keepInStep') return fc.oneof({ weight: 6, arbitrary: mutated(wishes) }, json)
  return operationId.endsWith('Webhook') ? fc.oneof({ weight: 6, arbitrary: mutated(endpoints) }, json) : json
}

const bulkLines = bodies.map((body, index) => ({
  proposalId: `bulk-${index}`,
  idempotencyKey: `key-${index}`,
  ifVersion: index,
  ...body,
}))

const ndjson: fc.Arbitrary<string | Buffer> = fc.oneof(
  { weight: 4, arbitrary: fc.array(mutated(bulkLines), { maxLength: 6 }).map((lines) => lines.join('\n')) },
  { weight: 1, arbitrary: fc.array(oddText, { maxLength: 6 }).map((lines) => lines.join('\r\n')) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
)

/** Any text that is possible in a header. */
const headerText = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 300 }),
  fc.constantFrom('"', '""', '"a', 'W/"1"', '"1"', '"1", "2"', '*', '*, "1"', '"\\"', '"\\\\"', ',', '"a""b"', 'null'),
  fc.constantFrom('application/json', 'application/json;charset=latin1', 'text/*;q=0.1, */*;q=0', 'a/b;q=x', '/', ';;'),
  fc.constantFrom('Bearer', 'Bearer ', 'bearer x', 'Basic eA==', 'Bearer x y'),
)

const headerNames = [
  ['idempotency-key', 'if-match', 'if-none-match', 'accept', 'content-type', 'content-encoding', 'traceparent'],
  ['authorization', 'x-request-id', 'accept-encoding', 'range', 'origin', 'host', 'cookie', 'x-forwarded-for'],
].flat()

const headers = fc.dictionary(fc.constantFrom(...headerNames), headerText, { maxKeys: 3, noNullPrototype: true })

/** Well-formed or not, including percent escapes. */
const urlText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => encodeURIComponent(text.toWellFormed())),
  fc.constantFrom(
    '%',
    '%zz',
    '%00',
    '%ff',
    '%ed%a0%80',
    '%2f',
    '..',
    '%2e%2e',
    '__proto__',
    'constructor',
    'x'.repeat(600),
  ),
  fc.constantFrom(
    '0',
    '-1',
    '1e3',
    '01',
    '99999999999999999999',
    '9007199254740991',
    '9007199254740992',
    '1.5',
    '%20',
    '',
  ),
  fc.constantFrom(
    'lab',
    'proposed,agreed',
    'proposed,',
    ',',
    'VN',
    'vn',
    'title',
    '-updated',
    '%25',
    '%5f',
    '%5c',
    '2024-01-01T00:00:00Z',
  ),
)

const rightPairs = [
  ['stage=agreed,proposed', 'stage=proposed&stage=funded', 'ending=none', 'kind=joint-research', 'condition=unknown'],
  ['party=most-vn', 'role=funder', 'party=msit-kr&role=funder', 'country=VN,KR', 'parent=lab', 'q=l', 'q=%25', 'q=%5c'],
  ['updatedSince=2024-01-01T00:00:00Z', 'updatedSince=9999-12-31T23:59:59.999999%2B14:00', 'sort=-updated'],
  ['sort=title', 'sort=-plannedEnd', 'limit=1', 'atLeast=1', 'after=1', 'dryRun=true', 'atomic=false'],
].flat()

function query(names: readonly string[], cursor: string): fc.Arbitrary<string> {
  const right = rightPairs.filter((pair) => names.includes(pair.split('=')[0] ?? ''))
  const odd = fc.oneof(urlText, tampered(cursor))
  const name = fc.constantFrom('surprise', '__proto__', ...names)
  const pair = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('', ...right) },
    { weight: 1, arbitrary: fc.tuple(name, odd).map(([name, value]) => `${name}=${value}`) },
    { weight: names.includes('cursor') ? 2 : 0, arbitrary: tampered(cursor).map((text) => `cursor=${text}`) },
  )
  return fc.array(pair, { maxLength: 3 }).map((pairs) => pairs.join('&'))
}

/** Cursors that somebody has tampered with. */
export function tampered(cursor: string): fc.Arbitrary<string> {
  const content: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  return mutated([content]).map((text) => Buffer.from(text).toString('base64url'))
}

/** Calls of an operation that are wrong in any way; some are right. */
export function calls({ service, operationId, path, queryNames }: Documented, cursor: string): fc.Arbitrary<Call> {
  const base = operations[service][operationId]
  if (!base) throw new Error(`${service} ${operationId} has no row in tests/operations/operations.ts`)
  const parts = fc.record({
    query: fc.oneof(fc.constant(''), query(queryNames, cursor)),
    path: fc.oneof(
      { weight: 4, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.array(urlText, { minLength: 2, maxLength: 2 }) },
    ),
    headers: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: headers }),
    payload: payloadOf(operationId),
    atomic: fc.boolean(),
  })
  return parts.map((part) => {
    const call = allowed(base.call())
    const url = part.path === null ? call.url : filled(path, part.path)
    const flag = operationId === 'recordEvents' && part.atomic ? 'atomic=true&' : ''
    const hasBody = call.payload !== undefined
    return {
      ...call,
      url: `${url}?${flag}${part.query}`,
      headers: { ...call.headers, ...part.headers },
      ...(hasBody ? { payload: part.payload } : {}),
    }
  })
}

function filled(path: string, values: readonly string[]): string {
  let next = 0
  return path.replace(/\{\w+\}/g, () => values[next++] ?? '')
}
