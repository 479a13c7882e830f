import { spawn, spawnSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { availableNodes, temporaryFolder } from '@commitments/test-kit'
import t from 'tap'
import { openAudited, recordPortfolio } from './services.ts'

// The program that auditors get: the one built file, in a separate process, run by this Node or an older one.

t.setTimeout(420_000)

const built = fileURLToPath(new URL('../dist/audit.mjs', import.meta.url))

interface Run {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function modesOf(folder: string, names: readonly string[]): number[] {
  return names.map((name) => statSync(join(folder, name)).mode & 0o777)
}

async function servedText(url: string, path: string, accept = '*/*'): Promise<string> {
  return (await fetch(`${url}${path}`, { headers: { accept } })).text()
}

function run(home: string, ...parameters: string[]): Promise<Run> {
  return runBy(process.execPath, home, ...parameters)
}

async function runBy(node: string, home: string, ...parameters: string[]): Promise<Run> {
  // In a folder without anything that it could load, neither our packages nor our sources.
  const program = join(home, 'audit.mjs')
  if (!existsSync(program)) copyFileSync(built, program)
  const child = spawn(node, [program, ...parameters], {
    env: { HOME: home },
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
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
    const recorder = createServer((_request, answer) => answer.writeHead(405).end())
    await new Promise<void>((listening) => recorder.listen(0, '127.0.0.1', listening))
    t.after(() => void recorder.close())
    t.match(await run(stranger, 'verify', `http://127.0.0.1:${(recorder.address() as AddressInfo).port}`), {
      code: 1,
      out: /answers 405: give the address of the projection service/,
    })
    t.strictSame(readdirSync(stranger), ['audit.mjs'], 'a check that failed leaves nothing behind')
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
  const [, ...command] = /node audit\.mjs (verify-pack) pack (--key) (sha256:[0-9a-f]{64})$/m.exec(made.err) ?? []
  t.equal(command.length, 3, 'the command is printed, with the fingerprint to hand on')
  const [verb = '', ...key] = command
  t.match(await run(home, 'verify-pack', pack, '--no-memory'), {
    code: 1,
    out: /^COULD NOT BE CHECKED because the key came with/,
  })
  t.match(await run(home, verb, pack, ...key), { code: 0, out: /^VALID: each of the \d+ events of jcm10/ })
  await run(home, 'verify', audited.url)
  t.match(await run(home, 'verify-pack', pack), { code: 0, out: /The pack is of the log that was checked here/ })
})

t.test('whatever cannot be used is said in one sentence, and never with a stack', async (t) => {
  const home = temporaryFolder(t)
  const file = join(home, 'file')
  writeFileSync(file, '')
  for (const parameters of [
    ['verify', '/etc'],
    ['verify', file, '--kept-lines', '/etc'],
    ['verify', file, '--memory', file],
  ]) {
    const { code, out, err } = await run(home, ...parameters)
    t.equal(code, 1, parameters.join(' '))
    t.match(out, /^(?:COULD NOT BE CHECKED because|$)/, parameters.join(' '))
    t.notMatch(`${out}${err}`, /^\s+at /m, parameters.join(' '))
  }
})

t.test('an option that is none is not understood, and is not left out in silence', async (t) => {
  const home = temporaryFolder(t)
  const file = join(home, 'file')
  writeFileSync(file, '')
  for (const parameters of [
    ['replay', file, 'lab', '--as-of', '2024-06-01', '--time-zone', 'Mars/X'],
    ['verify', file, '--time-zone', 'Mars/X', '--no-status'],
    ['pack', file, 'lab', join(home, 'pack'), '--time-zone', 'Mars/X'],
    ['verify', file, '--former-log', 'junk'],
    ['verify-pack', file, '--former-log', 'junk'],
  ]) {
    const { code, err } = await run(home, ...parameters)
    t.equal(code, 64, parameters.join(' '))
    t.match(err, /is invalid\. It is a /, parameters.join(' '))
  }
})

t.test('each available Node, from version 20 on, checks a log, a pack and a proof with the one file', async (t) => {
  const audited = await openAudited(t)
  await audited.signed(await recordPortfolio(audited))
  const kept = {
    '42.tlog-proof': await servedText(audited.url, '/v1/log/proofs/42.tlog-proof'),
    '42.ndjson': await servedText(audited.url, '/v1/events?after=41&limit=1', 'application/x-ndjson'),
    vkey: await servedText(audited.url, '/log/vkey'),
  }
  for (const node of availableNodes()) {
    const home = temporaryFolder(t)
    for (const [name, text] of Object.entries(kept)) writeFileSync(join(home, name), text)
    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()
    t.match(await runBy(node, home, '--help'), { code: 0, out: /^Usage: node audit\.mjs/ }, version)
    t.match(
      await runBy(node, home, 'verify', audited.url, '--moments', '4'),
      { code: 0, out: /^VALID/, err: '' },
      version,
    )
    t.match(await runBy(node, home, 'pack', audited.url, 'jcm10', 'pack'), { code: 0, out: /^VALID/ }, version)
    t.match(await runBy(node, home, 'verify-pack', 'pack'), { code: 0, out: /^VALID/ }, version)
    const proof = ['verify-proof', '42.tlog-proof', '42.ndjson', '--key', 'vkey']
    t.match(await runBy(node, home, ...proof), { code: 0, out: /^VALID: the event at position 42 / }, version)
    t.match(await runBy(node, home, 'replay', audited.url, 'jcm10'), { code: 0, out: /"proposalId": "jcm10"/ }, version)
  }
})

t.test(
  '--version prints the commit of the build and the SHA-256 of the running file, even if that was changed',
  async (t) => {
    const home = temporaryFolder(t)
    const digest = hash('sha256', readFileSync(built))
    t.match(await run(home, '--version'), {
      code: 0,
      out: new RegExp(`^audit\\.mjs\ncommit  ([0-9a-f]{40}|unknown)\nsha256  ${digest}\n$`),
    })
    t.equal(readFileSync(`${built}.sha256`, 'utf8'), `${digest}  audit.mjs\n`)
    const changed = `${readFileSync(built, 'utf8')}// one more line\n`
    writeFileSync(join(home, 'audit.mjs'), changed)
    t.match(await run(home, '--version'), { out: `sha256  ${hash('sha256', changed)}` })
  },
)

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
