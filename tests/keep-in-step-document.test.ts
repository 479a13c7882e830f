/** What docs/keep-in-step.md tells an integrator to do, done with the same programs, word for word and in its order. */
import { appendFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
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

t.test(
  'a bad cell, and a proxy that answers for the service, do not stop the night run',
  { skip: missing },
  async (t) => {
    const { cwd, environment, typesOf } = await openFolder(t, blocks)
    const [makeExport = ''] = blocks.flatMap(({ language, text }) => (language === 'sh' ? [text] : []))
    await sh(makeExport, cwd, environment)
    const { COMMAND } = environment
    appendFileSync(join(cwd, 'export.csv'), 'bad-cell,Bad cell,,training-centre,most-vn,,\nno kind,,,,,,\n')
    const html = '<html><body>Bad gateway</body></html>'
    const answers = [
      { status: 502, headers: { 'content-type': 'text/html' } },
      { status: 503, headers: { 'retry-after': '2' } },
      { status: 403, headers: { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' } },
    ]
    const asked: { readonly url: string; readonly at: number }[] = []
    const pass = async (request: IncomingMessage, response: ServerResponse) => {
      asked.push({ url: request.url ?? '', at: Date.now() })
      const ofProxy = request.url?.includes('quantum-centre') ? answers.shift() : undefined
      if (ofProxy) return response.writeHead(ofProxy.status, ofProxy.headers).end(html)
      const { method = 'GET', headers } = request
      const { authorization = '', 'idempotency-key': key = '' } = headers as Record<string, string>
      const own = { authorization, 'content-type': 'application/json', 'idempotency-key': key }
      const answer = await fetch(`${COMMAND}${request.url}`, { method, headers: own, body: await text(request) })
      const position = answer.headers.get('log-position')
      return response.writeHead(answer.status, position ? { 'log-position': position } : {}).end(await answer.text())
    }
    const proxy = createServer((request, response) => void pass(request, response)).listen(0, '127.0.0.1')
    t.after(() => proxy.close())
    await eventually(() => proxy.listening)
    const through = { ...environment, COMMAND: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` }
    const first = await sh('python3 keep_in_step.py export.csv', cwd, through)
    t.equal(first.status, 1, 'something is left to do')
    const [refused, recorded, badCell, ...badId] = first.text.split('\n')
    t.match(refused, /^quantum-centre no-answer HTTP 403$/)
    t.equal(recorded, 'chip-school ok proposed')
    t.match(badCell, /^bad-cell bad-row ValueError/)
    t.match(badId.join('\n'), /^no kind invalid /)
    const [, second, third] = asked.filter(({ url }) => url.includes('quantum-centre'))
    t.ok((third?.at ?? 0) - (second?.at ?? 0) >= 1_990, 'Retry-After is waited for')
    const again = await sh('python3 keep_in_step.py export.csv', cwd, through)
    t.match(again.text, /^quantum-centre ok proposed\nchip-school ok unchanged\nbad-cell bad-row /)
    answers.push({ status: 502, headers: { 'content-type': 'text/html' } })
    const withoutClient = await sh('python3 without_client.py', cwd, through)
    t.equal(withoutClient.status, 0, withoutClient.text)
    t.same(await typesOf('quantum-centre'), ['proposed', 'updated'])
  },
)
