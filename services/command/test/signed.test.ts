import { generateKeyPairSync, type KeyObject, verify } from 'node:crypto'
import type { EventBody, Signature } from '@commitments/domain'
import { acceptRestore } from '@commitments/event-store'
import {
  agreed,
  example,
  keyFile,
  proposed,
  publicKeyText,
  type SignedFor,
  secretOf,
  signedBy,
} from '@commitments/test-kit'
import { statementOf } from '@commitments/transparency'
import t, { type Test } from 'tap'
import { type CommandFixture, openCommandApp } from './app-fixture.ts'

const past = '2020-01-01T00:00:00Z'
const future = '2999-01-01T00:00:00Z'

function newKey(): KeyObject {
  return generateKeyPairSync('ed25519').privateKey
}

interface Signing extends CommandFixture {
  readonly logId: string
  readonly key: KeyObject
  /** Registered, and expired; registered, and not valid yet. */
  readonly old: KeyObject
  readonly next: KeyObject
  /** Of the caller `bound`. */
  readonly boundKey: KeyObject
  /** Signed by the caller `most` for this log, if nothing else is said. */
  sign(proposalId: string, body: EventBody, over?: Partial<SignedFor>): EventBody & { signature: Signature }
}

const by = (name: string) => ({ headers: { authorization: `Bearer ${secretOf(name)}` } })
let count = 0

/** `most` may sign, `strict` must, and `bound` speaks for a party and may sign. */
async function openSigning(t: Test): Promise<Signing> {
  const [key, old, next, boundKey, strictKey] = [newKey(), newKey(), newKey(), newKey(), newKey()]
  const own = { publicKey: publicKeyText(key) }
  const signingKeys = [
    own,
    { publicKey: publicKeyText(old), expires: past },
    { publicKey: publicKeyText(next), notBefore: future },
  ]
  const scopes = ['record']
  const file = keyFile(t, [
    { name: 'registry', scopes },
    { name: 'most', scopes, signingKeys },
    { name: 'strict', scopes, signingKeys: [{ publicKey: publicKeyText(strictKey) }], requireSignature: true },
    { name: 'bound', scopes, party: 'most-vn', signingKeys: [{ publicKey: publicKeyText(boundKey) }] },
  ])
  const fixture = await openCommandApp(t, { environment: { API_KEYS_FILE: file } })
  const { rows } = await fixture.database.pool().query('SELECT log_id FROM log_identity')
  const logId = String(rows[0]?.log_id)
  const sign: Signing['sign'] = (proposalId, body, over) =>
    signedBy(body, { key, log: logId, once: `once-${(count += 1)}`, proposalId, recordedBy: 'key:most', ...over })
  return { ...fixture, logId, key, old, next, boundKey, sign }
}

async function lines({ database }: CommandFixture): Promise<string[]> {
  const { rows } = await database.pool().query<{ line: string }>('SELECT line FROM events ORDER BY position')
  return rows.map(({ line }) => line)
}

t.test('a signature stays in the line, and holds from the line and the public key alone', async (t) => {
  const fixture = await openSigning(t)
  const body = fixture.sign('lab', proposed({}, { note: { vi: 'Ghi chú', en: '“quoted”\u007f' } }), { version: 1 })
  const answer = await fixture.post('lab', body, by('most'))
  t.equal(answer.statusCode, 201, answer.body)
  const [line = ''] = await lines(fixture)
  const event = JSON.parse(line)
  t.same(Object.keys(event).at(-1), 'signature')
  t.same(event.signature, body.signature)
  const text = statementOf(event) ?? ''
  const key = { key: { kty: 'OKP', crv: 'Ed25519', x: event.signature.key }, format: 'jwk' } as const
  t.ok(verify(null, Buffer.from(text), key, Buffer.from(event.signature.value, 'base64url')))
  t.match(text, /^commitments-event\/1\n\{"data":.*"recordedBy":"key:most","signature":\{"key":/)
  t.notMatch(text, /"(?:position|recordedAt|eventId|nonce|schemaVersion|traceparent|value)":/)
})

t.test(
  'each line of an import has its own signature, whether it stands alone or all are recorded together',
  async (t) => {
    const fixture = await openSigning(t)
    for (const [way, query] of [
      ['alone', {}],
      ['together', { atomic: 'true' }],
    ] as const) {
      const all = [
        { ifVersion: 0, ...fixture.sign(way, proposed(), { version: 1 }) },
        fixture.sign(way, agreed()),
        example('risk-flagged'),
        fixture.sign(way, example('corrected')),
        fixture.sign(way, example('retracted', { events: [3] })),
      ].map((line) => ({ proposalId: way, ...line }))
      const answer = await fixture.bulk(all, { ...by('most'), query })
      const summary = { lines: 5, recorded: 5, replayed: 0, refused: 0 }
      t.match(answer.body, `"summary":${JSON.stringify(summary)}`, answer.body)
      const again = await fixture.bulk(all.toSpliced(2, 1), { ...by('most'), query })
      t.match(again.body, '"recorded":0,"replayed":4,"refused":0', 'once is the idempotency key')
      const kept = (await lines(fixture)).map((line) => JSON.parse(line)).filter(({ proposalId }) => proposalId === way)
      t.same(
        kept.map(({ signature }) => signature !== undefined),
        [true, true, false, true, true],
      )
    }
  },
)

/** A signed `proposed` in which something is not as it was signed, or not as it should be; and the answer. */
type Fault = readonly [what: string, change: (fixture: Signing, proposalId: string) => object, code: string]

const faults: readonly Fault[] = [
  ['data', ({ sign }, id) => ({ ...sign(id, proposed()), data: proposed({ kind: 'system' }).data }), 'bad-signature'],
  ['date', ({ sign }, id) => ({ ...sign(id, proposed()), occurredOn: '2023' }), 'bad-signature'],
  ['who asserts', ({ sign }, id) => ({ ...sign(id, proposed()), assertedBy: 'msit-kr' }), 'bad-signature'],
  ['a note', ({ sign }, id) => ({ ...sign(id, proposed()), note: { en: 'Added' } }), 'bad-signature'],
  ['a correlation', ({ sign }, id) => ({ ...sign(id, proposed()), correlationId: 'added' }), 'bad-signature'],
  ['its proposal', ({ sign }) => sign('another', proposed()), 'bad-signature'],
  ['its caller', ({ sign }, id) => sign(id, proposed(), { recordedBy: 'key:registry' }), 'bad-signature'],
  ['once', ({ sign }, id) => changed(sign(id, proposed()), { once: 'other' }), 'bad-signature'],
  [
    'its log',
    ({ sign, logId }, id) => changed(sign(id, proposed(), { log: another }), { log: logId }),
    'bad-signature',
  ],
  ['its version', ({ sign }, id) => changed(sign(id, proposed()), { version: 1 }), 'bad-signature'],
  [
    'another key under the signature',
    ({ sign, key }, id) => changed(sign(id, proposed(), { key: newKey() }), { key: publicKeyText(key) }),
    'bad-signature',
  ],
  ['a key that is not registered', ({ sign }, id) => sign(id, proposed(), { key: newKey() }), 'not-your-signing-key'],
  ['a key that has expired', ({ sign, old }, id) => sign(id, proposed(), { key: old }), 'not-your-signing-key'],
  ['a key that is not valid yet', ({ sign, next }, id) => sign(id, proposed(), { key: next }), 'not-your-signing-key'],
  ['another log', ({ sign }, id) => sign(id, proposed(), { log: another }), 'signed-for-another-log'],
  ['a version that it does not get', ({ sign }, id) => sign(id, proposed(), { version: 2 }), 'version-conflict'],
  ['a value that is none', ({ sign }, id) => changed(sign(id, proposed()), { value: 'x' }), 'invalid'],
  ['a member too many', ({ sign }, id) => changed(sign(id, proposed()), { by: 'most' }), 'invalid'],
  ['no signature, by a key that requires one', () => ({ ...proposed(), as: 'strict' }), 'signature-required'],
]

const another = '0199aaaa-0000-7000-8000-000000000000'

function changed(body: EventBody & { signature: Signature }, members: object): object {
  return { ...body, signature: { ...body.signature, ...members } }
}

t.test(
  'what is not signed as it stands is refused in every way of recording, and nothing of it is recorded',
  async (t) => {
    const fixture = await openSigning(t)
    for (const [index, [what, change, code]] of faults.entries()) {
      for (const way of ['single', 'dry run', 'bulk', 'atomic'] as const) {
        const proposalId = `p${index}-${way.replace(' ', '-')}`
        const { as = 'most', ...body } = change(fixture, proposalId) as { as?: string }
        // A dry run needs no signature: whoever gets a signed event can record it.
        const expected = way === 'dry run' && code === 'signature-required' ? undefined : code
        const answer =
          way === 'bulk' || way === 'atomic'
            ? await fixture.bulk([{ proposalId, ...body }], {
                ...by(as),
                query: way === 'atomic' ? { atomic: 'true' } : {},
              })
            : await fixture.post(proposalId, body, { ...by(as), query: way === 'dry run' ? { dryRun: 'true' } : {} })
        const told = JSON.parse(answer.body.split('\n')[0] as string)
        t.equal(told.code, expected, `${what}, ${way}: ${answer.body}`)
      }
    }
    t.same(await lines(fixture), [])
  },
)

t.test('a signature that does not fit is answered with the text that it was held against', async (t) => {
  const { post, sign } = await openSigning(t)
  const answer = await post('lab', { ...sign('lab', proposed()), occurredOn: '2023' }, by('most'))
  const { signed, status } = answer.json()
  t.equal(status, 400)
  t.match(signed, 'commitments-event/1\n{"data":{')
  t.match(signed, '"occurredOn":"2023","proposalId":"lab","recordedBy":"key:most"')
})

t.test('a signed event says the asserting party itself, and its once is its idempotency key', async (t) => {
  const { post, sign, boundKey } = await openSigning(t)
  const evidence = [{ title: 'Minutes', supports: 'All of it' }]
  const unsaid = { ...proposed({}, { evidence }) }
  delete (unsaid as { assertedBy?: string }).assertedBy
  const silent = await post('lab', sign('lab', unsaid, { recordedBy: 'key:bound', key: boundKey }), by('bound'))
  t.match(silent.json(), { status: 400, errors: [{ path: 'assertedBy', message: /must be given in a signed event/ }] })
  const body = sign('lab', proposed(), { once: 'my key' })
  const other = await post('lab', body, { headers: { ...by('most').headers, 'idempotency-key': '"other"' } })
  t.match(other.json(), {
    status: 400,
    errors: [{ path: 'signature.once', message: /same text as the idempotency key/ }],
  })
  const early = await post(
    'lab',
    { ...sign('lab', proposed(), { version: 2 }) },
    { headers: { ...by('most').headers, 'if-none-match': '*' } },
  )
  t.match(early.json(), { status: 400, errors: [{ path: 'signature.version' }] })
  t.equal((await post('lab', body, by('most'))).statusCode, 201)
  const again = await post('lab', body, { headers: { ...by('most').headers, 'idempotency-key': '"my key"' } })
  t.equal(again.headers['idempotency-replayed'], 'true')
  const replay = await post('lab', { ...agreed(), signature: body.signature }, by('most'))
  t.equal(replay.json().code, 'bad-signature', 'it fits no other event')
})

t.test(
  'a repeat is answered as the first time with another signature of the caller or with none, and is none where only now it is signed',
  async (t) => {
    const { post, sign, old } = await openSigning(t)
    const headers = { ...by('most').headers, 'idempotency-key': '"k"' }
    const first = await post('lab', sign('lab', proposed(), { once: 'k' }), { headers })
    t.equal(first.statusCode, 201)
    for (const body of [
      proposed(),
      sign('lab', proposed(), { once: 'k', key: old }),
      sign('lab', proposed(), { once: 'k', log: another }),
    ]) {
      const again = await post('lab', body, { headers })
      t.equal(again.body, first.body)
      t.equal(again.headers['idempotency-replayed'], 'true')
    }
    const unsigned = { headers: { ...by('most').headers, 'idempotency-key': '"u"' } }
    await post('other', proposed(), unsigned)
    const later = await post('other', sign('other', proposed(), { once: 'u' }), unsigned)
    t.match(later.json(), { status: 422, code: 'idempotency-key-reused', detail: /an event that it did not sign/ })
  },
)

t.test(
  'after an accepted restore, an event is recorded only if it is signed for the log that is there now',
  async (t) => {
    const fixture = await openSigning(t)
    const before = fixture.sign('lab', proposed())
    const { logId } = await acceptRestore(fixture.database.pool(), 'the disk was lost')
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    const answer = await fixture.post('lab', before, by('most'))
    t.match(answer.json(), { status: 409, code: 'signed-for-another-log', logId })
    t.equal((await fixture.post('lab', fixture.sign('lab', proposed(), { log: logId }), by('most'))).statusCode, 201)
  },
)
