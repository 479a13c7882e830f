import { generateKeyPairSync } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '@commitments/http-kit'
import { readConfig, readSigning as readSigningOf } from '@commitments/projection'
import { temporaryFolder } from '@commitments/test-kit'
import { newKey } from '@commitments/test-kit/services'
import { formatCheckpoint, makeSigner, publicBytes, signNote, verifierKey, witnessKey } from '@commitments/transparency'
import t from 'tap'
import { originOf, originOfLog, signersOf, verifierKeysOf } from '../../src/transparency/signing.ts'

const logId = '00000000-0000-4000-8000-000000000001'

/** Where a user keeps state; that of whoever runs the tests is left alone. */
const XDG_STATE_HOME = temporaryFolder({ after: (end) => process.once('exit', end) })

function readSigning(environment: Record<string, string>) {
  return readSigningOf({ XDG_STATE_HOME, ...environment })
}

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
  t.end()
})

const usualOrigin = 'origin-commitments.localhost%2Fcommitments'

t.test(
  'what was signed last is not kept with the data by default, and ledgers and origins do not meet in one place',
  (t) => {
    const DATA_DIR = temporaryFolder(t)
    const folderOf = (environment: Record<string, string>) => readSigning({ DATA_DIR, ...environment })?.home.place
    t.equal(folderOf({}), join(XDG_STATE_HOME, 'commitments', usualOrigin))
    t.equal(statSync(folderOf({}) ?? '').mode & 0o777, 0o700)
    t.same(readSigning({ DATA_DIR })?.warnings, [])
    const HOME = temporaryFolder(t)
    t.equal(
      folderOf({ HOME, XDG_STATE_HOME: 'not/absolute' }),
      join(HOME, '.local', 'state', 'commitments', usualOrigin),
      'a relative path is ignored',
    )
    const others = [{}, { LEDGER_SCHEMA: 'other' }, { LOG_ORIGIN: 'log.example/staging' }, { LOG_ORIGIN: '../..' }]
    const folders = others.map(folderOf)
    t.equal(new Set(folders).size, others.length)
    for (const folder of folders) t.ok(folder?.startsWith(join(XDG_STATE_HOME, 'commitments', 'origin-')))
    const LOG_KEY_FILE = keyFile(temporaryFolder(t), 'key.pem')
    chmodSync(LOG_KEY_FILE, 0o600)
    const production = { NODE_ENV: 'production', LOG_KEY_FILE, HOME, XDG_STATE_HOME: '' }
    t.ok(folderOf(production)?.startsWith(HOME), 'in production as well')
    t.end()
  },
)

function noteOf(size: number): string {
  const origin = `commitments.localhost/commitments/${logId}`
  const text = formatCheckpoint({ origin, size, root: Buffer.alloc(32, size) })
  return signNote(text, [makeSigner({ name: origin, privateKey: newKey() })])
}

t.test('what an earlier version kept beside the key is moved, and never replaces what is newer', (t) => {
  const [DATA_DIR, state] = [temporaryFolder(t), temporaryFolder(t)]
  const name = `log-checkpoint-${logId}`
  const former = join(DATA_DIR, name)
  const start = () => readSigning({ DATA_DIR, XDG_STATE_HOME: state })
  const keeps = () => readFileSync(join(state, 'commitments', usualOrigin, name), 'utf8')
  const [five, nine, eleven] = [noteOf(5), noteOf(9), noteOf(11)]
  writeFileSync(former, nine)
  writeFileSync(join(DATA_DIR, 'log-checkpoint-of-somebody'), 'left alone')
  const moved = start()
  t.match(moved?.warnings, [/last signed checkpoint is kept in .* from now on, no longer in /])
  t.equal(keeps(), nine)
  t.same(readdirSync(DATA_DIR).sort(), ['log-checkpoint-of-somebody', 'log-key.pem'])
  t.same(start()?.warnings, [], 'once')
  writeFileSync(former, five)
  t.match(start()?.warnings, [/is not used: .*If a backup brought it back, delete it/])
  t.equal(keeps(), nine, 'what came back with a backup does not make the signer forget')
  writeFileSync(former, eleven)
  t.match(start()?.warnings, [/from now on/])
  t.equal(keeps(), eleven, 'an earlier version that ran again has signed more')
  writeFileSync(former, 'no checkpoint')
  t.same(start()?.warnings, [])
  t.ok(existsSync(former))
  const LOG_STATE_DIR = temporaryFolder(t)
  writeFileSync(former, nine)
  readSigning({ DATA_DIR, LOG_STATE_DIR })
  t.same(readdirSync(LOG_STATE_DIR), [], 'nothing is moved to a folder that somebody chose')
  t.end()
})

t.test('a folder that is backed up or copied with the database is warned of, also by a link', (t) => {
  const DATA_DIR = temporaryFolder(t)
  const inside = join(DATA_DIR, 'state')
  mkdirSync(inside)
  const within = (LOG_STATE_DIR: string, data = DATA_DIR) => readSigning({ DATA_DIR: data, LOG_STATE_DIR })?.warnings
  t.match(within(inside), [/LOG_STATE_DIR: .* lies within DATA_DIR .*would be signed again/])
  t.match(within(DATA_DIR), [/lies within DATA_DIR/])
  const link = join(temporaryFolder(t), 'link')
  symlinkSync(inside, link)
  t.match(within(link), [/lies within DATA_DIR/])
  t.match(within(t.testdir({})), [/lies within the folder of the program/])
  t.same(within(temporaryFolder(t)), [])
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
  t.equal(readSigning({ LOG_KEY_FILE, LOG_STATE_DIR: join(folder, 'state') })?.home.place, join(folder, 'state'))
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

t.test('the policy of witnesses is read from its file; those with an address are asked too', (t) => {
  const DATA_DIR = t.testdir({})
  const LOG_KEY_FILE = keyFile(DATA_DIR, 'key.pem')
  const [one, two, three] = ['1', '2', '3'].map((name) => witnessKey(`w.example/${name}`, newKey()))
  const file = join(DATA_DIR, 'policy')
  const environment = { LOG_KEY_FILE, WITNESS_POLICY_FILE: file, WITNESSES: `${one} https://w.example/one` }
  const mistakes = (text: string) => {
    writeFileSync(file, text)
    return mistakesOf(environment)
  }
  const witnesses = `witness a ${one} https://elsewhere.example\nwitness b ${two} https://w.example/two/\nwitness c ${three}\n`
  writeFileSync(file, `${witnesses}group g 2 a b c\nquorum g\n`)
  const signing = readSigning(environment)
  t.match(signing?.witnesses, [{ url: 'https://w.example/one' }, { url: 'https://w.example/two' }])
  t.equal(signing?.witnesses.length, 2, 'WITNESSES has the address of the first')
  t.equal(signing?.policy?.witnesses.length, 3)
  t.equal(signing?.renewAfter, 21_600_000)
  t.equal(readSigning({ ...environment, COSIGNATURE_RENEWAL: '3600' })?.renewAfter, 3_600_000)
  t.match(mistakesOf({ ...environment, COSIGNATURE_RENEWAL: '5' }), /COSIGNATURE_RENEWAL: /)
  t.match(
    mistakes(`${witnesses}group g all a b c\nquorum g\n`),
    /requires 3 of \(a, b, c\), and of these only a, b can be asked/,
  )
  t.match(mistakes('quorum x\n'), /WITNESS_POLICY_FILE: .*policy is no policy \(C2SP tlog-policy\). Line 1: /)
  t.match(
    mistakes(`log ${verifierKey('log.example', newKey())}\nquorum none\n`),
    /none of them has the key of this log/,
  )
  t.equal(mistakes(`log ${verifierKeysOf(signing as never, 'log.example').trim()}\nquorum none\n`), 'none')
  t.match(
    mistakesOf({ ...environment, WITNESS_POLICY_FILE: `${file}x` }),
    /WITNESS_POLICY_FILE: .*policyx cannot be used \(ENOENT\)/,
  )
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

t.test('LOG_STATE_ETCD names the members of an etcd, which then keeps what the folder would', (t) => {
  const DATA_DIR = t.testdir({})
  const state = temporaryFolder(t)
  const placeOf = (LOG_STATE_ETCD: string, more = {}) => {
    const signing = readSigning({ DATA_DIR, XDG_STATE_HOME: state, LOG_STATE_ETCD, ...more })
    return signing === null ? null : `${signing.home.place}, ${signing.home.nameOf(logId)}`
  }
  const usual = `the key /commitments/${usualOrigin}/log-checkpoint-${logId} in etcd`
  t.equal(placeOf('https://etcd-1,etcd-2:12379,[::1]:2379/'), `etcd at etcd-1:2379, etcd-2:12379, [::1]:2379, ${usual}`)
  const LOG_STATE_DIR = join(state, 'as-in-the-image')
  t.equal(placeOf('http://signer:p%40ss@etcd:2379', { LOG_STATE_DIR }), `etcd at etcd:2379, ${usual}`, 'not the folder')
  t.match(placeOf('http://etcd', { LOG_ORIGIN: 'log.example/vn-kr' }), /origin-log\.example%2Fvn-kr\/log-checkpoint-/)
  t.same(readdirSync(state), [], 'and no folder is made')
  t.end()
})

t.test('a mistake in LOG_STATE_ETCD or its files is said, and never with a password or a key', (t) => {
  const folder = temporaryFolder(t)
  const DATA_DIR = join(folder, 'data')
  const LOG_STATE_ETCD = 'https://etcd-1:2379'
  for (const address of [
    'etcd-1:2379',
    'ftp://etcd-1',
    'https://',
    'https://etcd-1:2379/path',
    'https://etcd-1,,etcd-2',
    'https://etcd-1:99999',
    'https://only-a-name@etcd-1',
    'https://signer:a-secret:more@etcd-1',
    'https://signer:a-secret%@etcd-1',
    'https://signer:a-secret@etcd 1',
  ]) {
    const message = mistakesOf({ DATA_DIR, LOG_STATE_ETCD: address })
    t.match(message, /LOG_STATE_ETCD: must be the members of an etcd/, address)
    t.notMatch(message, /a-secret/)
  }
  const file = join(folder, 'file.pem')
  writeFileSync(file, 'a secret key')
  const missing = join(folder, 'missing.pem')
  t.match(
    mistakesOf({ DATA_DIR, LOG_STATE_ETCD, LOG_STATE_ETCD_CA_FILE: missing }),
    /LOG_STATE_ETCD_CA_FILE: .*missing\.pem cannot be used \(ENOENT\)/,
  )
  t.match(
    mistakesOf({ DATA_DIR, LOG_STATE_ETCD, LOG_STATE_ETCD_CERT_FILE: file }),
    /LOG_STATE_ETCD_CERT_FILE and LOG_STATE_ETCD_KEY_FILE: set both or neither/,
  )
  t.match(
    mistakesOf({ DATA_DIR, LOG_STATE_ETCD: 'http://etcd-1', LOG_STATE_ETCD_CA_FILE: file }),
    /LOG_STATE_ETCD: must begin with https/,
  )
  const LOG_STATE_ETCD_KEY_FILE = join(folder, 'open.pem')
  writeFileSync(LOG_STATE_ETCD_KEY_FILE, 'a secret key')
  chmodSync(LOG_STATE_ETCD_KEY_FILE, 0o644)
  const pair = { LOG_STATE_ETCD_CERT_FILE: file, LOG_STATE_ETCD_KEY_FILE }
  t.match(readSigning({ DATA_DIR, LOG_STATE_ETCD, ...pair })?.warnings, [
    /LOG_STATE_ETCD_KEY_FILE: .*every user may read it/,
  ])
  const [LOG_KEY_FILE, NODE_ENV] = [keyFile(folder, 'log.pem'), 'production']
  chmodSync(LOG_KEY_FILE, 0o600)
  const message = mistakesOf({ NODE_ENV, LOG_KEY_FILE, LOG_STATE_ETCD, ...pair })
  t.match(message, /LOG_STATE_ETCD_KEY_FILE: .*open\.pem/)
  t.notMatch(message, /a secret/)
  t.end()
})
