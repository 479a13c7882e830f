/** The receivers of docs/webhooks.md, each as it is, with a real delivery, forged ones and an old one; and what is sent, by the OpenAPI document. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { acceptRestore } from '@commitments/event-store'
import { readWebhookSettings } from '@commitments/projection'
import { agreed, eventually, freePort, keyFile, proposed, secretOf, temporaryFolder } from '@commitments/test-kit'
import { startServices } from '@commitments/test-kit/services'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import t, { type Test } from 'tap'

t.setTimeout(180_000)

const documents = join(import.meta.dirname, '../docs')

const receivers = [
  {
    file: 'receiver.ts',
    command: process.execPath,
    eventLine: (id: string, type: string) => `${type} ${id}`,
  },
  {
    file: 'receiver.py',
    command: 'python3',
    eventLine: (id: string, type: string) => `${type} ${id}`,
  },
  // Of a file of sources, java needs its compiler.
  { file: 'Receiver.java', command: 'java', needs: 'javac', eventLine: (id: string) => `${id} ` },
]

async function open(t: Test) {
  const callers = [
    { name: 'registry', scopes: ['record'] },
    { name: 'most-vn', scopes: ['webhooks', 'read', 'audit'] },
  ]
  const webhooks = readWebhookSettings({ DATA_DIR: temporaryFolder(t), WEBHOOK_NETWORKS: '127.0.0.0/8' })
  const services = await startServices(t, {
    environment: { API_KEYS_FILE: keyFile(t, callers) },
    projection: { webhooks, webhookTimes: { retries: [100] } },
  })
  const call = async (method: 'GET' | 'PUT' | 'POST' | 'PATCH', path: string, payload?: object) =>
    (
      await services.projection.app.inject({
        method,
        url: `/v1/webhooks/${path}`,
        headers: { authorization: `Bearer ${secretOf('most-vn')}` },
        ...(payload && { payload }),
      })
    ).json()
  const record = async (proposalId: string, event: object) => {
    const headers = { authorization: `Bearer ${secretOf('registry')}` }
    const url = `/v1/proposals/${proposalId}/events`
    const answer = await services.command.app.inject({ method: 'POST', url, headers, payload: event })
    return answer.json() as { eventId: string; type: string }
  }
  return { ...services, call, record }
}

const isDelivered = ({ outcome }: { outcome: string }) => outcome === 'delivered'

interface Running {
  readonly url: string
  readonly said: () => string
}

/** Starts a receiver of the page as a process of its own. */
async function run(t: Test, command: string, file: string, secret: string): Promise<Running> {
  const port = await freePort()
  const { PATH = '', HOME = '/' } = process.env
  const child: ChildProcess = spawn(command, [join(documents, 'webhooks', file)], {
    cwd: temporaryFolder(t),
    env: { PATH, HOME, WEBHOOK_SECRET: secret, PORT: String(port) },
  })
  let said = ''
  child.stdout?.on('data', (data) => (said += data))
  child.stderr?.on('data', (data) => (said += data))
  t.after(() => child.kill('SIGKILL'))
  await eventually(() => said.includes('ready') || (child.exitCode !== null && said), { within: 60_000 })
  return { url: `http://127.0.0.1:${port}/inbox`, said: () => said }
}

function send(
  url: string,
  secret: string,
  { id = 'msg', at = Date.now(), body = '{"type":"x","id":"msg"}', headers = {} } = {},
) {
  const timestamp = String(Math.floor(at / 1000))
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const signature = `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  const own = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature }
  return fetch(url, { method: 'POST', headers: { ...own, ...headers }, body }).then(({ status }) => status)
}

for (const { file, command, needs = command, eventLine } of receivers) {
  const skip = spawnSync(needs, ['--version']).status !== 0 && `there is no ${needs}`
  t.test(`${file} takes real deliveries once, and neither forged, changed nor old ones`, { skip }, async (t) => {
    const { call, record } = await open(t)
    const made = await call('PUT', 'inbox', { url: 'http://127.0.0.1:9/', after: 0 })
    const { secret } = made
    const { url, said } = await run(t, command, file, secret)
    const first = await record('lab', proposed({ title: { vi: 'Viện Khoa học', ko: '과학 기술' } }))
    await call('PUT', 'inbox', { url })
    const second = await record('lab', agreed())
    await eventually(async () => (await call('GET', 'inbox')).after === 2, { within: 30_000 })
    t.match(await call('POST', 'inbox/test'), { outcome: 'delivered', status: 204 })
    await call('PATCH', 'inbox', { after: 0 })
    await eventually(async () => (await call('GET', 'inbox/attempts')).attempts.filter(isDelivered).length === 5)
    for (const { eventId, type } of [first, second]) {
      const line = eventLine(eventId, `localhost.commitments.${type}`)
      t.equal(said().split(line).length - 1, 1, `${type} is stored once, and was sent twice`)
    }
    t.equal(await send(url, secret), 204, 'what is signed as we do is taken')
    const wrong = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
    t.equal(await send(url, wrong, { id: 'forged' }), 401, 'by another secret')
    t.equal(await send(url, secret, { id: 'changed', headers: { 'webhook-id': 'other' } }), 401, 'another id')
    t.equal(await send(url, secret, { id: 'old', at: Date.now() - 301_000 }), 401, 'older than five minutes')
    t.equal(await send(url, secret, { id: 'early', at: Date.now() + 310_000 }), 401, 'from the future')
    t.equal(
      await send(url, secret, {
        id: 'late',
        at: Date.now() - 301_000,
        headers: { 'webhook-timestamp': String(Math.floor(Date.now() / 1000)) },
      }),
      401,
      'an old one with another time',
    )
    const others = `v1a,AAAA v1,${Buffer.alloc(32).toString('base64')} v2,x`
    t.equal(
      await send(url, secret, { id: 'others', headers: { 'webhook-signature': others } }),
      401,
      'only other signatures',
    )
    t.equal(await fetch(url, { method: 'POST', body: '{}' }).then(({ status }) => status), 401, 'none')
    t.equal(await send(url, secret, { id: 'large', body: 'x'.repeat(200_000) }).catch(() => 413), 413, 'too large')
    t.notMatch(said(), /forged|changed|old|early|late|others/)
    const renewed = await call('POST', 'inbox/secret')
    t.match(await call('POST', 'inbox/test'), { status: 204 }, 'while the secret is changed, the former one holds')
    t.equal(await send(url, renewed.secret, { id: 'by-new' }), 401)
  })
}

for (const { file, command, needs = command } of receivers) {
  const skip = spawnSync(needs, ['--version']).status !== 0 && `there is no ${needs}`
  t.test(`${file} does not start without a whole secret`, { skip }, async (t) => {
    const whole = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
    const short = `whsec_${Buffer.alloc(23, 7).toString('base64')}`
    for (const secret of [
      undefined,
      '',
      'whsec_',
      whole.slice('whsec_'.length),
      short,
      'whsec_*** a secret that is no base64 ***',
    ]) {
      const { PATH = '', HOME = '/' } = process.env
      const env = { PATH, HOME, PORT: '0', ...(secret !== undefined && { WEBHOOK_SECRET: secret }) }
      const done = spawnSync(command, [join(documents, 'webhooks', file)], { env, encoding: 'utf8', timeout: 60_000 })
      t.equal(done.status, 1, String(secret))
      t.match(done.stderr, /WEBHOOK_SECRET must be the secret of the endpoint/)
      t.notMatch(done.stdout, /ready/)
    }
    t.match((await run(t, command, file, whole)).said(), /ready/)
  })
}

const hasCurl = spawnSync('curl', ['--version']).status === 0
const [makeOne = '', ...tryIt] = [
  ...readFileSync(join(documents, 'webhooks.md'), 'utf8').matchAll(/^```sh\n(.*?)^```$/gms),
].map(([, block = '']) => block)

t.test('the command of the page makes an endpoint', { skip: !hasCurl && 'there is no curl' }, async (t) => {
  const { projection, call } = await open(t)
  const env = { PATH: process.env['PATH'] ?? '', LOG: await projection.listen(), KEY: secretOf('most-vn') }
  const child = spawn('sh', ['-euc', makeOne], { env })
  let said = ''
  child.stdout.on('data', (data) => (said += data))
  await new Promise((resolve) => child.on('close', resolve))
  t.match(JSON.parse(said), { name: 'most-inbox', secret: /^whsec_/, filter: { types: ['disbursed', 'refunded'] } })
  t.match(await call('GET', 'most-inbox'), { url: 'https://inbox.example.org/commitments', after: 0 })
})

t.test(
  'what the page says to try here sends every event to a receiver',
  { skip: !hasCurl && 'there is no curl' },
  async (t) => {
    const { projection, record, call } = await open(t)
    const { eventId } = await record('lab', proposed())
    const env = { PATH: process.env['PATH'] ?? '', LOG: await projection.listen(), KEY: secretOf('most-vn') }
    const port = String(await freePort())
    // One terminal, into which one block after the other is typed.
    const terminal = spawn('sh', ['-eu'], { cwd: join(documents, '..'), env, detached: true })
    t.after(() => terminal.exitCode === null && process.kill(-(terminal.pid as number), 'SIGKILL'))
    let said = ''
    terminal.stdout.on('data', (data) => (said += data))
    terminal.stderr.on('data', (data) => (said += data))
    const untilSaid = (wanted: RegExp) =>
      eventually(() => wanted.test(said) || (terminal.exitCode !== null && said), { within: 30_000 })
    const [make = '', resume = '', takeAway = '', ...more] = tryIt
    t.same(more, [], 'every command of the page is run')
    terminal.stdin.write(make.replaceAll('8090', port))
    await untilSaid(/ready$/m)
    t.match(await call('GET', 'trial'), { state: 'paused', paused: 'by-hand' })
    terminal.stdin.write(resume)
    for (const wanted of [
      `localhost.commitments.proposed ${eventId}`,
      'localhost.commitments.webhook.ping',
      '"outcome":"delivered"',
    ]) {
      await untilSaid(new RegExp(wanted))
      t.ok(said.includes(wanted), said)
    }
    terminal.stdin.end(takeAway)
    await eventually(() => terminal.exitCode !== null, { within: 30_000 })
    t.equal(terminal.exitCode, 0, said)
    t.match(await call('GET', 'trial'), { code: 'unknown-webhook' })
  },
)

t.test('everything that is sent has the form that the OpenAPI document gives it', async (t) => {
  const { call, record, projection, database } = await open(t)
  const document = (await projection.get('/openapi.json')).json()
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema({ ...document, $id: 'api' })
  const got: { headers: Record<string, string>; body: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      got.push({ headers: request.headers as Record<string, string>, body })
      response.end()
    })
  }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await eventually(() => server.listening)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  await record('lab', proposed())
  await call('PUT', 'whole', { url, after: 0 })
  await call('PUT', 'notices', { url, after: 0, content: 'notice' })
  await eventually(() => got.length === 2, { within: 20_000 })
  await call('POST', 'whole/test')
  await acceptRestore(database.pool(), 'a test')
  await eventually(() => got.length === 5, { within: 20_000 })
  const kinds = ['sendEvent', 'sendEvent', 'sendPing', 'sendLogChanged', 'sendLogChanged']
  for (const [index, kind] of kinds.entries()) {
    const { parameters } = document.webhooks[kind].post
    const { headers, body } = got[index] ?? { headers: {}, body: '' }
    const validate = ajv.getSchema(
      `api#/webhooks/${kind}/post/requestBody/content/application~1cloudevents+json/schema`,
    )
    t.ok(validate?.(JSON.parse(body)), JSON.stringify(validate?.errors))
    for (const { name, required } of parameters) t.ok(!required || headers[name.toLowerCase()], `${kind} has ${name}`)
  }
})
