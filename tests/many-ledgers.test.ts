/** One process of each service serves several ledgers (`LEDGERS`), each with its own keys, log and limits, as if it were alone. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createClient } from '@commitments/client'
import { migrate } from '@commitments/event-store'
import {
  eventually,
  openDatabase,
  processEnvironment,
  processKey,
  proposed,
  type ServiceName,
  scriptOf,
  tcpProxy,
  temporaryFolder,
} from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { readPage } from '../services/relay/src/feed.ts'

t.setTimeout(900_000)

type Entry = Readonly<Record<string, string | number>> & { readonly name: string }

/** An entry of the list. `at` is the end of its address: a path, or nothing for a host of its own. */
function entry(name: string, more: Readonly<Record<string, string | number>> = {}): Entry {
  return {
    name,
    LEDGER_SCHEMA: name,
    COMMAND_PUBLIC_URL: `http://record.example/${name}`,
    PROJECTION_PUBLIC_URL: `http://read.example/${name}`,
    API_KEYS: `registry:record+read+audit+admin+webhooks:${keyOf(name)}`,
    ...more,
  }
}

const keyOf = (ledger: string) => `${ledger}-secret-0123456789`

interface Process {
  readonly child: ChildProcess
  readonly url: string
  readonly output: () => string
}

async function start(t: Test, name: ServiceName, environment: Record<string, string>): Promise<Process> {
  const child = fork(scriptOf(name), { env: environment, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: Buffer) => (output += part))
  const listening = once(child, 'message') as Promise<[{ listening: string }]>
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(output)))
  ended.catch(() => undefined)
  const [{ listening: url }] = await Promise.race([listening, ended])
  return { child, url, output: () => output }
}

interface Pair {
  readonly command: Process
  readonly projection: Process
}

async function startPair(
  t: Test,
  url: string,
  entries: readonly Entry[],
  more: Readonly<Record<string, string>> = {},
): Promise<Pair> {
  const file = join(temporaryFolder(t), 'ledgers.json')
  writeFileSync(file, JSON.stringify(entries), { mode: 0o600 })
  const environment = { ...processEnvironment(url), LEDGERS: file, ...more }
  const [command, projection] = await Promise.all([
    start(t, 'command', environment),
    start(t, 'projection', environment),
  ])
  return { command, projection }
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

interface Call {
  readonly method?: string
  readonly key?: string
  readonly host?: string
  readonly body?: object
}

/** With a `Host` of one's own, which `fetch` does not allow. */
async function call({ url }: Process, path: string, { method = 'GET', key, host, body }: Call = {}): Promise<Answer> {
  const headers = {
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
    ...(host !== undefined && { host }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  }
  const sending = request(`${url}${path}`, { method, headers })
  sending.end(body === undefined ? undefined : JSON.stringify(body))
  const [response] = await once(sending, 'response')
  return { status: response.statusCode, headers: response.headers, body: await text(response) }
}

function record(command: Process, ledger: string, proposalId: string, more: Call = {}): Promise<Answer> {
  const path = `/${ledger}/v1/proposals/${proposalId}/events`
  return call(command, path, { method: 'POST', key: keyOf(ledger), body: proposed(), ...more })
}

function untilStatus(process: Process, path: string, expected: number, more: Call = {}) {
  const look = async () => {
    const { status, body } = await call(process, path, more)
    if (status !== expected) throw new Error(`${status}: ${body}`)
  }
  return eventually(look, patient)
}

/** Milliseconds, on a machine that does other things as well. */
const patient = { within: 60_000, every: 200 }

const untilServed = (process: Process, path: string, more: Call = {}) =>
  untilStatus(process, `${path}/health/ready`, 200, more)

async function migrated(url: string, ledgers: readonly string[]): Promise<void> {
  for (const ledger of ledgers) await migrate(url, { ledger })
}

interface Report {
  readonly status: string
  readonly checks: readonly {
    readonly name: string
    readonly ok: boolean
    readonly detail: string
    readonly alarm?: true
  }[]
}

const reportOf = ({ body }: Answer) => JSON.parse(body) as Report

t.test('two ledgers in one process are as apart as two processes', async (t) => {
  const { url } = await openDatabase(t, { migrated: false, durable: true })
  await migrated(url, ['hue', 'vinh'])
  const entries = [
    entry('hue', { WEBHOOK_NETWORKS: '127.0.0.0/8' }),
    entry('vinh', {
      PROJECTION_PUBLIC_URL: 'http://vinh.read.example',
      COMMAND_PUBLIC_URL: 'http://vinh.record.example',
    }),
  ]
  const { command, projection } = await startPair(t, url, entries, { LOG_LEVEL: 'info' })
  const vinh = { host: 'vinh.read.example' }
  await untilServed(command, '/hue')
  await untilServed(projection, '/hue')
  await untilServed(command, '', { host: 'vinh.record.example' })
  await untilServed(projection, '', vinh)

  await t.test('the key of one is unknown to the other, and that of the process to both', async (t) => {
    t.equal((await record(command, 'hue', 'p-1', { key: keyOf('vinh') })).status, 401)
    t.equal((await record(command, 'hue', 'p-1', { key: processKey })).status, 401)
    const other = { method: 'POST', host: 'vinh.record.example', body: proposed() }
    t.equal((await call(command, '/v1/proposals/p-1/events', { ...other, key: keyOf('hue') })).status, 401)
    t.equal((await call(command, '/v1/proposals/p-1/events', { ...other, key: keyOf('vinh') })).status, 201)
  })

  await t.test('what one records is in that one alone, at its own address', async (t) => {
    const recorded = await record(command, 'hue', 'p-2')
    t.equal(recorded.status, 201, recorded.body)
    t.match(recorded.headers['location'], /^http:\/\/read\.example\/hue\/v1\/proposals\/p-2\/events\/1$/)
    const [here, there] = await Promise.all([
      call(projection, '/hue/v1/proposals/p-2?atLeast=1'),
      call(projection, '/v1/proposals/p-2?atLeast=1', vinh),
    ])
    t.equal(here.status, 200)
    t.equal(there.status, 404)
    t.not(here.headers['log-id'], there.headers['log-id'])
    // Again, as both have it in memory now.
    t.equal((await call(projection, '/v1/proposals/p-1', vinh)).status, 200)
    t.equal((await call(projection, '/hue/v1/proposals/p-1')).status, 404)
    t.equal((await call(projection, '/hue/v1/proposals/p-2')).body, here.body)
  })

  await t.test('each log has its own origin, key and tree', async (t) => {
    const checkpoint = async (path: string, more: Call) => {
      const { headers, status } = await call(projection, `${path}/log/checkpoint`, more)
      t.equal(status, 302)
      const at = new URL(String(headers['location']), `http://x${path}/log/checkpoint`).pathname
      const { body } = await call(projection, at, more)
      return body.split('\n')
    }
    const [ofHue, ofVinh] = await eventually(async () => {
      const both = await Promise.all([checkpoint('/hue', {}), checkpoint('', vinh)])
      if (both.some(([, size]) => size !== '1')) throw new Error(both.join('\n\n'))
      return both
    }, patient)
    t.match(ofHue[0], /^read\.example\/hue\/log\//)
    t.match(ofVinh[0], /^vinh\.read\.example\/log\//)
    t.not(ofHue[2], ofVinh[2], 'the root')
    const [keyOfHue, keyOfVinh] = [ofHue, ofVinh].map((lines) => lines.at(-2)?.split(' ')[2]?.slice(0, 5))
    t.not(keyOfHue, keyOfVinh)
  })

  await t.test('pages, documents and files know the path before them', async (t) => {
    const page = await call(projection, '/hue')
    t.match(page.body, 'data-base="/hue"')
    t.match(page.body, 'data-command-url="http://record.example/hue"')
    const script = /<script src="(\/hue\/board\/[^"]+)"/.exec(page.body)?.[1] ?? ''
    t.equal((await call(projection, script)).status, 200, script)
    t.equal((await call(projection, '/hue/proposals/p-2')).body, page.body)
    const { servers } = JSON.parse((await call(projection, '/hue/openapi.json')).body) as { servers: { url: string }[] }
    t.equal(servers[0]?.url, 'http://read.example/hue')
    const docs = await call(command, '/hue')
    t.equal(docs.headers['location'], 'http://record.example/hue/docs')
    t.match((await call(command, '/hue/docs')).body, '/hue/docs/static/')
    t.equal((await call(command, '/hue/docs/static/swagger-ui.css')).status, 200)
    const problem = JSON.parse((await call(projection, '/hue/v1/nothing')).body) as { type: string }
    t.match(problem.type, /^http:\/\/read\.example\/hue\/problems\//)
  })

  await t.test('a client, a relay and a receiver of webhooks work below the path', async (t) => {
    const client = createClient({
      commandUrl: `${command.url}/hue`,
      projectionUrl: `${projection.url}/hue`,
      apiKey: keyOf('hue'),
    })
    const recorded = await client.recordEvent('p-3', proposed())
    t.ok(recorded)
    const feed = { url: `${projection.url}/hue`, apiKey: keyOf('hue') }
    const messages = await eventually(async () => {
      const page = await readPage(feed, 0, AbortSignal.timeout(30_000))
      return page.messages.length === 2 && page.messages
    })
    t.same(
      messages.map(({ proposalId }) => proposalId),
      ['p-2', 'p-3'],
    )
    t.match(JSON.parse(String(messages[0]?.body)).source, /^http:\/\/read\.example\/hue\//)
    const got: string[] = []
    const receive = async (incoming: IncomingMessage, answer: ServerResponse) => {
      got.push(await text(incoming))
      answer.writeHead(204).end()
    }
    const receiver = createServer((incoming, answer) => void receive(incoming, answer))
    await once(receiver.listen(0, '127.0.0.1'), 'listening')
    t.after(() => receiver.close())
    const endpoint = { url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/` }
    const put = await call(projection, '/hue/v1/webhooks/books', { method: 'PUT', key: keyOf('hue'), body: endpoint })
    t.equal(put.status, 201, put.body)
    t.equal((await record(command, 'hue', 'p-4')).status, 201)
    await eventually(() => got.some((body) => body.includes('p-4')), patient)
    t.match(got.join(), 'http://read.example/hue/')
    t.notMatch(got.join(), 'p-1')
  })

  await t.test('what is for no ledger is told where they are', async (t) => {
    for (const [path, host] of [
      ['/v1/proposals', 'nobody.example'],
      ['/', 'nobody.example'],
      ['/hue2/v1/proposals', 'x'],
    ] as const) {
      const { status, headers, body } = await call(projection, path, { host })
      t.equal(status, 404)
      t.match(headers['content-type'], 'application/problem+json')
      t.match(body, 'host vinh.read.example')
      t.match(body, 'path /hue/')
    }
  })

  await t.test('health, metrics and the log of the process tell of each by name', async (t) => {
    const { checks, status } = reportOf(await call(projection, '/health/ready'))
    t.equal(status, 'ready')
    t.same(
      checks.map(({ name }) => name),
      ['ledgers', 'ledger hue', 'ledger vinh'],
    )
    const { body } = await call(projection, '/metrics')
    t.match(body, /^log_signed_events\{ledger="hue"\} [1-9]/m)
    t.match(body, /^log_signed_events\{ledger="vinh"\} 1$/m)
    t.match(body, /^http_request_duration_seconds_count\{[^}]*ledger="hue"/m)
    t.equal(body.match(/^# TYPE process_cpu_seconds_total /gm)?.length, 1)
    t.equal(body.match(/^# TYPE http_request_duration_seconds /gm)?.length, 1)
    const own = await call(projection, '/hue/metrics')
    t.match(own.body, 'ledger="hue"')
    t.notMatch(own.body, /vinh|process_cpu/)
    await eventually(() => /"ledger":"hue".*"request completed"/.test(command.output()))
  })

  await t.test('both end in an orderly way, and a live feed with them', async (t) => {
    const live = request(`${projection.url}/hue/v1/events`, {
      headers: { accept: 'text/event-stream' },
    })
    live.end()
    const [response] = await once(live, 'response')
    const body = text(response)
    const ends = [command, projection].map(({ child }) => once(child, 'exit'))
    for (const { child } of [command, projection]) child.kill('SIGTERM')
    t.same(
      (await Promise.all(ends)).map(([code]) => code),
      [0, 0],
    )
    t.match(await body, 'p-4')
  })
})

t.test('a ledger that cannot be served leaves the others alone, and is served once it can be', async (t) => {
  const { url } = await openDatabase(t, { migrated: false, durable: true })
  await migrated(url, ['good', 'fragile'])
  const proxy = await tcpProxy(t, { port: Number(new URL(url).port) })
  const entries = [entry('good'), entry('fragile', { DATABASE_URL: proxy.through(url) }), entry('late')]
  const { command, projection } = await startPair(t, url, entries)
  for (const process of [command, projection]) {
    for (const path of ['/good', '/fragile']) await untilServed(process, path)
    // Each has been tried.
    await untilServed(process, '')
    const refused = await call(process, '/late/v1/proposals')
    t.equal(refused.status, 503)
    t.match(refused.headers, { 'content-type': /problem\+json/, 'retry-after': '5' })
    const report = await call(process, '/health/ready')
    t.equal(report.status, 200)
    const late = reportOf(report).checks.find(({ name }) => name === 'ledger late')
    t.match(late, {
      ok: false,
      alarm: true,
      detail: /the role of this service cannot be assumed .*late_.*Run npm run migrate/,
    })
  }

  proxy.refuse()
  for (const process of [command, projection]) {
    await untilStatus(process, '/fragile/health/ready', 503)
    t.equal((await call(process, '/good/health/ready')).status, 200)
    t.equal((await call(process, '/health/ready')).status, 200)
  }
  t.equal((await record(command, 'good', 'p-1')).status, 201)
  t.equal((await call(projection, '/good/v1/proposals/p-1?atLeast=1')).status, 200)
  t.equal((await record(command, 'fragile', 'p-1')).status, 503)

  proxy.resume()
  await migrated(url, ['late'])
  for (const process of [command, projection])
    for (const path of ['/fragile', '/late']) await untilServed(process, path)
  t.equal((await record(command, 'late', 'p-1')).status, 201)
  t.equal((await record(command, 'fragile', 'p-1')).status, 201)
})

t.test('ten ledgers answer as one alone does', async (t) => {
  const { url } = await openDatabase(t, { migrated: false, durable: true })
  const names = Array.from({ length: 10 }, (_, index) => `ten${index}`)
  await migrated(url, [...names, 'alone'])
  const many = await startPair(
    t,
    url,
    names.map((name) => entry(name)),
    { RATE_LIMIT: '40/minute' },
  )
  const alone = { ...processEnvironment(url), LEDGER_SCHEMA: 'alone', API_KEYS: String(entry('alone')['API_KEYS']) }
  const one = {
    command: await start(t, 'command', alone),
    projection: await start(t, 'projection', alone),
  }
  const places = [
    ...names.map((name) => ({ ...many, path: `/${name}`, key: keyOf(name), name })),
    { ...one, path: '', key: keyOf('alone'), name: 'alone' },
  ]
  for (const { command, projection, path } of places)
    for (const process of [command, projection]) await untilServed(process, path)
  const seen = await Promise.all(
    places.map(async ({ command, projection, path, key, name }) => {
      const events = `${path}/v1/proposals/p-${name}/events`
      const answers = [
        await call(command, events, { method: 'POST', key, body: proposed() }),
        await call(command, events, { method: 'POST', key, body: {} }),
        await call(command, `${path}/v1/nothing`, { method: 'POST', key }),
        await call(projection, `${path}/v1/proposals?atLeast=1`),
        await call(projection, `${path}/v1/proposals/p-${name}`),
        await call(projection, `${path}/v1/portfolio`),
        await call(projection, `${path}/v1/proposals/p-${name}/events`),
        await call(projection, `${path}/v1/events`),
        await call(projection, `${path}/v1/events?after=x`),
        await untilAllApplied(projection, path),
        await call(projection, `${path}/problems/not-found`),
      ]
      for (const other of names.filter((one) => one !== name)) t.notMatch(answers[3]?.body ?? '', `p-${other}`)
      return answers.map(({ status, headers }) => [status, headers['content-type'], headers['log-position']])
    }),
  )
  const expected = seen.pop()
  for (const [index, found] of seen.entries()) t.same(found, expected, `ledger ${index}`)

  const [spent = '', other = ''] = names
  const statuses: number[] = []
  for (let turn = 0; turn < 45; turn += 1)
    statuses.push((await call(many.projection, `/${spent}/v1/portfolio`, { key: keyOf(spent) })).status)
  t.ok(statuses.includes(429), 'the limit of a caller in one ledger')
  t.equal(
    (await call(many.projection, `/${other}/v1/portfolio`, { key: keyOf(other) })).status,
    200,
    'is not that in another',
  )
})

/** The progress of the read models: its position is that of the slowest, for which no other answer waits. Each try counts for the limit of a caller. */
function untilAllApplied(projection: Process, path: string) {
  const progress = async () => {
    const answer = await call(projection, `${path}/v1/projections`)
    return answer.headers['log-position'] === '1' ? answer : null
  }
  return eventually(progress, { every: 500 })
}

t.test('the mistakes of all ledgers are named together, and a ledger that is read with a key hides all', async (t) => {
  const { url } = await openDatabase(t, { migrated: false, durable: true })
  const broken = [entry('one', { RATE_LIMIT: 'often' }), entry('two', { LEDGER_TIME_ZONE: 'Mars' })]
  const refused = await startPair(t, url, broken, { LOG_LEVEL: 'loud' }).catch((error: Error) => error)
  t.ok(refused instanceof Error)
  for (const part of ['LEDGERS: one: RATE_LIMIT', 'LEDGERS: two: LEDGER_TIME_ZONE', 'LOG_LEVEL'])
    t.match((refused as Error).message, part)

  const closed = [entry('open'), entry('closed', { READ_ACCESS: 'key' })]
  t.match(
    await startPair(t, url, closed).then(
      () => '',
      (error: Error) => error.message,
    ),
    'READ_ACCESS: must be key for the process',
  )
  const { projection } = await startPair(t, url, [entry('open', { READ_ACCESS: 'public' }), entry('closed')], {
    READ_ACCESS: 'key',
  })
  const stranger = await call(projection, '/v1/proposals')
  t.equal(stranger.status, 404)
  t.notMatch(stranger.body, /open|closed/)
  const health = await call(projection, '/health/ready')
  t.same(
    reportOf(health).checks.map(({ name }) => name),
    ['ledgers'],
  )
  t.notMatch(health.body, /open|closed/)
  t.equal((await call(projection, '/metrics')).status, 401)
  t.equal((await call(projection, '/metrics', { key: processKey })).status, 200)
  const known = reportOf(await call(projection, '/health/ready', { key: processKey }))
  t.same(
    known.checks.map(({ name }) => name),
    ['ledgers', 'ledger open', 'ledger closed'],
  )
})
