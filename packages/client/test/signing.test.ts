import { generateKeyPairSync, type KeyObject, sign, webcrypto } from 'node:crypto'
import { acceptRestore } from '@commitments/event-store'
import { agreed, keyFile, proposed, publicKeyText, secretOf } from '@commitments/test-kit'
import { signatureHolds, statementOf } from '@commitments/transparency'
import t, { type Test } from 'tap'
import type { RecordedEvent, SigningOptions } from '../src/index.ts'
import { collect, openServices, type Services } from './services.ts'

interface Signed extends Services {
  readonly privateKey: KeyObject
  readonly publicKey: string
  readonly apiKey: string
}

/** Services that record nothing for their caller without its signature. */
async function openSigned(t: Test): Promise<Signed> {
  const { privateKey } = generateKeyPairSync('ed25519')
  const publicKey = publicKeyText(privateKey)
  const caller = {
    name: 'most',
    scopes: ['record', 'read', 'audit'],
    signingKeys: [{ publicKey }],
    requireSignature: true,
  }
  const API_KEYS_FILE = keyFile(t, [caller])
  const services = await openServices(t, { environment: { API_KEYS: '', API_KEYS_FILE } })
  return { ...services, privateKey, publicKey, apiKey: secretOf('most') }
}

/** Whether the signature of an event of the log holds, and who made it. */
function signerOf(event: RecordedEvent): string | null {
  const { signature } = event
  const text = statementOf(event)
  return signature && text && signatureHolds({ ...signature, text }) ? signature.key : null
}

t.test('a client signs what it records, one by one, in a stream and all at once', async (t) => {
  const { client, privateKey, publicKey, apiKey } = await openSigned(t)
  const { recordEvent, recordEvents, recordAtomically, feed } = client({
    apiKey,
    signing: { as: 'most', key: privateKey },
  })
  const first = await recordEvent('lab', proposed(), { ifNoneMatch: '*' })
  t.equal(first.event.signature?.version, 1)
  t.equal(first.event.signature?.once, first.idempotencyKey)
  const second = await recordEvent('lab', agreed(), { ifMatch: first.etag })
  t.equal(second.event.signature?.version, 2)
  const again = await recordEvent('lab', agreed(), { idempotencyKey: second.idempotencyKey })
  t.match(again, { replayed: true, line: second.line })
  const lines = ['a', 'b'].map((proposalId) => ({ proposalId, ...proposed(), ifVersion: 0 }))
  t.match(await collect(recordEvents(lines)), [{ status: 201 }, { status: 201 }])
  t.match(await recordAtomically(['c', 'd'].map((proposalId) => ({ proposalId, ...proposed() }))), {
    summary: { recorded: 2 },
  })
  const events = (await collect(feed())).map(({ line }) => JSON.parse(line))
  t.same(events.map(signerOf), Array(6).fill(publicKey))
  t.same(
    events.map(({ signature }) => signature.version),
    [1, 2, 1, 1, undefined, undefined],
  )
})

t.test('a key can be a PEM text, a KeyObject, a pair of WebCrypto, or be somewhere else', async (t) => {
  const { client, privateKey, publicKey, apiKey } = await openSigned(t)
  const jwk = privateKey.export({ format: 'jwk' }) as webcrypto.JsonWebKey
  const pair = {
    privateKey: await webcrypto.subtle.importKey('jwk', jwk, 'Ed25519', false, ['sign']),
    publicKey: await webcrypto.subtle.importKey(
      'jwk',
      { ...jwk, d: undefined, key_ops: undefined } as never,
      'Ed25519',
      true,
      ['verify'],
    ),
  }
  const keys: readonly SigningOptions['key'][] = [
    privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    privateKey,
    pair,
    { publicKey, sign: (bytes) => sign(null, bytes, privateKey) },
  ]
  for (const [index, key] of keys.entries()) {
    const { event } = await client({ apiKey, signing: { as: 'most', key } }).recordEvent(`lab-${index}`, proposed())
    t.equal(signerOf(event), publicKey)
  }
  for (const key of ['no key', generateKeyPairSync('x25519').privateKey]) {
    const wrong = client({ apiKey, signing: { as: 'most', key } })
    await t.rejects(wrong.recordEvent('lab', proposed()), {
      name: 'TypeError',
      message: /The key to sign with must be/,
    })
  }
})

t.test('a dry run is not signed, and a client that does not sign is told to', async (t) => {
  const { client, privateKey, apiKey } = await openSigned(t)
  const sent: string[] = []
  const listening: typeof fetch = async (input, init) => {
    if (input instanceof Request) sent.push(await input.clone().text())
    return fetch(input, init)
  }
  const signing = { as: 'most', key: privateKey }
  await client({ apiKey, signing, fetch: listening }).recordEvent('lab', proposed(), { dryRun: true })
  t.notMatch(sent.join(), 'signature')
  await t.rejects(client({ apiKey }).recordEvent('lab', proposed()), { code: 'signature-required', status: 403 })
})

t.test('what the caller has signed itself is sent as it is', async (t) => {
  const { client, privateKey, publicKey, apiKey } = await openSigned(t)
  const { event } = await client({ apiKey, signing: { as: 'most', key: privateKey } }).recordEvent('lab', proposed())
  const other = client({ apiKey })
  const same = await other.recordEvent('lab', { ...proposed(), signature: event.signature })
  t.match(same, { replayed: true, idempotencyKey: event.signature?.once })
  t.equal(signerOf(same.event), publicKey)
})

t.test('after a restore a client is refused once, and then signs for the log that is there now', async (t) => {
  const { client, database, privateKey, apiKey } = await openSigned(t)
  const { recordEvent } = client({ apiKey, signing: { as: 'most', key: privateKey } })
  await recordEvent('lab', proposed())
  const { logId } = await acceptRestore(database.pool(), 'the disk was lost')
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  await t.rejects(recordEvent('lab', agreed()), { code: 'signed-for-another-log' })
  const { event } = await recordEvent('lab', agreed())
  t.equal(event.signature?.log, logId)
  const fixed = client({
    apiKey,
    signing: { as: 'most', key: privateKey, logId: '0199aaaa-0000-7000-8000-000000000000' },
  })
  await t.rejects(fixed.recordEvent('x', proposed()), { code: 'signed-for-another-log' })
  await t.rejects(fixed.recordEvent('x', proposed()), { code: 'signed-for-another-log' })
})
