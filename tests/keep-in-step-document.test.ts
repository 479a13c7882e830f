/** What docs/keep-in-step.md tells an integrator to do, done with the same programs, word for word and in its order. */
import { execFile, spawnSync } from 'node:child_process'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { eventually, keyFile, secretOf, tcpProxy, temporaryFolder } from '@commitments/test-kit'
import { startServices } from '@commitments/test-kit/services'
import t, { type Test } from 'tap'

t.setTimeout(120_000)

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs/keep-in-step.md'), 'utf8')
const blocks = [...page.matchAll(/^```(sh|python|js)\n(.*?)^```$/gms)].map(([, language, text = '']) => ({
  language,
  text,
}))
const missing = ['python3', 'curl', 'gzip'].filter((program) => spawnSync(program, ['--version']).status !== 0)

/** A folder with the files of the page, in which its commands run. */
async function openFolder(t: Test) {
  const caller = { name: 'most', party: 'most-vn', scopes: ['record', 'read'] }
  const { database, command, projection } = await startServices(t, {
    environment: { API_KEYS_FILE: keyFile(t, [caller]) },
  })
  const [COMMAND, LOG] = await Promise.all([command.listen(), projection.listen()])
  const cwd = temporaryFolder(t)
  symlinkSync(join(root, 'node_modules'), join(cwd, 'node_modules'))
  for (const { language, text } of blocks) {
    const name = /^(?:#|\/\/) (\S+)\n/.exec(text)?.[1]
    if (language !== 'sh' && name !== undefined) writeFileSync(join(cwd, name), text)
  }
  const environment = { COMMAND, LOG, KEY: secretOf('most'), NODE_NO_WARNINGS: '1' }
  const typesOf = async (proposalId: string) => {
    const sql = 'SELECT line FROM events WHERE proposal_id = $1 ORDER BY position'
    const { rows } = await database.pool().query<{ line: string }>(sql, [proposalId])
    return rows.map(({ line }) => (JSON.parse(line) as { type: string }).type)
  }
  return { cwd, environment, typesOf }
}

t.test('every command of the page works, in its order', { skip: missing.join(', ') }, async (t) => {
  const { cwd, environment, typesOf } = await openFolder(t)
  const wanted: [part: string, text: RegExp][] = [
    ['> export.csv', /^$/],
    [
      'dryRun=true" -H "Authorization: Bearer $KEY" -H \'Content-Type: application/json\'',
      /^\{"dryRun":true.*"stage":"proposed"/,
    ],
    ['Idempotency-Key: "2026-11-20 quantum-centre"', /^\{"proposalId":"quantum-centre","version":1/],
    ['keep_in_step.py export.csv', /^quantum-centre ok updated, rescheduled\nchip-school ok proposed\n$/],
    ['keep_in_step.py export.json', /^quantum-centre ok unchanged\nchip-school ok unchanged\n$/],
    ['keep-in-step.mjs', /^(?:quantum-centre unchanged\n|chip-school unchanged\n){2}$/],
    ['lines.py', /"summary":\{"dryRun":true,"lines":2,"acceptable":2/],
    ['/v1/events" -H', /"summary":\{"lines":2,"recorded":2/],
    ['--retry', /^\{"position":\d+,.*"type":"confirmed"/],
    ['position=', /"proposalId":"quantum-centre".*"lastConfirmedOn":"2026-11-20"/],
    ['after=$((position - 2))', /^\{"position":\d+.*\n\{"position":\d+,.*"confirmed".*\n$/],
    ['without_client.py', /^Quantum sensing first\.\n\d+ quantum-centre updated\nnot-delivered\n$/],
  ]
  const commands = blocks.filter(({ language }) => language === 'sh')
  let position = ''
  for (const [index, { text }] of commands.entries()) {
    const [part, answer] = wanted[index] ?? ['', /never/]
    t.ok(text.includes(part), `${part} is the next command`)
    // One shell for each block, as if in another window: the page's variable goes on.
    const done = await sh(`${position}\n${text}`, cwd, environment)
    position = /^position=.*$/m.exec(text)?.[0] ?? position
    t.equal(done.status, 0, done.text)
    t.match(done.text, answer, part)
  }
  t.equal(commands.length, wanted.length)
  t.same(await typesOf('quantum-centre'), ['proposed', 'updated', 'rescheduled', 'confirmed', 'updated'])
  t.same(await typesOf('first-chip-school'), ['proposed'])
})

t.test('the programs of the page record once what they had no answer to', { skip: missing.join(', ') }, async (t) => {
  const { cwd, environment, typesOf } = await openFolder(t)
  const proxy = await tcpProxy(t, { port: Number(new URL(environment.COMMAND).port) })
  const lossy = { ...environment, COMMAND: proxy.through(environment.COMMAND).replace(/\/$/, '') }
  const [makeExport = ''] = blocks.flatMap(({ language, text }) => (language === 'sh' ? [text] : []))
  await sh(makeExport, cwd, environment)
  for (const [index, command] of ['python3 keep_in_step.py export.csv', 'python3 without_client.py'].entries()) {
    // The proxy keeps the answer; the connection is cut once the event is in the log.
    void proxy.loseAnswer((request) => /^(?:PUT|POST) \S+quantum-centre/.test(request.toString('latin1')))
    const running = sh(command, cwd, lossy)
    await eventually(async () => (await typesOf('quantum-centre')).length === index + 1, { within: 30_000 })
    proxy.cut()
    const done = await running
    t.equal(done.status, 0, done.text)
  }
  t.same(await typesOf('quantum-centre'), ['proposed', 'updated'])
})

function sh(commands: string, cwd: string, environment: Record<string, string>) {
  const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter)
  return new Promise<{ status: number; text: string }>((resolve) => {
    execFile('sh', ['-ec', commands], { cwd, env: { PATH, ...environment } }, (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code) : 0, text: error ? `${stdout}${stderr}` : stdout })
    })
  })
}
