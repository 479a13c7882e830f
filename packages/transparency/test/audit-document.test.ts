import { execFile, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  append,
  emptyFrontier,
  formatCheckpoint,
  leafHash,
  makeSigner,
  rootOfFrontier,
  signNote,
  verifierKey,
} from '@commitments/transparency'
import t, { type Test } from 'tap'

// Follows the instructions of docs/audit.md for auditors, with other people's programs, on what this package computes and signs.

const documents = join(import.meta.dirname, '../../../docs')
const script = join(documents, 'audit/verify.py')
const blocks = [...readFileSync(join(documents, 'audit.md'), 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map(
  ([, block]) => block as string,
)

/** The one block of commands that has this in it. */
function blockWith(text: string): string {
  const found = blocks.filter((block) => block.includes(text))
  if (found.length !== 1) throw new Error(`${found.length} blocks have ${text}`)
  return found[0] as string
}

const fetching = blockWith('> checkpoint')
const lineCheck = blockWith('verify.py events.ndjson checkpoint')
const signatureCheck = blockWith('-in signed-text')
const lastTime = blockWith('last-time/checkpoint')

/** Says why a test cannot run here, or returns false. */
function lacking(...programs: string[]): string | false {
  const missing = programs.filter(
    (program) => spawnSync(program, [program === 'openssl' ? 'version' : '--version']).status !== 0,
  )
  return missing.length > 0 && `${missing.join(' and ')} not at hand`
}
const pythonIsMissing = lacking('python3')
const toolsAreMissing = lacking('python3', 'curl', 'openssl')

const origin = 'log.example/public/0199c1e4-7d5a-7c3e-9a4b-0c6a2f4f8f11'
const { privateKey } = generateKeyPairSync('ed25519')
const signer = makeSigner({ name: origin, privateKey })

/** Lines as in a log, including characters that split lines elsewhere but not here. */
const lineAt = (position: number) =>
  JSON.stringify({
    position,
    recordedAt: '2026-11-22T08:00:00.000123Z',
    note: { vi: `đề xuất ${position}\u2028\u0085` },
  })
const linesUpTo = (size: number) => Array.from({ length: size }, (_, at) => lineAt(at + 1))
const feedOf = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('')

function checkpointOver(lines: readonly string[]): string {
  const frontier = emptyFrontier()
  for (const line of lines) append(frontier, leafHash(Buffer.from(line)))
  return signNote(formatCheckpoint({ origin, size: frontier.size, root: rootOfFrontier(frontier) }), [signer])
}

function folder(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'audit-'))
  t.teardown(() => rmSync(path, { recursive: true }))
  return path
}

/** Runs the Python file over lines and a checkpoint. */
function check(place: string, feed: string, checkpoint: string) {
  writeFileSync(join(place, 'events.ndjson'), feed)
  writeFileSync(join(place, 'checkpoint'), checkpoint)
  const { status, stdout, stderr } = spawnSync('python3', [script, 'events.ndjson', 'checkpoint'], {
    cwd: place,
    encoding: 'utf8',
  })
  return { status, text: stdout.trim(), errors: stderr }
}

t.test('Python computes the same root at every kind of size', { skip: pythonIsMissing }, async (t) => {
  const place = folder(t)
  for (const size of [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 127, 255, 256, 257, 300]) {
    const lines = linesUpTo(size)
    const checked = check(place, feedOf(lines), checkpointOver(lines))
    t.match(checked, { status: 0, text: `VALID: positions 1 to ${size} of ${origin}`, errors: '' }, `${size} lines`)
  }
})

t.test(
  'Python accepts lines beyond the checkpoint, even if the last of them is cut off',
  { skip: pythonIsMissing },
  async (t) => {
    const place = folder(t)
    t.match(check(place, feedOf(linesUpTo(12)), checkpointOver(linesUpTo(7))), { status: 0 })
    t.match(check(place, feedOf(linesUpTo(12)).slice(0, -1), checkpointOver(linesUpTo(7))), { status: 0 })
  },
)

t.test(
  'Python refuses lines that were changed, removed, inserted, exchanged or cut off',
  { skip: pythonIsMissing },
  async (t) => {
    const place = folder(t)
    const lines = linesUpTo(20)
    const checkpoint = checkpointOver(lines)
    const tampered: [string, string[], string][] = [
      [
        'changed',
        lines.with(4, (lines[4] as string).replace('đề xuất', 'đề xuat')),
        'INVALID at or before position 20',
      ],
      ['left out', lines.toSpliced(4, 1), 'INVALID at position 5: the line there says that it is 6'],
      ['put in', lines.toSpliced(4, 0, lineAt(5)), 'INVALID at position 6: the line there says that it is 5'],
      ['exchanged', lines.with(4, lines[5] as string).with(5, lines[4] as string), 'INVALID at position 5'],
      ['cut off', lines.slice(0, 19), 'INVALID at position 20: 20 events are signed, and the lines end here'],
      ['no JSON', lines.with(4, 'junk'), 'INVALID at position 5: the line there says that it is None'],
      ['blank', lines.with(4, ''), 'INVALID at position 5'],
      ['with a space', lines.with(4, `${lines[4]} `), 'INVALID at or before position 20'],
      ['with a carriage return', lines.with(4, `${lines[4]}\r`), 'INVALID at or before position 20'],
    ]
    for (const [what, lines, text] of tampered)
      t.match(check(place, feedOf(lines), checkpoint), { status: 2, text, errors: '' }, what)
  },
)

t.test(
  'the checkpoint from last time reveals a history that was rewritten and signed again',
  { skip: pythonIsMissing },
  async (t) => {
    const place = folder(t)
    const rewritten = linesUpTo(20).with(4, lineAt(5).replace('đề', 'de'))
    t.match(check(place, feedOf(rewritten), checkpointOver(rewritten)), { status: 0 }, 'it agrees with itself')
    t.match(check(place, feedOf(rewritten), checkpointOver(linesUpTo(12))), {
      status: 2,
      text: 'INVALID at or before position 12',
    })
  },
)

/** A log that answers the requests of the document's commands and of the Python file. */
async function logServer(t: Test, answers: Record<string, string>): Promise<string> {
  const server = createServer(({ url = '', headers }, response) => {
    const isUnwanted = url.startsWith('/v1/') && !String(headers.accept).includes('application/x-ndjson')
    const found = isUnwanted ? undefined : answers[url]
    response.writeHead(found === undefined ? 404 : 200).end(found ?? '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const answersOver = (lines: readonly string[]) => ({
  '/log/checkpoint': checkpointOver(lines),
  '/log/vkey': `${verifierKey(origin, privateKey)}\n`,
  '/v1/events?after=0': feedOf(lines),
})

/** Runs the commands while the server, which is in this process, continues to answer. */
async function run(commands: string, { cwd, LOG }: { cwd: string; LOG: string }) {
  return new Promise<{ status: number; text: string }>((resolve) => {
    execFile('sh', ['-ec', commands], { cwd, env: { ...process.env, LOG } }, (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code) : 0, text: `${stdout}${stderr}` })
    })
  })
}

t.test(
  'the commands of docs/audit.md, run word for word, accept lines and signature',
  { skip: toolsAreMissing },
  async (t) => {
    const [cwd, lines] = [folder(t), linesUpTo(290)]
    const answers = answersOver(lines)
    const LOG = await logServer(t, answers)
    writeFileSync(join(cwd, 'verify.py'), readFileSync(script))
    t.match(await run(fetching, { cwd, LOG }), { status: 0 })
    t.match(await run(lineCheck, { cwd, LOG }), { status: 0, text: /^VALID: positions 1 to 290 / })
    t.match(await run(signatureCheck, { cwd, LOG }), { status: 0, text: /Signature Verified Successfully/ })
    mkdirSync(join(cwd, 'last-time'))
    writeFileSync(join(cwd, 'last-time/checkpoint'), checkpointOver(lines.slice(0, 200)))
    t.match(await run(lastTime, { cwd, LOG }), { status: 0, text: /^VALID: positions 1 to 200 / })
    writeFileSync(join(cwd, 'checkpoint'), answers['/log/checkpoint'].replace('\n290\n', '\n289\n'))
    t.match(await run(signatureCheck, { cwd, LOG }), { status: 1, text: /Signature Verification Failure/ })
  },
)

t.test(
  'during a key change the commands check the signature of each key, in whatever order checkpoint and vkey have them',
  { skip: toolsAreMissing },
  async (t) => {
    const next = generateKeyPairSync('ed25519').privateKey
    const signers = [signer, makeSigner({ name: origin, privateKey: next })]
    const vkeys = [verifierKey(origin, privateKey), verifierKey(origin, next)]
    const lines = linesUpTo(5)
    const frontier = emptyFrontier()
    for (const line of lines) append(frontier, leafHash(Buffer.from(line)))
    const text = formatCheckpoint({ origin, size: 5, root: rootOfFrontier(frontier) })
    for (const order of [signers, signers.toReversed()]) {
      const cwd = folder(t)
      writeFileSync(join(cwd, 'checkpoint'), signNote(text, order))
      writeFileSync(join(cwd, 'vkey'), vkeys.map((vkey) => `${vkey}\n`).join(''))
      const done = await run(signatureCheck, { cwd, LOG: '' })
      t.equal(done.status, 0, done.text)
      t.equal(done.text.split('Signature Verified Successfully').length - 1, 2, done.text)
      for (const vkey of vkeys) t.ok(done.text.includes(vkey), 'the key is printed, to be compared')
      const stranger = verifierKey(origin, generateKeyPairSync('ed25519').privateKey)
      const forged = [...vkeys[0]!.split('+').slice(0, 2), ...stranger.split('+').slice(2)].join('+')
      writeFileSync(join(cwd, 'vkey'), `${forged}\n`)
      t.match(
        await run(signatureCheck, { cwd, LOG: '' }),
        { status: 1, text: /Verification Failure/ },
        'another key under its id',
      )
      writeFileSync(join(cwd, 'vkey'), `${stranger}\n`)
      t.match((await run(signatureCheck, { cwd, LOG: '' })).status, /[^0]/, 'a key that has not signed')
    }
  },
)

t.test('Python fetches lines and checkpoint itself if it is given addresses', { skip: pythonIsMissing }, async (t) => {
  const LOG = await logServer(t, answersOver(linesUpTo(9)))
  const command = `python3 ${script} "$LOG/v1/events?after=0" "$LOG/log/checkpoint"`
  t.match(await run(command, { cwd: folder(t), LOG }), { status: 0, text: /^VALID: positions 1 to 9 / })
})
