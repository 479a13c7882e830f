import { generateKeyPairSync } from 'node:crypto'
import { readLogIdentity } from '@commitments/event-store'
import {
  agreed,
  example,
  issuerEntry,
  issuersFile,
  proposed,
  publicKeyText,
  signedBy,
  startIssuer,
} from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { openCommandApp } from './app-fixture.ts'

const key = generateKeyPairSync('ed25519').privateKey

async function open(t: Test, more: object = {}) {
  const issuer = await startIssuer(t)
  const other = await startIssuer(t)
  const entries = [issuerEntry(issuer, more), issuerEntry(other, { name: 'other' })]
  const fixture = await openCommandApp(t, { environment: { OIDC_ISSUERS_FILE: issuersFile(t, entries) } })
  const send = (
    token: string,
    body: object,
    headers: Record<string, string> = {},
    query: Record<string, string> = {},
  ) => fixture.post('lab', body, { headers: { authorization: `Bearer ${token}`, ...headers }, query })
  return { ...fixture, issuer, other, send }
}

const record = { scope: 'record' }

t.test('the line says which issuer’s client recorded it, and nothing that names a person', async (t) => {
  const { issuer, send } = await open(t)
  const person = { email: 'jane@example.org', name: 'Jane Doe', preferred_username: 'jane', sub: 'jane.doe' }
  const answer = await send(await issuer.token({ ...record, ...person }), proposed())
  t.equal(answer.statusCode, 201)
  t.equal(answer.json().recordedBy, 'oidc:test:importer')
  t.notMatch(answer.body, /jane/i)
})

t.test(
  'an idempotency key belongs to the caller: with each of its tokens, and of no other issuer or key',
  async (t) => {
    const { issuer, other, send, post } = await open(t)
    const once = { 'idempotency-key': '"once"' }
    t.equal((await send(await issuer.token(record), proposed(), once)).statusCode, 201)
    const again = await send(await issuer.token(record), proposed(), once)
    t.equal(again.headers['idempotency-replayed'], 'true', 'a new token of the same client')
    const foreign = await send(await other.token(record), agreed(), once)
    t.equal(foreign.statusCode, 201, 'the same key of a client of the same name at another issuer is another key')
    t.equal(foreign.json().recordedBy, 'oidc:other:importer')
    t.equal((await post('lab', agreed(), { headers: once })).statusCode, 409, 'of a key: decided anew')
  },
)

t.test('a token that is bound to a party has its assertedBy filled in, and corrects only its own', async (t) => {
  const { issuer, send, post } = await open(t, { party: { claim: 'org' } })
  t.equal((await post('lab', proposed())).statusCode, 201)
  const token = await issuer.token({ ...record, org: 'msit-kr' })
  t.match((await send(token, example('corrected'))).json(), { status: 403, code: 'not-your-event' })
  const said = { type: 'confirmed', occurredOn: null, data: { asOf: '2026-11-20' } }
  t.match((await send(token, { ...said, assertedBy: 'msit-kr' })).json(), { assertedBy: 'msit-kr' })
  t.match((await send(token, { ...said, assertedBy: 'most-vn' })).json(), { status: 403, code: 'not-your-party' })
})

t.test(
  'a caller with a token signs with the key that its issuer’s entry registers for it, and with no other',
  async (t) => {
    const callers = { importer: { signingKeys: [{ publicKey: publicKeyText(key) }], requireSignature: true } }
    const { issuer, send, database } = await open(t, { callers })
    const { logId: log } = await readLogIdentity(database.pool())
    const token = await issuer.token(record)
    const sign = (once: string, over: object = {}) =>
      signedBy(proposed(), { key, log, once, proposalId: 'lab', recordedBy: 'oidc:test:importer', ...over })
    t.match((await send(token, proposed())).json(), {
      status: 403,
      code: 'signature-required',
      detail: /for this caller/,
    })
    t.equal((await send(token, proposed(), {}, { dryRun: 'true' })).statusCode, 200, 'a dry run needs none')
    const asKey = sign('a', { recordedBy: 'key:importer' })
    t.match(
      (await send(token, asKey)).json(),
      { status: 400, code: 'bad-signature' },
      'a key of that name is another caller',
    )
    const strange = sign('b', { key: generateKeyPairSync('ed25519').privateKey })
    t.match((await send(token, strange)).json(), { status: 403, code: 'not-your-signing-key' })
    t.match(
      (await send(await issuer.token({ ...record, client_id: 'x' }), sign('c', { recordedBy: 'oidc:test:x' }))).json(),
      {
        status: 403,
        detail: /not registered for oidc:test:x/,
      },
    )
    t.equal((await send(token, sign('d'))).statusCode, 201)
  },
)
