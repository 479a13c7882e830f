import { execFileSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { chmodSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { eventually } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { type ApiKeySources, answered, ConfigError, defineRoute, faultsOfEntry, loadApiKeys } from '../src/index.ts'
import { listen, openApp, routes } from './support.ts'

const digest = (secret: string) => hash('sha256', secret)
const entry = (name: string, sha256: unknown, more: object = {}) => ({ name, scopes: ['read'], sha256, ...more })
const past = '2020-01-01T00:00:00Z'
const future = '2999-01-01T00:00:00+07:00'

function fileOf(t: Test, content: unknown): string {
  const file = join(t.testdir(), 'keys.json')
  write(file, content)
  return file
}

function write(file: string, content: unknown): void {
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 })
}

function mistakesIn(sources: ApiKeySources): string {
  try {
    loadApiKeys(sources)
    return 'none'
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes.join('\n')
    throw error
  }
}

t.test('a key can have several secrets while they are changed, and is one caller with each', async (t) => {
  const API_KEYS_FILE = fileOf(t, [entry('most', [digest('old'), { sha256: digest('new') }])])
  const keys = loadApiKeys({ API_KEYS_FILE })
  t.match(keys.authenticate('old'), { name: 'most', recordedBy: 'key:most' })
  t.match(keys.authenticate('new'), { name: 'most', recordedBy: 'key:most' })
  t.equal(keys.size, 1)
})

t.test('a key is valid from notBefore until it expires, and so is each of its secrets', async (t) => {
  const API_KEYS_FILE = fileOf(t, [
    entry('gone', digest('gone'), { expires: past }),
    entry('later', digest('later'), { notBefore: future }),
    entry(
      'now',
      [
        { sha256: digest('first'), expires: past },
        { sha256: digest('second'), notBefore: past },
      ],
      {
        expires: future,
      },
    ),
  ])
  const keys = loadApiKeys({ API_KEYS_FILE })
  t.equal(keys.authenticate('gone'), null)
  t.match(keys.whyRefused('gone'), { name: 'gone', reason: 'expired' })
  t.match(keys.whyRefused('later'), { name: 'later', reason: 'not-yet' })
  t.match(keys.whyRefused('first'), { name: 'now', reason: 'expired' })
  t.match(keys.authenticate('second'), { name: 'now' })
  t.equal(keys.whyRefused('guessed'), null)
})

t.test('a caller with an expired key is told so, and the log names the key', async (t) => {
  const keys = loadApiKeys({ API_KEYS_FILE: fileOf(t, [entry('gone', digest('gone-secret'), { expires: past })]) })
  const { app, lines } = await openApp(t, { keys, readAccess: 'key' })
  const answer = await app.inject({ url: '/v1/things', headers: { authorization: 'Bearer gone-secret' } })
  t.match(answer.json(), { status: 401, detail: 'The key expired at 2020-01-01T00:00:00.000Z.' })
  t.match(lines.join(''), /"key":"gone","reason":"expired"/)
})

t.test('a key names the public keys that its caller signs with, and whether it has to', async (t) => {
  const publicKey = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
  const signingKeys = [{ publicKey, expires: future }]
  const API_KEYS_FILE = fileOf(t, [
    entry('signs', digest('signs-0123456789'), { signingKeys, requireSignature: true }),
    entry('plain', digest('plain-0123456789')),
  ])
  const keys = loadApiKeys({ API_KEYS_FILE })
  const caller = keys.authenticate('signs-0123456789')
  t.same(caller?.signing, {
    required: true,
    keys: [{ publicKey, notBefore: -Infinity, expires: Date.parse(future) }],
  })
  t.equal(keys.authenticate('plain-0123456789')?.signing, undefined)
  write(API_KEYS_FILE, [entry('signs', digest('signs-0123456789'), { signingKeys })])
  await keys.reload(true)
  t.equal(caller && keys.holds(caller), false, 'a change of it ends what is running with the key before')
  const of = (more: object) => mistakesIn({ API_KEYS_FILE: fileOf(t, [entry('a', digest('a-secret'), more)]) })
  t.match(of({ requireSignature: true }), /a: it requires a signature and has no signingKeys/)
  t.match(of({ signingKeys: [{ publicKey: 'abc' }] }), /0\.signingKeys\.0\.publicKey: an Ed25519 public key/)
  t.match(of({ signingKeys: [{ publicKey }, { publicKey }] }), /a: it has the signing key .* twice/)
  t.match(of({ signingKeys: [{ publicKey, notBefore: future, expires: past }] }), /expires before it holds/)
})

t.test('one public key in two entries is refused, and in one entry with two secrets it is not', async (t) => {
  const publicKey = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
  const signingKeys = [{ publicKey }]
  const of = (...entries: unknown[]) => mistakesIn({ API_KEYS_FILE: fileOf(t, entries) })
  const a = entry('a', [digest('a-secret-0123456'), digest('a-secret-7890123')], { signingKeys })
  t.match(
    of(a, entry('b', digest('b-secret-0123456'), { signingKeys })),
    new RegExp(
      `API_KEYS_FILE: b: it has the signing key ${publicKey} of a: each caller needs a signing key of its own`,
    ),
  )
  const keys = loadApiKeys({ API_KEYS_FILE: fileOf(t, [a]) })
  t.ok(keys.authenticate('a-secret-7890123'))
})

t.test('errors in a key file are named one by one', async (t) => {
  const of = (...entries: unknown[]) => mistakesIn({ API_KEYS_FILE: fileOf(t, entries) })
  t.match(of(entry('a', digest(''))), /a: this is the digest of a secret of at most one character/)
  t.match(of(entry('a', digest('x'))), /at most one character/)
  t.match(of(entry('a', [])), /0\.sha256/)
  t.match(of(entry('a', digest('1'.repeat(20)), { expires: '2027-01-31' })), /0\.expires: a time such as/)
  t.match(of(entry('a', digest('secret'), { notBefore: future, expires: past })), /a: it expires before it holds/)
  t.match(of(entry('a', digest('one')), entry('a', digest('two'))), /the name a is given twice/)
  t.match(of(entry('a', [digest('one'), digest('one').toUpperCase()])), /a has a secret twice/)
  t.match(mistakesIn({ API_KEYS_FILE: fileOf(t, {}) }), /must be a list of entries/)
})

t.test('a party in the key list of the environment is refused with the reason', async (t) => {
  const found = mistakesIn({ API_KEYS: 'a:record:party:most-vn' })
  t.match(found, /has no place for a party or a date; API_KEYS_FILE has/)
  t.notMatch(found, /most-vn/)
})

t.test('short secrets are accepted only if the service listens on loopback', async (t) => {
  for (const HOST of ['127.0.0.1', 'localhost', '::1', undefined]) {
    t.equal(mistakesIn({ API_KEYS: 'a:read:short', HOST }), 'none', HOST ?? 'usual')
  }
  for (const HOST of ['0.0.0.0', '::', '10.1.2.3']) {
    t.match(mistakesIn({ API_KEYS: 'a:read:short', HOST }), /shorter than 16 characters/, HOST)
  }
})

t.test('a key file that others can read causes a warning, and is refused in production', async (t) => {
  const API_KEYS_FILE = fileOf(t, [entry('a', digest('secret'))])
  for (const [mode, fault] of [
    [0o604, /every user may read it \(its mode is 604/],
    [0o620, /others than its owner may write it/],
    [0o666, /every user may read it and others than its owner may write it/],
  ] as const) {
    chmodSync(API_KEYS_FILE, mode)
    t.match(loadApiKeys({ API_KEYS_FILE }).warnings.join(), fault)
    t.match(mistakesIn({ API_KEYS_FILE, NODE_ENV: 'production' }), fault)
  }
  for (const mode of [0o600, 0o440, 0o640]) {
    chmodSync(API_KEYS_FILE, mode)
    t.equal(mistakesIn({ API_KEYS_FILE, NODE_ENV: 'production' }), 'none')
    t.same(loadApiKeys({ API_KEYS_FILE }).warnings, [])
  }
})

t.test('a changed key file is read again: overwritten, replaced, or behind another link', async (t) => {
  const folder = t.testdir({ one: {}, two: {} })
  write(join(folder, 'one', 'keys.json'), [entry('a', digest('first'))])
  symlinkSync(join(folder, 'one'), join(folder, 'data'))
  const API_KEYS_FILE = join(folder, 'data', 'keys.json')
  const keys = loadApiKeys({ API_KEYS_FILE })
  t.match(await keys.reload(), { outcome: 'unchanged' })

  write(API_KEYS_FILE, [entry('a', digest('secnd'))])
  t.match(await keys.reload(), { outcome: 'read', size: 1 })
  t.equal(keys.authenticate('first'), null, 'the old secret holds no longer')
  t.match(keys.authenticate('secnd'), { name: 'a' })

  write(join(folder, 'beside'), [entry('a', digest('third'))])
  renameSync(join(folder, 'beside'), API_KEYS_FILE)
  t.match(await keys.reload(), { outcome: 'read' })
  t.match(keys.authenticate('third'), { name: 'a' })

  write(join(folder, 'two', 'keys.json'), [entry('a', digest('fourth'))])
  symlinkSync(join(folder, 'two'), join(folder, 'data.new'))
  renameSync(join(folder, 'data.new'), join(folder, 'data'))
  t.match(await keys.reload(), { outcome: 'read' })
  t.match(keys.authenticate('fourth'), { name: 'a' })
})

t.test('an unusable key file leaves the keys unchanged, and is reported once', async (t) => {
  const API_KEYS_FILE = fileOf(t, [entry('a', digest('secret'))])
  const keys = loadApiKeys({ API_KEYS_FILE, API_KEYS: 'dev:read:another-secret-0123' })
  const { app, lines } = await openApp(t, { keys })
  write(API_KEYS_FILE, '[{"name": hunter2')
  await eventually(async () => keys.file?.broken === true)
  t.match(keys.authenticate('secret'), { name: 'a' })
  const ready = await app.inject({ url: '/health/ready' })
  t.match(ready.json(), {
    status: 'ready',
    checks: [{ name: 'keys', ok: false, alarm: true, detail: /cannot be used; the keys of 20.* hold/ }],
  })
  t.match((await app.inject({ url: '/metrics' })).body, /^api_keys_file_broken 1$/m)
  await wait(2_500)
  const said = lines.filter((line) => line.includes('the keys that were read before hold'))
  t.equal(said.length, 1)
  t.notMatch(lines.join(''), /hunter2/)

  write(API_KEYS_FILE, [entry('b', digest('other'))])
  await app.refreshKeys()
  t.match((await app.inject({ url: '/metrics' })).body, /^api_keys_file_broken 0$/m)
  t.equal(keys.authenticate('secret'), null)
  t.match(keys.authenticate('other'), { name: 'b' })
  t.match(keys.authenticate('another-secret-0123'), { name: 'dev' }, 'those of the environment stay')
})

t.test('a pipe in place of the key file leaves the keys unchanged, and the next file is read', async (t) => {
  const API_KEYS_FILE = fileOf(t, [entry('a', digest('secret'))])
  const keys = loadApiKeys({ API_KEYS_FILE })
  unlinkSync(API_KEYS_FILE)
  execFileSync('mkfifo', [API_KEYS_FILE])
  t.match(await keys.reload(), { outcome: 'kept', mistakes: [/cannot be read \(ENOTFILE\)/] })
  t.match(keys.authenticate('secret'), { name: 'a' })
  unlinkSync(API_KEYS_FILE)
  write(API_KEYS_FILE, [entry('b', digest('other'))])
  t.match(await keys.reload(), { outcome: 'read' })
  t.equal(keys.authenticate('secret'), null)
})

t.test('a running answer is cut within seconds after its key is revoked', async (t) => {
  const API_KEYS_FILE = fileOf(t, [entry('a', digest('secret-of-a')), entry('b', digest('secret-of-b'))])
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
  const keys = loadApiKeys({ API_KEYS_FILE })
  const { app, lines } = await openApp(t, { keys, readAccess: 'key', routes: [...routes, endless] })
  const port = await listen(app)
  const open = async (secret: string) => {
    const socket = connect(port, '127.0.0.1')
    const state = { closed: false }
    socket.on('close', () => (state.closed = true)).on('error', () => {})
    socket.write(`GET /endless HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${secret}\r\n\r\n`)
    await new Promise((resolve) => socket.once('data', resolve))
    t.after(() => socket.destroy())
    return state
  }
  const [a, b] = await Promise.all([open('secret-of-a'), open('secret-of-b')])
  write(API_KEYS_FILE, [entry('b', digest('secret-of-b'))])
  await eventually(async () => a.closed)
  t.notOk(b.closed, 'who still has a key reads on')
  t.match(lines.join(''), /"key":"a".*its key does not hold any longer/)
})

t.test('a key lookup takes the same work however many keys there are', async (t) => {
  const secrets = Array.from({ length: 20_000 }, (_, index) => `secret-${index}`)
  const API_KEYS_FILE = fileOf(
    t,
    secrets.map((secret, index) => entry(`key-${index}`, digest(secret))),
  )
  const keys = loadApiKeys({ API_KEYS_FILE })
  const rounds = (of: typeof keys) => {
    const begun = performance.now()
    for (let round = 0; round < 20_000; round += 1) of.authenticate(secrets[round] ?? '')
    return performance.now() - begun
  }
  const one = loadApiKeys({ API_KEYS: 'one:read:one-secret-0123456' })
  rounds(one)
  rounds(keys)
  const [few, many] = [rounds(one), rounds(keys)]
  // Comparing every digest with every other one took some thousand times as long.
  t.ok(many < few * 20, `${many} ms for ${keys.size} keys, ${few} ms for one`)
  t.match(keys.authenticate('secret-19999'), { name: 'key-19999' })
})

t.test('an entry that a key file refuses is refused by make-key, with every error', async (t) => {
  t.same(faultsOfEntry(entry('most-vn-office', digest('s'.repeat(16)), { party: 'most-vn', expires: future })), [])
  const faulty = entry('Most VN', digest('s'.repeat(16)), { party: 'most_vn', scopes: ['write'], expires: 'tomorrow' })
  t.match(faultsOfEntry(faulty), [/^name: a slug/, /^party: a slug/, /^scopes\.0: /, /^expires: a time such as/])
})
