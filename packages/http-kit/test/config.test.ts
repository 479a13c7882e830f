import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { z } from 'zod'
import { ConfigError, commonVariables, loadApiKeys, parseConfig, port } from '../src/index.ts'

const Schema = z.object({ ...commonVariables, PORT: port(8080) })
const digest = (secret: string) => createHash('sha256').update(secret).digest('hex')

function mistakes(act: () => unknown): readonly string[] {
  try {
    act()
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
  return []
}

t.test('an empty environment gives the documented defaults, frozen', async (t) => {
  const config = parseConfig(Schema, { HOST: '', OTHER: 'ignored' })
  t.strictSame(config, {
    HOST: '127.0.0.1',
    SHUTDOWN_DELAY: 0,
    LOG_LEVEL: 'info',
    READ_ACCESS: 'public',
    LEDGER_SCHEMA: 'commitments',
    LEDGER_TIME_ZONE: 'Asia/Ho_Chi_Minh',
    PORT: 8080,
  })
  t.ok(Object.isFrozen(config))
})

t.test('values are read: limits, URLs without a trailing slash, port 0', async (t) => {
  const config = parseConfig(Schema, { RATE_LIMIT: '600/minute', PUBLIC_URL: 'https://x.example/api/', PORT: '0' })
  t.strictSame(config.RATE_LIMIT, { requests: 600, window: 60_000 })
  t.equal(config.PUBLIC_URL, 'https://x.example/api')
  t.equal(config.PORT, 0)
})

t.test('all errors are reported at once, by the name of the variable and without the value', async (t) => {
  const environment = {
    PORT: '99999',
    LOG_LEVEL: 'loud',
    RATE_LIMIT: '5/fortnight',
    LEDGER_TIME_ZONE: 'Mars/Olympus',
    LEDGER_SCHEMA: 'Bad Name',
    PUBLIC_URL: 'ftp://x',
    DATABASE_URL: 'mysql://me:hunter2@x',
    API_KEYS: 'me:record:hunter2,Bad:record:hunter2,x:fly:hunter2',
    API_KEYS_FILE: '/nowhere/keys.json',
  }
  const found = mistakes(() => parseConfig(Schema, environment))
  t.equal(found.length, 10)
  t.ok(found.includes('LOG_LEVEL: must be trace, debug, info, warn, error, fatal or silent'))
  for (const name of Object.keys(environment))
    t.ok(
      found.some((mistake) => mistake.startsWith(`${name}:`)),
      name,
    )
  t.notMatch(found.join(), /hunter2/)
})

t.test('keys of the environment are recognised only by their secret', async (t) => {
  const keys = loadApiKeys({ API_KEYS: 'one:record+read:a-secret:with-colons-0, two:admin:short ,' })
  t.equal(keys.size, 2)
  const caller = keys.authenticate('a-secret:with-colons-0')
  t.match(caller, { name: 'one', recordedBy: 'key:one' })
  t.strictSame([...(caller?.scopes ?? [])], ['record', 'read'])
  t.equal(keys.authenticate('a-secret'), null)
  t.equal(keys.authenticate(''), null)
  t.strictSame(keys.weak, ['two'])
  t.notMatch(JSON.stringify(keys), /secret/)
})

t.test('keys of a file are recognised by the digest of their secret, and can be bound to a party', async (t) => {
  const file = join(t.testdir(), 'keys.json')
  writeFileSync(
    file,
    JSON.stringify([{ name: 'most', party: 'most-vn', scopes: ['record'], sha256: digest('s3cret') }]),
  )
  const keys = loadApiKeys({ API_KEYS_FILE: file, API_KEYS: 'dev:read:another-secret-0123' })
  t.match(keys.authenticate('s3cret'), { name: 'most', party: 'most-vn', recordedBy: 'key:most' })
  t.match(keys.authenticate('another-secret-0123'), { name: 'dev' })
})

t.test('every error in a key file is reported, and none of them quotes the file', async (t) => {
  const file = join(t.testdir(), 'keys.json')
  writeFileSync(
    file,
    JSON.stringify([
      { name: 'A b', scopes: ['fly'], sha256: 'hunter2' },
      { name: 'b', secret: 'hunter2' },
    ]),
  )
  const found = mistakes(() => loadApiKeys({ API_KEYS_FILE: file }))
  t.ok(found.length >= 6, found.join())
  t.notMatch(found.join(), /hunter2/)
  writeFileSync(file, '[{"name": hunter2}]')
  t.strictSame(
    mistakes(() => loadApiKeys({ API_KEYS_FILE: file })),
    [`API_KEYS_FILE: the file ${file} is not JSON: reading stopped at line 1, column 11`],
  )
})

t.test('a name or a secret that is given twice is an error', async (t) => {
  const found = mistakes(() => loadApiKeys({ API_KEYS: 'a:read:one-one-one,a:read:two-two-two,b:read:one-one-one' }))
  t.strictSame(found, [
    'API_KEYS: the name a is given twice: give one key another name, or put both secrets into one entry',
    "API_KEYS: b has another key's secret: make a new one for one of them",
  ])
})
