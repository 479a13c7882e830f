import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '@commitments/http-kit'
import { readConfig, readSigning } from '@commitments/projection'
import { newKey } from '@commitments/test-kit/services'
import { publicBytes, witnessKey } from '@commitments/transparency'
import t from 'tap'
import { originOf, originOfLog, signersOf, verifierKeysOf } from '../../src/transparency/signing.ts'

const logId = '00000000-0000-4000-8000-000000000001'

function mistakesOf(environment: Record<string, string>): string {
  try {
    readSigning(environment)
    return 'none'
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
}

function keyFile(folder: string, name: string): string {
  const file = join(folder, name)
  writeFileSync(file, newKey().export({ type: 'pkcs8', format: 'pem' }))
  return file
}

t.test('in development the key is created at the first start, readable only by its owner, and kept', (t) => {
  const DATA_DIR = join(t.testdir({}), 'data')
  const first = readSigning({ DATA_DIR })
  const file = join(DATA_DIR, 'log-key.pem')
  t.equal(statSync(file).mode & 0o777, 0o600)
  const again = readSigning({ DATA_DIR })
  t.equal(verifierKeysOf(first as never, 'log.example'), verifierKeysOf(again as never, 'log.example'))
  t.equal(first?.folder, DATA_DIR)
  t.end()
})

t.test('origin and key name are the configured ones followed by the Log-Id', (t) => {
  const DATA_DIR = t.testdir({})
  const usual = readSigning({ DATA_DIR, LEDGER_SCHEMA: 'board' })
  if (usual === null) throw new Error('no signing')
  t.equal(originOf(usual, logId), `commitments.localhost/board/${logId}`)
  t.equal(signersOf(usual, originOf(usual, logId))[0]?.name, originOf(usual, logId))
  const named = readSigning({ DATA_DIR, LOG_ORIGIN: 'log.example/vn-kr', LOG_KEY_NAME: 'most.example/log' })
  if (named === null) throw new Error('no signing')
  t.equal(originOf(named, logId), `log.example/vn-kr/${logId}`)
  t.equal(signersOf(named, originOf(named, logId))[0]?.name, 'most.example/log')
  t.end()
})

t.test(
  'without LOG_ORIGIN the origin of a new log is its prefix below PUBLIC_URL, and a signed log keeps its own',
  (t) => {
    const DATA_DIR = t.testdir({})
    for (const [PUBLIC_URL, origin] of [
      ['https://commitments.example.org', 'commitments.example.org/log'],
      ['https://example.org:8443/board/', 'example.org:8443/board/log'],
      ['http://127.0.0.1:8081', '127.0.0.1:8081/log'],
    ] as const) {
      const signing = readSigning({ DATA_DIR, PUBLIC_URL })
      if (signing === null) throw new Error('no signing')
      t.equal(originOfLog(signing, logId, null), `${origin}/${logId}`)
      t.equal(originOfLog(signing, logId, `before.example/${logId}\n0\n…`), `before.example/${logId}`)
    }
    const chosen = readSigning({ DATA_DIR, PUBLIC_URL: 'https://a.example', LOG_ORIGIN: 'chosen.example' })
    if (chosen === null) throw new Error('no signing')
    t.equal(
      originOfLog(chosen, logId, `before.example/${logId}\n0\n…`),
      `chosen.example/${logId}`,
      'who chooses, changes it',
    )
    t.end()
  },
)

t.test('in production a key has to be given, and none is created', (t) => {
  const DATA_DIR = t.testdir({})
  const environment = { NODE_ENV: 'production', DATA_DIR }
  t.match(mistakesOf(environment), /LOG_KEY_FILE: must be set in production.*LOG_SIGNER=no/)
  t.match(
    mistakesOf({ ...environment, LOG_KEY_FILE: join(DATA_DIR, 'not-there.pem') }),
    /not-there.pem cannot be used \(ENOENT\)/,
  )
  t.notOk(existsSync(join(DATA_DIR, 'log-key.pem')))
  t.equal(readSigning({ ...environment, LOG_SIGNER: 'no' }), null)
  t.end()
})

t.test(
  'a file that is not an Ed25519 key is named, with a command that creates one, and never with its content',
  (t) => {
    const DATA_DIR = t.testdir({ 'log-key.pem': 'a secret that is no key' })
    const message = mistakesOf({ DATA_DIR })
    t.match(message, /LOG_KEY_FILE: .*log-key.pem holds no Ed25519 private key in PEM/)
    t.notMatch(message, /a secret/)
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    writeFileSync(join(DATA_DIR, 'log-key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
    t.match(mistakesOf({ DATA_DIR }), /holds no Ed25519 private key/)
    writeFileSync(join(DATA_DIR, 'log-key.pem'), '')
    t.match(mistakesOf({ DATA_DIR }), /holds no Ed25519 private key/)
    t.end()
  },
)

t.test('a log key that others can read causes a warning, and is refused in production', (t) => {
  const folder = t.testdir({})
  const LOG_KEY_FILE = keyFile(folder, 'key.pem')
  chmodSync(LOG_KEY_FILE, 0o644)
  t.match(readSigning({ LOG_KEY_FILE })?.warnings?.join(), /LOG_KEY_FILE: .*every user may read it/)
  t.match(mistakesOf({ NODE_ENV: 'production', LOG_KEY_FILE }), /LOG_KEY_FILE: .*every user may read it/)
  chmodSync(LOG_KEY_FILE, 0o440)
  t.equal(mistakesOf({ NODE_ENV: 'production', LOG_KEY_FILE }), 'none')
  t.end()
})

t.test('with a previous key both sign, the current one first', (t) => {
  const folder = t.testdir({})
  const files = { LOG_KEY_FILE: keyFile(folder, 'new.pem'), LOG_PREVIOUS_KEY_FILE: keyFile(folder, 'old.pem') }
  const signing = readSigning(files)
  t.equal(signing?.keys.length, 2)
  const alone = readSigning({ LOG_KEY_FILE: files.LOG_KEY_FILE })
  t.same(publicBytes(signing?.keys[0] as never), publicBytes(alone?.keys[0] as never))
  t.match(
    mistakesOf({ ...files, LOG_PREVIOUS_KEY_FILE: join(folder, 'x.pem') }),
    /LOG_PREVIOUS_KEY_FILE: .*x.pem cannot be used/,
  )
  t.end()
})

t.test('key and state can be in different places, and the state must be writable', (t) => {
  const folder = t.testdir({ state: {}, 'a-file': '' })
  const LOG_KEY_FILE = keyFile(folder, 'key.pem')
  t.equal(readSigning({ LOG_KEY_FILE, LOG_STATE_DIR: join(folder, 'state') })?.folder, join(folder, 'state'))
  const production = { NODE_ENV: 'production', LOG_KEY_FILE }
  t.match(
    mistakesOf({ ...production, LOG_STATE_DIR: join(folder, 'nowhere') }),
    /LOG_STATE_DIR: .*nowhere cannot be used \(ENOENT\)/,
  )
  t.match(mistakesOf({ LOG_KEY_FILE, LOG_STATE_DIR: join(folder, 'a-file') }), /LOG_STATE_DIR: .*cannot be used/)
  t.end()
})

t.test('witnesses are a list of verifier key and address', (t) => {
  const DATA_DIR = t.testdir({})
  const [one, two] = ['w.example/1', 'w.example/2'].map((name) => witnessKey(name, newKey()))
  const signing = readSigning({ DATA_DIR, WITNESSES: `${one} https://w.example/one/, ${two} http://127.0.0.1:9000` })
  t.match(signing?.witnesses, [
    { verifier: { name: 'w.example/1' }, url: 'https://w.example/one' },
    { verifier: { name: 'w.example/2' }, url: 'http://127.0.0.1:9000' },
  ])
  for (const wrong of [
    String(one),
    `${one} ftp://x`,
    `${one}x https://w.example`,
    'https://w.example',
    `${one} https://a b`,
  ]) {
    t.match(mistakesOf({ DATA_DIR, WITNESSES: wrong }), /WITNESSES: a list, with commas/, wrong)
  }
  t.end()
})

t.test('configuration errors of the log are reported with all others of the service', (t) => {
  const environment = {
    PORT: 'x',
    LOG_ORIGIN: 'with space',
    LOG_KEY_NAME: 'a+b',
    LOG_SIGNER: 'perhaps',
    WITNESSES: 'x',
  }
  try {
    readConfig(environment)
    t.fail('it was accepted')
  } catch (error) {
    t.ok(error instanceof ConfigError)
    for (const name of Object.keys(environment)) t.match((error as ConfigError).message, `${name}: `)
  }
  t.end()
})
