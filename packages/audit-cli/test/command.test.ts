import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '@commitments/test-kit'
import t from 'tap'
import { openAudited, recordPortfolio } from './services.ts'

// The program itself, in a separate process, as it is called from a shell.

t.setTimeout(240_000)

const root = fileURLToPath(new URL('../../..', import.meta.url))
const program = join(root, 'node_modules/.bin/commitments-audit')

interface Run {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function modesOf(folder: string, names: readonly string[]): number[] {
  return names.map((name) => statSync(join(folder, name)).mode & 0o777)
}

function run(home: string, ...parameters: string[]): Promise<Run> {
  return runBy(program, home, ...parameters)
}

async function runBy(command: string, home: string, ...parameters: string[]): Promise<Run> {
  const environment = { PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`, HOME: home }
  const child = spawn(command, parameters, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', (data) => (out += data))
  child.stderr.on('data', (data) => (err += data))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, out, err }
}

t.test(
  'exit code 0 is valid, 2 invalid, 1 could not be checked, 64 not understood; the first words say the same',
  async (t) => {
    const audited = await openAudited(t)
    const size = await recordPortfolio(audited)
    await audited.signed(size)
    const home = temporaryFolder(t)
    const file = join(home, 'log.ndjson')

    const valid = await run(home, 'verify', audited.url)
    t.match(valid, { code: 0, out: /^VALID: positions 1 to \d+ are what log\.example/, err: '' }, valid.err)
    t.match(valid.out, /taken on trust/)
    t.ok(existsSync(join(home, '.local/state/commitments-audit')), 'what was seen is kept')
    t.match(await run(home, 'verify', audited.url), { code: 0, out: /nothing that was signed at the last check/ })
    const respelt = audited.url.replace('127.0.0.1', 'localhost')
    t.match(await run(home, 'verify', `${respelt}/`), { code: 0, out: /nothing that was signed at the last check/ })

    t.match(await run(home, 'export', audited.url, file), {
      code: 0,
      out: '',
      err: new RegExp(`${size} lines, ${size} of them new`),
    })
    t.match(await run(home, 'verify', file), { code: 0, out: /nothing that was signed at the last check/ })
    t.strictSame(modesOf(home, ['log.ndjson', 'log.ndjson.checkpoint', 'log.ndjson.vkey']), [0o644, 0o644, 0o644])
    writeFileSync(file, readFileSync(file, 'utf8').replace('key:', 'key:not-'))
    const invalid = await run(home, 'verify', file, '--no-memory', '--json')
    t.match(invalid, { code: 2 })
    t.match(JSON.parse(invalid.out), { outcome: 'invalid', position: null, sentence: /do not have the root/ })

    t.match(await run(home, 'verify', join(home, 'nothing')), {
      code: 1,
      out: /^COULD NOT BE CHECKED because there is no file/,
    })
    const stranger = temporaryFolder(t)
    t.match(await run(stranger, 'verify', 'http://127.0.0.1:9'), {
      code: 1,
      out: /^COULD NOT BE CHECKED because .* could not be read/,
      err: /ECONNREFUSED.*; it is tried again in 1 s\./,
    })
    t.strictSame(readdirSync(stranger), [], 'a check that failed leaves nothing behind')
    t.match(await run(home, 'verify'), { code: 64, err: /missing required argument/ })
    t.match(await run(home, 'verify', file, '--nonsense'), { code: 64, err: /unknown option/ })
    t.match(await run(home, '--help'), { code: 0, out: /Exit codes: 0 valid; 2 invalid/ })
  },
)

t.test('replay prints JSON and nothing else, pack makes a folder, verify-pack checks it', async (t) => {
  const audited = await openAudited(t)
  await audited.signed(await recordPortfolio(audited))
  const home = temporaryFolder(t)
  const replayed = await run(home, 'replay', audited.url, 'vkist-phase-2', '--as-of', '2024-06-01')
  t.match(replayed, { code: 0, err: /signature was not checked/ })
  t.match(JSON.parse(replayed.out), { proposalId: 'vkist-phase-2', stage: String })
  t.match(await run(home, 'replay', audited.url, 'nobody'), { code: 1, out: /no proposal nobody\./ })
  t.match(await run(home, 'replay', audited.url, '--as-of', 'soon'), { code: 1, out: /is no day/ })
  const pack = join(home, 'pack')
  const made = await run(home, 'pack', audited.url, 'jcm10', pack)
  t.match(made, { code: 0, out: /^VALID/, err: /open .*index\.html/ })
  const [, ...command] = /commitments-audit (verify-pack) pack (--key) (sha256:[0-9a-f]{64})$/m.exec(made.err) ?? []
  t.equal(command.length, 3, 'the command is printed, with the fingerprint to hand on')
  const [verb = '', ...key] = command
  t.match(await run(home, 'verify-pack', pack), { code: 1, out: /^COULD NOT BE CHECKED because the key came with/ })
  t.match(await run(home, verb, pack, ...key), { code: 0, out: /^VALID: each of the \d+ events of jcm10/ })
  await run(home, 'verify', audited.url)
  t.match(await run(home, 'verify-pack', pack), { code: 0, out: /The pack is of the log that was checked here/ })
})

t.test('it runs where npx does, and finds its own Node if the installed one is too old', async (t) => {
  const home = temporaryFolder(t)
  const other = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => existsSync(path))
  if (other === undefined) return t.comment('no other Node at hand: not tried')
  const plain = fileURLToPath(new URL('../bin/commitments-audit.mjs', import.meta.url))
  t.match(await runBy(other, home, plain, '--help'), { code: 0, out: /Checks a commitments log/ })
})

t.test('text from a log cannot move the cursor of the terminal that shows the verdict', async (t) => {
  const home = temporaryFolder(t)
  const place = join(home, 'log')
  mkdirSync(place)
  copyFileSync(fileURLToPath(import.meta.url), join(place, 'log.ndjson'))
  writeFileSync(join(place, 'log.ndjson.vkey'), '\u001b[2Jkey\n')
  writeFileSync(join(place, 'log.ndjson.checkpoint'), 'x\n\n— \u001b[2J AAAA\n')
  const { out, code } = await run(home, 'verify', join(place, 'log.ndjson'), '--no-memory')
  t.not(code, 0)
  t.notMatch(out, '\u001b')
})
