import { createHmac, generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { eventually, issuerEntry, issuersFile, startIssuer, type TestIssuer } from '@commitments/test-kit'
import { exportSPKI } from 'jose'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { answered, defineRoute, loadIssuers, openTokens, problem, type TokenTimes } from '../src/index.ts'
import { isToken } from '../src/tokens/tokens.ts'
import { listen, openApp, paid, post, routes, secrets, writer } from './support.ts'

/** Milliseconds: looks for keys may follow each other at once, and those in the background do not come. */
const quick: Partial<TokenTimes> = { apart: 0, retryFirst: 10, retryLast: 10 }

interface Options {
  readonly entry?: object
  readonly times?: Partial<TokenTimes>
  readonly app?: Partial<Parameters<typeof openApp>[1]>
}

/** An app that takes the tokens of the issuer, once it has its keys. */
async function open(t: Test, issuer: TestIssuer, { entry = {}, times = {}, app = {} }: Options = {}) {
  const lines: string[] = []
  const logger = pino({}, { write: (line: string) => void lines.push(line) })
  const file = issuersFile(t, [issuerEntry(issuer, entry)])
  const tokens = openTokens(loadIssuers({ OIDC_ISSUERS_FILE: file }), { logger, times: { ...quick, ...times } })
  if (tokens === null) throw new Error('an issuer is configured')
  const opened = await openApp(t, { tokens, publicUrl: 'https://ledger.example.org', lookShared: 0, ...app })
  const keys = tokens.issuers[0]?.keys as NonNullable<(typeof tokens.issuers)[0]>['keys']
  await keys.look()
  return {
    ...opened,
    file,
    lines: opened.lines,
    issuerLines: lines,
    tokens,
    keys,
    send: (token: string, headers: Record<string, string> = {}) =>
      post(opened.app, paid, { authorization: `Bearer ${token}`, ...headers }),
  }
}

function must(found: unknown, wanted: unknown): void {
  if (found !== wanted) throw new Error(`${String(found)} and not ${String(wanted)}`)
}

const record = { scope: 'record' }
const logOf = (lines: readonly string[]) => lines.map((line) => JSON.parse(line) as Record<string, unknown>)

t.test('a token of a configured issuer is taken like a key, and names its caller oidc:<issuer>:<client>', async (t) => {
  const issuer = await startIssuer(t)
  const { send, lines } = await open(t, issuer)
  t.equal((await send(await issuer.token(record))).statusCode, 201)
  t.match(logOf(lines).at(-1), { by: 'oidc:test:importer', caller: 'oidc:test:importer', status: 201 })
  t.equal((await send(secrets.writer)).statusCode, 201, 'keys are taken beside')
})

t.test('each algorithm for which the issuer has a key is accepted', async (t) => {
  for (const algorithm of ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']) {
    const issuer = await startIssuer(t, algorithm)
    const { send } = await open(t, issuer)
    t.equal((await send(await issuer.token(record))).statusCode, 201, algorithm)
  }
})

t.test('a token is refused with 401 and a reason, and nothing of it is repeated', async (t) => {
  const issuer = await startIssuer(t)
  const other = await startIssuer(t)
  const { send, lines } = await open(t, issuer, { app: { level: 'trace' } })
  const now = Math.floor(Date.now() / 1_000)
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const pem = await exportSPKI(issuer.keys[0]?.pair.publicKey as Parameters<typeof exportSPKI>[0])
  const otherKid = { header: { kid: issuer.keys[0]?.kid } }
  const cases: readonly (readonly [what: string, token: string, reason: RegExp])[] = [
    ['expired', await issuer.token({ ...record, iat: now - 400, exp: now - 31 }), /has expired/],
    ['not valid yet', await issuer.token({ ...record, nbf: now + 90 }), /not valid yet/],
    ['without exp', await issuer.token({ ...record, exp: undefined }), /no claim exp/],
    ['without aud', await issuer.token({ ...record, aud: undefined }), /no claim aud/],
    ['for another audience', await issuer.token({ ...record, aud: 'other' }), /audience/],
    ['valid for longer than a day', await issuer.token({ ...record, exp: now + 90_000 }), /longer than 24 hours/],
    [
      'issued in the future, to seem short',
      await issuer.token({ ...record, iat: now + 80_000, exp: now + 90_000 }),
      /longer/,
    ],
    [
      'without a caller',
      await issuer.token({ ...record, client_id: undefined }),
      /no text in the claim client_id or azp/,
    ],
    ['with an address as its caller', await issuer.token({ ...record, client_id: 'jane@example.org' }), /e-mail/],
    ['with a space in its caller', await issuer.token({ ...record, client_id: 'a b' }), /printable ASCII/],
    ['of another issuer', await other.token(record), /not configured/],
    ['of this issuer with the key of another', await other.token({ ...record, iss: issuer.url }), /does not publish/],
    [
      'with the kid of this one and the key of another',
      await other.token({ ...record, iss: issuer.url }, otherKid),
      /signature/,
    ],
    ['an ID token', await issuer.token(record, { header: { typ: 'JWT' } }), /no access token/],
    ['without a type', await issuer.token(record, { header: { typ: undefined } }), /no access token/],
    ['with a path as kid', await issuer.token(record, { header: { kid: '../../../../dev/null' } }), /does not publish/],
    ['with a URL as kid', await issuer.token(record, { header: { kid: `${other.url}/keys` } }), /does not publish/],
    [
      'with a key of its own',
      await other.token({ ...record, iss: issuer.url }, { header: { jwk: other.keys[0]?.jwk, kid: 'x' } }),
      /does not publish/,
    ],
    [
      'with the address of its keys',
      await other.token({ ...record, iss: issuer.url }, { header: { jku: `${other.url}/keys` } }),
      /does not publish/,
    ],
    [
      'with an extension that must be understood',
      unsigned(issuer, { alg: 'ES256', typ: 'at+jwt', kid: issuer.keys[0]?.kid, crit: ['x'], x: 1 }, 'AAAA'),
      /cannot be read/,
    ],
    ['with a changed claim', changed(await issuer.token(record)), /signature/],
    ['alg none', unsigned(issuer, { alg: 'none', typ: 'at+jwt' }, ''), /algorithm/],
    ['alg NONE, without a signature', unsigned(issuer, { alg: 'NONE', typ: 'at+jwt' }, ''), /algorithm/],
    ['HS256 with the public key as its secret', hmac(issuer, pem), /algorithm/],
    ['HS256 with the public key as JSON', hmac(issuer, JSON.stringify(issuer.keys[0]?.jwk)), /algorithm/],
    [
      'RS256 named, and made with a stranger’s key',
      await issuer.token(record, { header: { kid: 'no-such' }, key: stranger }),
      /does not publish/,
    ],
    ['two dots and nothing else', 'eyJ.e30.x', /cannot be read/],
    ['claims that are a list', `${encoded({ alg: 'ES256', typ: 'at+jwt' })}.${encoded([])}.x`, /cannot be read/],
    ['claims of the wrong kind', await issuer.token({ ...record, exp: 'tomorrow' }), /exp/],
    ['a refresh token', await issuer.token({ ...record, typ: 'Refresh' }), /send the access token/],
  ]
  let address = 0
  for (const [what, token, reason] of cases) {
    const answer = await send(token, { 'x-forwarded-for': `${(address += 1)}` })
    t.match(answer.json(), { status: 401, code: 'unauthenticated', detail: reason }, what)
    t.match(answer.headers['www-authenticate'], /error="invalid_token"/, what)
    t.match(logOf(lines).at(-1), { status: 401, reason, address: /./ }, 'the log says why, and from where')
    const [, payload = '', signature = ''] = token.split('.')
    for (const part of [payload, signature].filter((one) => one.length > 10)) {
      t.notOk(answer.body.includes(part) || lines.join('').includes(part), `${what}: nothing of it in answer or log`)
    }
  }
})

function changed(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
  return `${header}.${encoded({ ...claims, scope: 'admin' })}.${signature}`
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function unsigned({ url }: TestIssuer, header: object, signature: string): string {
  const now = Math.floor(Date.now() / 1_000)
  const claims = { iss: url, aud: 'ledger', client_id: 'importer', scope: 'record', iat: now, exp: now + 300 }
  return `${encoded(header)}.${encoded(claims)}.${signature}`
}

function hmac(issuer: TestIssuer, secret: string): string {
  const text = unsigned(issuer, { alg: 'HS256', typ: 'at+jwt', kid: issuer.keys[0]?.kid }, '').slice(0, -1)
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}

t.test(
  'a text with two dots that begins with eyJ is a token, everything else is a key, and nothing is tried as both',
  async (t) => {
    t.same(['eyJa.b.c', 'eyJ..', 'eyJa.b', 'eyJa.b.c.d', 'aeyJ.b.c', 'eyJa', secrets.writer].map(isToken), [
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ])
    const issuer = await startIssuer(t)
    const asKey: string[] = []
    const keys = {
      size: 0,
      weak: [],
      warnings: [],
      file: null,
      authenticate: (secret: string) => (asKey.push(secret), null),
      whyRefused: () => null,
      named: () => null,
      signers: () => [],
      holds: () => false,
      reload: async () => ({ outcome: 'unchanged' }) as const,
    }
    const spied = await open(t, issuer, { app: { keys } })
    const token = await issuer.token({ ...record, aud: 'other' })
    t.equal((await spied.send(token)).statusCode, 401)
    t.same(asKey, [], 'a token never comes to the keys')
    t.match((await spied.send('opaque-0123456789abcdef')).json(), {
      status: 401,
      detail: /key is unknown. It is not a token/,
    })
    t.same(asKey, ['opaque-0123456789abcdef'])
  },
)

t.test('without an issuer a token is refused as a token, and not tried as a key', async (t) => {
  const issuer = await startIssuer(t)
  const { app } = await openApp(t)
  const answer = await post(app, paid, { authorization: `Bearer ${await issuer.token(record)}` })
  t.match(answer.json(), { status: 401, detail: /takes no access tokens/ })
})

t.test('a kept token is not verified again, and is refused once it expires', async (t) => {
  const issuer = await startIssuer(t)
  const { send, tokens } = await open(t, issuer)
  const now = Math.floor(Date.now() / 1_000)
  // Valid for the tolerance of 30 seconds after its end, less one.
  const token = await issuer.token({ ...record, iat: now - 100, exp: now - 28 })
  t.equal((await send(token)).statusCode, 201)
  t.equal(tokens.kept, 1)
  t.equal(tokens.find(token)?.name, 'oidc:test:importer')
  t.equal((await send(token)).statusCode, 201)
  await eventually(async () => must(tokens.find(token), null), { within: 10_000 })
  t.match((await send(token)).json(), { status: 401, detail: 'The token has expired.' })
})

t.test('tokens are kept for a while, and no longer', async (t) => {
  const issuer = await startIssuer(t)
  const { send, tokens } = await open(t, issuer, { times: { keepFor: 50 } })
  const token = await issuer.token(record)
  t.equal((await send(token)).statusCode, 201)
  await eventually(async () => must(tokens.find(token), null))
  t.equal((await send(token)).statusCode, 201, 'then they are verified again')
})

t.test('many requests with one new token verify it once', async (t) => {
  const issuer = await startIssuer(t)
  const { send, tokens } = await open(t, issuer)
  const token = await issuer.token(record)
  t.equal(tokens.verify(token, true), tokens.verify(token, true))
  const answers = await Promise.all(Array.from({ length: 20 }, () => send(token)))
  t.ok(answers.every(({ statusCode }) => statusCode === 201))
})

t.test('no request fails when the issuer changes its key', async (t) => {
  const issuer = await startIssuer(t)
  const { send } = await open(t, issuer, { times: { apart: 200 } })
  for (let round = 0; round < 4; round += 1) {
    t.equal((await send(await issuer.token(record))).statusCode, 201, 'right after the keys were read, too')
    await issuer.rotate()
  }
})

t.test(
  'a key that the issuer has withdrawn is gone with the next look, and so are its kept tokens and running answers',
  async (t) => {
    const issuer = await startIssuer(t)
    const { send, tokens, keys } = await open(t, issuer)
    const token = await issuer.token(record)
    t.equal((await send(token)).statusCode, 201)
    const caller = tokens.find(token)
    await issuer.rotate({ withdraw: true })
    await keys.look()
    t.equal(tokens.find(token), null)
    t.equal(caller && tokens.holds(caller), false)
    t.match((await send(token)).json(), { status: 401, detail: /does not publish/ })
  },
)

t.test('a running answer is cut within seconds after the key of its token is withdrawn', async (t) => {
  const issuer = await startIssuer(t)
  const endless = defineRoute({
    method: 'GET',
    url: '/endless',
    operationId: 'getEndlessly',
    tag: 'Test',
    summary: 'Never ends',
    access: { scope: 'read' },
    responses: { 200: { description: 'x', contentTypes: ['text/plain'] } },
    problems: [],
    handler: ({ reply }) => {
      reply.hijack()
      reply.raw.writeHead(200).write('begun')
      return answered
    },
  })
  const { app, keys, lines } = await open(t, issuer, { app: { readAccess: 'key', routes: [...routes, endless] } })
  const port = await listen(app)
  const socket = connect(port, '127.0.0.1')
  t.after(() => socket.destroy())
  let closed = false
  socket.on('close', () => (closed = true)).on('error', () => {})
  socket.write(
    `GET /endless HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${await issuer.token({ scope: 'read' })}\r\n\r\n`,
  )
  await new Promise((resolve) => socket.once('data', resolve))
  await issuer.rotate({ withdraw: true })
  await keys.look()
  await eventually(async () => must(closed, true))
  t.match(lines.join(''), /"caller":"oidc:test:importer".*does not hold any longer/)
})

t.test(
  'a changed file of issuers is read again: what is taken away is gone at once, what is broken changes nothing',
  async (t) => {
    const issuer = await startIssuer(t)
    const added = await startIssuer(t)
    const { send, tokens, file, app } = await open(t, issuer)
    const change = (content: unknown) => {
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
      return app.refreshKeys()
    }
    const token = await issuer.token({ scope: 'record read' })
    t.equal((await send(token)).statusCode, 201)
    const [{ keys }] = tokens.issuers as [(typeof tokens.issuers)[0]]
    await change('[{')
    t.equal((await send(token)).statusCode, 201, 'a file that is not whole changes nothing')
    const { checks } = (await app.inject('/health/ready')).json()
    t.match(checks, [{ name: 'issuers', ok: false, alarm: true, detail: /cannot be used/ }])
    t.match((await app.inject('/metrics')).body, /^oidc_issuers_file_broken 1$/m)
    await change([issuerEntry(issuer), issuerEntry(added, { name: 'added' })])
    t.equal(tokens.issuers[0]?.keys, keys)
    t.not(tokens.find(token), null, 'an entry that stays keeps its tokens')
    await eventually(async () => must((await send(await added.token(record))).statusCode, 201))
    await change([issuerEntry(issuer, { scopes: { map: { read: 'read' } } })])
    t.equal(tokens.find(token), null)
    t.equal((await send(token)).statusCode, 403, 'with the rights of now')
    t.equal((await send(await added.token(record))).statusCode, 401)
    await change([])
    t.equal((await send(token)).statusCode, 401)
  },
)

t.test('a file of issuers is looked at while the service runs', async (t) => {
  const issuer = await startIssuer(t)
  const { tokens, file } = await open(t, issuer)
  writeFileSync(file, '[]')
  await eventually(async () => must(tokens.issuers.length, 0))
})

t.test('a key that is published again under the same name is another key', async (t) => {
  const issuer = await startIssuer(t)
  const { send, keys } = await open(t, issuer)
  const token = await issuer.token(record)
  t.equal((await send(token)).statusCode, 201)
  const kid = issuer.keys[0]?.kid ?? ''
  await issuer.rotate({ withdraw: true })
  const [changedKey] = issuer.keys as [(typeof issuer.keys)[0]]
  issuer.keys = [{ ...changedKey, kid, jwk: { ...changedKey.jwk, kid } }]
  await keys.look()
  t.match((await send(token)).json(), { status: 401, detail: /signature/ })
})

t.test('unknown keys in tokens do not make an issuer be asked for each of them', async (t) => {
  const issuer = await startIssuer(t)
  const tokens = await Promise.all(
    Array.from({ length: 51 }, (_, index) => issuer.token(record, { header: { kid: `unknown-${index}` } })),
  )
  const { send } = await open(t, issuer, { times: { apart: 3_000 } })
  const before = issuer.asked()
  const answers = await Promise.all(tokens.map((token) => send(token)))
  t.ok(answers.every(({ statusCode }) => statusCode === 401))
  t.equal(issuer.asked() - before, 1)
})

t.test('an issuer that is away at the start is a 503 for its tokens, an alarm, and nothing for keys', async (t) => {
  const issuer = await startIssuer(t)
  const token = await issuer.token(record)
  await issuer.stop()
  const opened = await open(t, issuer, { times: { retryFirst: 200, retryLast: 200 } })
  const answer = await opened.send(token)
  t.match(answer.json(), { status: 503, code: 'unavailable', detail: /issuer of the token \(test\) cannot be asked/ })
  t.match(answer.headers['retry-after'], /^[1-9]\d?$/)
  t.notOk(answer.headers['www-authenticate'])
  t.equal((await opened.send(secrets.writer)).statusCode, 201)
  const ready = await opened.app.inject('/health/ready')
  t.equal(ready.statusCode, 200)
  t.match(ready.json().checks, [{ name: 'issuers', ok: false, alarm: true, detail: /ECONNREFUSED.*503/ }])
  t.match((await opened.app.inject('/metrics')).body, /^oidc_keys\{issuer="test"\} 0$/m)
  t.match(logOf(opened.issuerLines), [{ level: 40, issuer: 'test' }], 'a warning, once')
  await issuer.start()
  await eventually(async () => must((await opened.send(token)).statusCode, 201))
  t.match((await opened.app.inject('/health/ready')).json().checks, [{ ok: true }])
})

t.test('the keys of an issuer that goes away hold, and tokens with another key are 503', async (t) => {
  const issuer = await startIssuer(t)
  const { send, keys, app } = await open(t, issuer, { times: { keepFor: 1 } })
  const token = await issuer.token(record)
  await issuer.stop()
  await keys.look()
  t.equal((await send(token)).statusCode, 201)
  await issuer.rotate()
  t.equal((await send(await issuer.token(record))).statusCode, 503)
  t.match((await app.inject('/metrics')).body, /^oidc_keys_failed_looks\{issuer="test"\} [1-9]/m)
  t.match((await app.inject('/metrics')).body, /^oidc_keys_age_seconds\{issuer="test"\} 0\.\d+/m)
})

t.test('the keys of an issuer that stays away hold no longer than they may', async (t) => {
  const issuer = await startIssuer(t)
  const { send, keys } = await open(t, issuer, { times: { holdFor: 300 } })
  const token = await issuer.token(record)
  t.equal((await send(token)).statusCode, 201)
  await issuer.stop()
  await keys.look()
  await eventually(async () => must((await send(token)).statusCode, 503))
})

t.test('keys are read again in the background, so that nobody waits for them', async (t) => {
  const issuer = await startIssuer(t)
  const { keys } = await open(t, issuer, { times: { refreshEvery: 20 } })
  await issuer.rotate()
  await eventually(async () => must(keys.count, 2))
})

t.test('a slow issuer is given up after its time, and waits for nobody', async (t) => {
  const issuer = await startIssuer(t)
  issuer.instead = (_request, response) => void response.writeHead(200).write('{"issuer":')
  const { send } = await open(t, issuer, { times: { patience: 100, retryFirst: 60_000, retryLast: 60_000 } })
  const answer = await send(await issuer.token(record))
  t.equal(answer.statusCode, 503)
  t.ok(Number(answer.headers['retry-after']) > 50, 'as long as the pause')
})

t.test('an issuer is not believed if it says something else than it must', async (t) => {
  const issuer = await startIssuer(t)
  const { keys } = await open(t, issuer)
  const discovery = (body: object) => JSON.stringify({ issuer: issuer.url, jwks_uri: `${issuer.url}/keys`, ...body })
  const bodies: readonly (readonly [what: string, discovery: string, keys: string, fault: RegExp])[] = [
    ['another issuer', discovery({ issuer: `${issuer.url}/` }), '{}', /names another issuer/],
    ['no address of keys', discovery({ jwks_uri: 7 }), '{}', /no jwks_uri/],
    ['keys over http elsewhere', discovery({ jwks_uri: 'http://192.0.2.1/keys' }), '{}', /must be an https URL/],
    ['no JSON', '<html>', '{}', /not JSON/],
    ['no list of keys', discovery({}), '{"keys":{}}', /no list/],
    ['a huge key set', discovery({}), `{"keys":[],"x":"${'x'.repeat(600_000)}"}`, /more than 524288 bytes/],
    [
      'many keys',
      discovery({}),
      JSON.stringify({ keys: Array.from({ length: 201 }, () => ({})) }),
      /more than 200 keys/,
    ],
    [
      'only keys that are none',
      discovery({}),
      JSON.stringify({ keys: [{ kty: 'oct', k: 'c2VjcmV0' }, null, 7, { kty: 'RSA', n: 'AQAB', e: 'AQAB' }] }),
      /no public key/,
    ],
  ]
  for (const [what, first, second, fault] of bodies) {
    issuer.instead = (request, response) => void response.end(request.url?.includes('well-known') ? first : second)
    await keys.look()
    t.match(keys.fault, fault, what)
    t.equal(keys.count, 1, 'the earlier keys hold')
  }
  issuer.instead = (request, response) => {
    if (request.url?.includes('elsewhere')) response.end(discovery({}))
    else response.writeHead(302, { location: `${issuer.url}/elsewhere` }).end()
  }
  await keys.look()
  t.match(keys.fault, /gives no answer \(.*redirect/, 'a redirect is not followed')
  issuer.instead = (_request, response) => void response.writeHead(500).end('secret text')
  await keys.look()
  t.match(keys.fault, /answers with the status 500/)
  t.notMatch(keys.fault, /secret/)
})

t.test('a 503 is no failed attempt, and a token counts once as one', async (t) => {
  const issuer = await startIssuer(t)
  const { send, app } = await open(t, issuer)
  const expired = await issuer.token({ ...record, iat: 1_000, exp: 2_000 })
  for (let count = 0; count < 40; count += 1) t.equal((await send(expired)).statusCode, 401, 'of an issuer of ours')
  const forged = changed(await issuer.token(record))
  for (let count = 0; count < 30; count += 1) t.equal((await send(forged)).statusCode, 401)
  const begun = performance.now()
  t.equal((await send(forged)).statusCode, 429)
  t.ok(performance.now() - begun >= 900, 'it waited to be looked at')
  await issuer.stop()
  await issuer.rotate()
  const unknown = await issuer.token({ ...record, client_id: 'another' })
  const later = await app.inject({
    method: 'POST',
    url: '/v1/things/alpha/acts',
    headers: { authorization: `Bearer ${unknown}`, 'content-type': 'application/json' },
    payload: paid,
    remoteAddress: '192.0.2.77',
  })
  t.equal(later.statusCode, 503)
})

t.test(
  'behind an address from which others guess, a caller with a new token is not delayed if an earlier one held',
  async (t) => {
    const issuer = await startIssuer(t)
    const { send } = await open(t, issuer)
    t.equal((await send(await issuer.token(record))).statusCode, 201)
    const forged = changed(await issuer.token({ ...record, client_id: 'forger' }))
    for (let count = 0; count < 30; count += 1) await send(forged)
    const crowd = Array.from({ length: 8 }, () => send(forged))
    await wait(50)
    t.equal((await send(await issuer.token(record))).statusCode, 201)
    await Promise.all(crowd)
  },
)

t.test(
  'a handler that needs one more scope refuses as the guard does, with the place where the issuers are named',
  async (t) => {
    const issuer = await startIssuer(t)
    const more = defineRoute({
      method: 'GET',
      url: '/more',
      operationId: 'getMore',
      tag: 'Test',
      summary: 'Needs one more scope',
      access: { scope: 'record' },
      responses: { 204: { description: 'Never.' } },
      problems: [],
      handler: () => {
        throw problem('forbidden', 'This call needs the scope audit too.', { scope: 'audit' })
      },
    })
    const { app } = await open(t, issuer, { app: { routes: [more] } })
    const authorization = `Bearer ${await issuer.token(record)}`
    const answer = await app.inject({ url: '/more', headers: { authorization } })
    t.match(answer.json(), { status: 403, code: 'forbidden', scope: 'audit' })
    t.equal(
      answer.headers['www-authenticate'],
      'Bearer realm="commitments", error="insufficient_scope", scope="audit", ' +
        'resource_metadata="https://ledger.example.org/.well-known/oauth-protected-resource"',
    )
  },
)

t.test('a call that is refused says where the issuers are named, and the metadata name them', async (t) => {
  const issuer = await startIssuer(t)
  const { app, send } = await open(t, issuer, {
    entry: { scopes: { map: { 'ledger:write': ['record', 'correct'], 'ledger:read': 'read' } } },
  })
  const place = 'resource_metadata="https://ledger.example.org/.well-known/oauth-protected-resource"'
  const bare = await post(app, paid, {})
  t.equal(bare.headers['www-authenticate'], `Bearer realm="commitments", ${place}`)
  t.match(bare.json().detail, /can also be an access token/)
  const lacking = await send(await issuer.token({ scope: 'openid ledger:read' }))
  t.equal(
    lacking.headers['www-authenticate'],
    `Bearer realm="commitments", error="insufficient_scope", scope="record", ${place}`,
  )
  t.match(lacking.json(), {
    status: 403,
    code: 'forbidden',
    detail: /of `oidc:test:importer` lacks the scope `record`. Scopes that it gives here: `read`./,
  })
  const metadata = await app.inject('/.well-known/oauth-protected-resource')
  t.same(metadata.json(), {
    resource: 'https://ledger.example.org',
    authorization_servers: [issuer.url],
    scopes_supported: ['ledger:read', 'ledger:write'],
    bearer_methods_supported: ['header'],
    resource_name: 'Test',
    resource_documentation: 'https://ledger.example.org/docs',
  })
  const { app: without } = await openApp(t, { publicUrl: 'https://ledger.example.org' })
  t.match((await without.inject('/.well-known/oauth-protected-resource')).json(), {
    status: 404,
    detail: /takes keys only/,
  })
  const nameless = await open(t, issuer, { app: { publicUrl: undefined } })
  t.match((await nameless.app.inject('/.well-known/oauth-protected-resource')).json(), {
    status: 404,
    detail: /PUBLIC_URL/,
  })
  t.equal((await post(nameless.app, paid, {})).headers['www-authenticate'], 'Bearer realm="commitments"')
})

t.test(
  'all tokens of a caller share its limit, which is another than that of a key and of another caller',
  async (t) => {
    const issuer = await startIssuer(t)
    const { send, app } = await open(t, issuer, { app: { rateLimit: { requests: 3, window: 60_000 } } })
    for (let count = 0; count < 3; count += 1) t.equal((await send(await issuer.token(record))).statusCode, 201)
    const refused = await send(await issuer.token(record))
    t.match(refused.json(), { status: 429, detail: /^One caller may make 3 requests/ })
    t.equal((await send(await issuer.token({ ...record, client_id: 'other' }))).statusCode, 201)
    t.equal((await send(secrets.writer)).statusCode, 201)
    const read = (headers: Record<string, string>) =>
      app.inject({ url: '/v1/things', headers, remoteAddress: '192.0.2.9' })
    for (let count = 0; count < 3; count += 1) t.equal((await read({})).statusCode, 200)
    t.equal((await read({})).statusCode, 429)
    const reader = { authorization: `Bearer ${await issuer.token({ client_id: 'reader' })}` }
    for (let count = 0; count < 3; count += 1)
      t.equal((await read(reader)).statusCode, 200, 'of the caller, and not of the address')
    t.equal((await read(reader)).statusCode, 429)
    t.equal(
      (await read({ authorization: `Bearer ${changed(await issuer.token())}` })).statusCode,
      429,
      'a wrong token is none',
    )
  },
)

t.test('if reading is public, a token whose key is unknown is not waited for', async (t) => {
  const issuer = await startIssuer(t)
  const { app } = await open(t, issuer, {
    times: { apart: 60_000 },
    app: { rateLimit: { requests: 9, window: 60_000 } },
  })
  const token = await issuer.token(record, { header: { kid: 'unknown' } })
  t.equal((await app.inject({ url: '/v1/things', headers: { authorization: `Bearer ${token}` } })).statusCode, 200)
})

t.test('if reading needs a key, a token that may read sees what the checks found', async (t) => {
  const issuer = await startIssuer(t)
  const checks = [{ name: 'x', check: async () => ({ ok: true, detail: 'the inside' }) }]
  const { app } = await open(t, issuer, { app: { readAccess: 'key', checks } })
  const seen = async (scope: string) => {
    const headers = { authorization: `Bearer ${await issuer.token({ scope })}` }
    return (await app.inject({ url: '/health/ready', headers })).json().checks[0].detail
  }
  t.equal(await seen('read'), 'the inside')
  t.equal(await seen('record'), 'holds')
})

t.test(
  'a metric says when each caller was admitted last, by key and by token, and names no more than 500 of the latter',
  async (t) => {
    const issuer = await startIssuer(t)
    const { app, send } = await open(t, issuer)
    const times = async () => {
      const { body } = await app.inject('/metrics')
      return new Map(
        [...body.matchAll(/^caller_last_used_timestamp_seconds\{caller="([^"]+)"\} (\S+)$/gm)].map(([, name, at]) => [
          name,
          Number(at),
        ]),
      )
    }
    t.same(await times(), new Map())
    const before = Date.now() / 1_000
    await post(app, paid, writer)
    await send(await issuer.token(record))
    await send(await issuer.token({ client_id: 'refused' }))
    const seen = await times()
    t.same([...seen.keys()], ['key:writer', 'oidc:test:importer'], 'who was not admitted is not there')
    t.ok([...seen.values()].every((at) => at >= before - 0.001))
    const { observeCallers } = await import('../src/keys/caller-uses.ts')
    const { Registry } = await import('prom-client')
    const registry = new Registry()
    const uses = observeCallers(registry)
    for (let count = 0; count < 600; count += 1) {
      uses.note({ name: `oidc:x:${count}`, recordedBy: `oidc:x:${count}`, scopes: new Set() })
    }
    const text = await registry.metrics()
    t.equal([...text.matchAll(/caller="/g)].length, 500)
    t.match(text, /"oidc:x:599"/)
  },
)
