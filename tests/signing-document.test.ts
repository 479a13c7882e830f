import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { keyFile, secretOf, temporaryFolder } from '@commitments/test-kit'
import { startServices } from '@commitments/test-kit/services'
import t from 'tap'

// What docs/signing.md tells a caller to do, done with the same programs.

const documents = join(import.meta.dirname, '../docs')
const blocks = [...readFileSync(join(documents, 'signing.md'), 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map(
  ([, block]) => block as string,
)
const tools = ['python3', 'curl', 'openssl', 'base64']
const isMissing = tools.some((tool) => spawnSync(tool, [tool === 'openssl' ? 'version' : '--version']).status !== 0)

t.test(
  'a key is made, an event is signed and recorded, and its line is checked by hand',
  { skip: isMissing },
  async (t) => {
    const folder = temporaryFolder(t)
    copyFileSync(join(documents, 'signing/statement.py'), join(folder, 'statement.py'))
    const [makeKey = '', record = '', check = ''] = blocks
    const run = (block: string, more: Record<string, string> = {}) => {
      const env = { PATH: process.env['PATH'], LC_ALL: 'C', ...more }
      return spawnSync('sh', ['-euc', block], { cwd: folder, env, encoding: 'utf8' })
    }
    t.match(run(makeKey), { status: 0 })
    const publicKey = readFileSync(join(folder, 'signing-key.pub'), 'utf8')
    const caller = {
      name: 'most-vn',
      party: 'most-vn',
      scopes: ['record', 'read'],
      signingKeys: [{ publicKey }],
      requireSignature: true,
    }
    const { command, projection } = await startServices(t, { environment: { API_KEYS_FILE: keyFile(t, [caller]) } })
    const [COMMAND, LOG] = await Promise.all([command.listen(), projection.listen()])
    const recorded = await asynchronously(record, folder, { COMMAND, LOG, API_KEY: secretOf('most-vn') })
    t.equal(recorded, '')
    t.match(JSON.parse(readFileSync(join(folder, 'line'), 'utf8')), {
      version: 1,
      signature: { key: publicKey, version: 1 },
    })
    t.match(run(check), { status: 0, stdout: /Signature Verified Successfully/ })
    execFileSync('sed', ['-i', 's/Joint/Other/', join(folder, 'line')])
    t.match(run(check), { status: 1 })
  },
)

/** The services are in this process, so it must not be waited for. */
async function asynchronously(block: string, cwd: string, more: Record<string, string>): Promise<string> {
  const child = spawn('sh', ['-euc', block], { cwd, env: { PATH: process.env['PATH'], LC_ALL: 'C', ...more } })
  let said = ''
  child.stdout.on('data', (data) => (said += data))
  child.stderr.on('data', (data) => (said += data))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return code === 0 ? said : `${code}: ${said}`
}
