/** What docs/keep-in-step.md tells an integrator to do, done with the same programs, word for word and in its order. */
import { eventually, tcpProxy } from '@commitments/test-kit'
import t from 'tap'
import { blocksOf, missingOf, openFolder, runPage, sh } from './support/page-commands.ts'

t.setTimeout(120_000)

const blocks = blocksOf('keep-in-step.md')
const missing = missingOf('python3', 'curl', 'gzip')

t.test('every command of the page works, in its order', { skip: missing }, async (t) => {
  const folder = await openFolder(t, blocks)
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
  await runPage(t, blocks, folder, wanted)
  t.same(await folder.typesOf('quantum-centre'), ['proposed', 'updated', 'rescheduled', 'confirmed', 'updated'])
  t.same(await folder.typesOf('first-chip-school'), ['proposed'])
})

t.test('the programs of the page record once what they had no answer to', { skip: missing }, async (t) => {
  const { cwd, environment, typesOf } = await openFolder(t, blocks)
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
