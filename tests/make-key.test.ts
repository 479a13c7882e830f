import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { loadApiKeys } from '@commitments/http-kit'
import t from 'tap'

const script = join(import.meta.dirname, '../scripts/make-key.ts')

function makeKey(...parameters: string[]) {
  return spawnSync(process.execPath, [script, ...parameters], { encoding: 'utf8' })
}

t.test('make-key prints a secret and its entry for the key file, with a digest only', async (t) => {
  const { status, stdout } = makeKey(
    'most',
    'record',
    'read',
    '--party',
    'most-vn',
    '--expires',
    '2999-01-31T12:00:00Z',
  )
  t.equal(status, 0)
  const [, secret = ''] = /^Secret, for the caller only: (\S+)$/m.exec(stdout) ?? []
  const [, entry = ''] = /^Entry for API_KEYS_FILE: +(\{.*\})$/m.exec(stdout) ?? []
  t.notMatch(entry, secret)
  const folder = t.testdir({ 'keys.json': `[${entry}]` })
  const keys = loadApiKeys({ API_KEYS_FILE: join(folder, 'keys.json') })
  t.match(keys.authenticate(secret), { name: 'most', party: 'most-vn', scopes: new Set(['record', 'read']) })
  t.match(JSON.parse(entry), { expires: '2999-01-31T12:00:00Z' })
})

t.test('make-key puts the public keys that a caller signs with into its entry', async (t) => {
  const publicKey = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
  const { stdout } = makeKey('most', 'record', '--signing-key', publicKey, '--require-signature')
  const [, entry = ''] = /^Entry for API_KEYS_FILE: +(\{.*\})$/m.exec(stdout) ?? []
  t.match(JSON.parse(entry), { signingKeys: [{ publicKey }], requireSignature: true })
  t.match(makeKey('most', 'record', '--require-signature'), { status: 2, stderr: /has no signingKeys/ })
})

t.test('make-key refuses what a key file would refuse, and says what is accepted', async (t) => {
  for (const wrong of [
    ['most'],
    ['most', 'write'],
    ['Not A Slug', 'read'],
    ['most', 'read', '--expires', 'tomorrow'],
    ['--no'],
  ]) {
    const { status, stdout, stderr } = makeKey(...wrong)
    t.match({ status, stdout, stderr }, { status: 2, stdout: '', stderr: /Give a name and at least one of the scopes/ })
  }
})
