import { execFile, spawnSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { acceptRestore } from '@commitments/event-store'
import { readAuditFiles } from '@commitments/projection'
import { eventually, startWitness, temporaryFolder } from '@commitments/test-kit'
import { newKey, signingFor } from '@commitments/test-kit/services'
import { verifierKey } from '@commitments/transparency'
import t, { type Test } from 'tap'
import { fingerprintOf } from '../src/log/keys.ts'
import { type Audited, apiKey, openAudited, recordPortfolio, startProjection } from './services.ts'

// Every command of docs/audit.md, word for word, in an empty folder, against a log with a witness during a key change.

t.setTimeout(240_000)

const root = fileURLToPath(new URL('../../..', import.meta.url))
const blocks = [...readFileSync(join(root, 'docs/audit.md'), 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map(
  ([, block]) => block as string,
)
const missing = ['python3', 'curl', 'openssl', 'sha256sum'].filter(
  (program) => spawnSync(program, [program === 'openssl' ? 'version' : '--version']).status !== 0,
)

/** What a reader does first where reading needs a key, and has done in the same shell before each of the others. */
const [access = '', ...others] = [
  ...blocks.filter((block) => block.includes('CURL_HOME')),
  ...blocks.filter((block) => !block.includes('CURL_HOME')),
]

for (const reading of ['public', 'key'] as const)
  t.test(
    `every command of the page works in an empty folder, in its order, where READ_ACCESS is ${reading}`,
    { skip: missing.join(', ') },
    (t) => follow(t, reading),
  )

async function follow(t: Test, reading: 'public' | 'key'): Promise<void> {
  const audit = readAuditFiles(join(root, 'packages/audit-cli/dist'))
  const witness = await startWitness(t)
  const keys = [newKey(), newKey()]
  const signing = signingFor(t, { keys, witnesses: [{ verifier: witness.verifier, url: witness.url }] })
  const audited = await openAudited(t, signing, { audit }, { READ_ACCESS: reading })
  const { rows } = await audited.database.pool().query('SELECT log_id FROM log_identity')
  const origin = `${signing.origin}/${rows[0].log_id}`
  witness.trust(
    origin,
    keys.map((key) => verifierKey(origin, key)),
  )
  await untilSigned(audited, await recordPortfolio(audited))
  const cwd = temporaryFolder(t)
  const FINGERPRINT = fingerprintOf(verifierKey(origin, keys[0] as KeyObject))
  const known = { LOG: audited.url, WITNESS: witness.vkey, PROPOSAL: 'vkist-phase-2', FINGERPRINT, HOME: cwd }
  const environment = reading === 'public' ? known : { ...known, API_KEY: apiKey }
  const outputs = await runAll(cwd, environment, {
    '--version': /audit\.mjs: OK\naudit\.mjs\ncommit {2}(?:[0-9a-f]{40}|unknown)\nsha256 {2}[0-9a-f]{64}\n/,
    'verify "$LOG"\n': /^VALID/,
    'export "$LOG"': /^VALID/,
    'replay log.ndjson': /"proposalId": "vkist-phase-2"[^]*"total": [1-9]/,
    'pack "$LOG"': /^VALID/,
    'verify-pack': /^VALID/,
    '--witness': /^VALID[^]*witness/,
    '--policy': /^VALID[^]*policy/,
    '> checkpoint': /^$/,
    '> verify.py': /^$/,
    'verify.py events.ndjson checkpoint': /^VALID: positions 1 to \d+ of log\.example/,
    '-in signed-text': /^(?:log\.example\/\S+\n\S*\(stdin\)= [0-9a-f]{64}\nSignature Verified Successfully\n){2}$/,
    '--log .': /^VALID/,
    'last-time/checkpoint': /^VALID: positions 1 to \d+ of/,
    '> 42.tlog-proof': /^$/,
    'verify-proof': /^VALID: the event at position 42 stood in the log/,
    '/v1/log/forks': /^\{"forks":\[\]\}$/,
    '-in cosigned-text':
      /^Signature Verified Successfully\n.* UTC 20\d\d\n$|^Signature Verified Successfully\n.*20\d\d.*\n$/,
  })
  t.equal(outputs.length, others.length, 'no command of the page is left out')
  for (const { text, command } of outputs) t.match(text, command.wanted, command.block)

  const shown = (text: string) => [...text.matchAll(/[A-Za-z0-9+/]{43}=/g)].map(([one]) => one)
  const [, , signed = ''] = readFileSync(join(cwd, 'checkpoint'), 'utf8').split('\n')
  for (const word of ['verify.py events.ndjson checkpoint', 'verify "$LOG"', 'verify-proof'])
    t.ok(shown(outputs.find(({ command }) => command.block.includes(word))?.text ?? '').length > 0, word)
  t.match(
    outputs.find(({ command }) => command.block.includes('verify.py events'))?.text,
    signed,
    'roots in the same letters',
  )

  const [other = ''] = others.filter((block) => block.includes('-in cosigned-text'))
  t.match(await sh(other, cwd, { ...environment, WITNESS: witness.vkey.replace(/\+[0-9a-f]+\+/, '+0badc0de+') }), {
    status: 0,
    text: /^This witness has not cosigned this checkpoint\.\n$/,
  })
  const stranger = witness.vkey.replace(
    /^([^+]+\+[^+]+\+).*$/,
    (_all, named) => `${named}${Buffer.concat([Buffer.from([4]), rawKey()]).toString('base64')}`,
  )
  t.match(await sh(other, cwd, { ...environment, WITNESS: stranger }), { status: 1, text: /Verification Failure/ })
}

/** The service may need a key for everything. */
async function untilSigned({ url, client }: Audited, position: number): Promise<void> {
  await client.waitFor(position)
  await eventually(
    async () => {
      const answer = await fetch(`${url}/log/checkpoint`, { headers: { authorization: `Bearer ${apiKey}` } })
      return (await answer.text()).split('\n')[1] === String(position)
    },
    { within: 20_000 },
  )
}

function rawKey(): Buffer {
  const jwk = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
  return Buffer.from(jwk.x as string, 'base64url')
}

t.test(
  'after an accepted restore the page’s command shows what the operator declared',
  { skip: missing.join(', ') },
  async (t) => {
    const audited = await openAudited(t)
    await audited.signed(await recordPortfolio(audited))
    await audited.stop()
    await acceptRestore(audited.database.pool(), 'the disk was lost')
    const { url } = await startProjection(t, audited.database, audited.signing)
    const [asking = ''] = blocks.filter((block) => block.includes('/v1/log/forks'))
    const { text } = await sh(asking, temporaryFolder(t), { LOG: url })
    t.match(JSON.parse(text), {
      forks: [{ reason: 'the disk was lost', oldLogId: /./, newLogId: /./, recordedAt: /^20/ }],
    })
  },
)

interface Done {
  readonly text: string
  readonly command: { readonly block: string; readonly wanted: RegExp }
}

/** Each block in the order of the page; a part of it says which answer it must give. */
async function runAll(
  cwd: string,
  environment: Record<string, string>,
  wanted: Record<string, RegExp>,
): Promise<Done[]> {
  const done: Done[] = []
  for (const block of others) {
    const found = Object.entries(wanted).filter(([part]) => block.includes(part))
    if (found.length !== 1) throw new Error(`${found.length} answers are wanted of ${block}`)
    if (block.includes('last-time/')) await keepCheckpoint(cwd)
    const { status, text } = await sh('API_KEY' in environment ? `${access}${block}` : block, cwd, environment)
    if (status !== 0) throw new Error(`${block}\n${status}: ${text}`)
    done.push({ text, command: { block, wanted: (found[0] as [string, RegExp])[1] } })
  }
  return done
}

/** What the page asks for in its text. */
function keepCheckpoint(cwd: string) {
  mkdirSync(join(cwd, 'last-time'))
  return sh('cp checkpoint vkey last-time/', cwd, {})
}

function sh(commands: string, cwd: string, environment: Record<string, string>) {
  const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter)
  return new Promise<{ status: number; text: string }>((resolve) => {
    execFile('sh', ['-ec', commands], { cwd, env: { PATH, ...environment } }, (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code) : 0, text: error ? `${stdout}${stderr}` : stdout })
    })
  })
}
