/** Two instances of each service behind a balancer are restarted one after the other, under load: no request fails. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  eventually,
  freePort,
  isInstalled,
  openDatabase,
  processEnvironment,
  processKey,
  proposed,
  type ServiceName,
  scriptOf,
} from '@commitments/test-kit'
import t, { type Test } from 'tap'

t.setTimeout(180_000)

const names = ['command', 'projection'] as const
type Urls = Record<ServiceName, string>
/** The ports of the two instances of each service. */
type Ports = Record<ServiceName, readonly [number, number]>
type StartBalancer = (t: Test, ports: Ports) => Promise<Urls>

t.test('a rolling restart behind a small balancer fails no request', (t) => restartAll(t, startOwnBalancer))

const hasHaproxy = isInstalled('haproxy', '-v')
const skip = hasHaproxy ? false : 'left out: HAProxy is not installed (Debian: apt-get install haproxy)'
t.test('a rolling restart behind HAProxy, as documented, fails no request', { skip }, (t) =>
  restartAll(t, startHaproxy),
)

async function restartAll(t: Test, startBalancer: StartBalancer): Promise<void> {
  const database = await openDatabase(t, { durable: true })
  const environment = { ...processEnvironment(database.url), SHUTDOWN_DELAY: '5' }
  const ports: Ports = {
    command: [await freePort(), await freePort()],
    projection: [await freePort(), await freePort()],
  }
  const start = (name: ServiceName, port: number) => startInstance(t, name, { ...environment, PORT: String(port) })
  const instances = new Map<number, ChildProcess>()
  const all = names.flatMap((name) => ports[name].map((port) => ({ name, port })))
  for (const { name, port } of all) instances.set(port, await start(name, port))
  const urls = await startBalancer(t, ports)
  const load = startLoad(urls)
  await eventually(() => load.answered > 200, { within: 30_000 })
  for (const { name, port } of all) {
    const old = instances.get(port) as ChildProcess
    const ended = once(old, 'exit')
    old.kill('SIGTERM')
    t.same(await ended, [0, null], `${name} at ${port} ends in order`)
    instances.set(port, await start(name, port))
    // The balancer must have checked the new one before it can lose the other.
    await isReady(port)
    await sleep(1_500)
  }
  await load.stop()
  t.comment(`${load.answered} requests were answered`)
  t.same(load.failures, [], 'no request failed')
  const { rows } = await database.pool().query<{ count: number }>('SELECT count(*) FROM events')
  t.equal(rows[0]?.count, load.recorded, 'each recorded event is there once')
}

async function startInstance(t: Test, name: ServiceName, env: Record<string, string>): Promise<ChildProcess> {
  const child = fork(scriptOf(name), { env, detached: true })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child, 'message')
  await isReady(Number(env['PORT']))
  return child
}

async function isReady(port: number): Promise<void> {
  await eventually(async () => (await fetch(`http://127.0.0.1:${port}/health/ready`)).ok, { within: 30_000 })
}

interface Load {
  answered: number
  recorded: number
  readonly failures: string[]
  stop(): Promise<void>
}

/** Four clients that record and four that read, each over a kept connection, one request after the other; nothing is retried. */
function startLoad(urls: Urls): Load {
  const state = { open: true }
  const load: Load = { answered: 0, recorded: 0, failures: [], stop }
  const clients = Array.from({ length: 4 }, (_, index) => [writer(index), reader()]).flat()
  return load

  async function writer(client: number): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let round = 0; state.open; round += 1) {
      const path = `/v1/proposals/c${client}-${round}/events`
      if (await isAnswered(201, new URL(path, urls.command), agent, JSON.stringify(proposed()))) load.recorded += 1
      await sleep(5)
    }
    agent.destroy()
  }

  async function reader(): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    while (state.open) {
      await isAnswered(200, new URL('/v1/proposals?limit=5', urls.projection), agent)
      await sleep(5)
    }
    agent.destroy()
  }

  async function isAnswered(expected: number, url: URL, agent: Agent, body?: string): Promise<boolean> {
    const outcome = await send(url, agent, body)
    load.answered += 1
    if (outcome === expected) return true
    load.failures.push(`${body === undefined ? 'GET' : 'POST'} ${url.pathname}: ${outcome}`)
    return false
  }

  async function stop(): Promise<void> {
    state.open = false
    await Promise.all(clients)
  }
}

async function send(url: URL, agent: Agent, body?: string): Promise<number | string> {
  const headers = { authorization: `Bearer ${processKey}`, 'content-type': 'application/json' }
  const sending = request(url, body === undefined ? { agent } : { method: 'POST', agent, headers })
  sending.end(body)
  try {
    const [response] = (await once(sending, 'response')) as [IncomingMessage]
    await response.toArray()
    return response.statusCode ?? 0
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  }
}

interface Backend {
  readonly port: number
  up: boolean
}

/** Alternates between the instances whose last check passed, checks twice a second, and retries nothing. */
async function startOwnBalancer(t: Test, ports: Ports): Promise<Urls> {
  const [command, projection] = await Promise.all(names.map((name) => balance(t, ports[name])))
  return { command: command as string, projection: projection as string }
}

async function balance(t: Test, ports: readonly number[]): Promise<string> {
  const backends: Backend[] = ports.map((port) => ({ port, up: true }))
  const agent = new Agent({ keepAlive: true })
  const looking = new AbortController()
  for (const backend of backends) void keepLooking(backend, looking.signal)
  let turn = 0
  const server = createServer((from, to) => {
    const ready = backends.filter(({ up }) => up)
    const backend = ready[turn++ % ready.length]
    if (backend === undefined) to.writeHead(503).end()
    else forward(from, to, backend.port, agent)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    looking.abort()
    server.close()
    server.closeAllConnections()
    agent.destroy()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function keepLooking(backend: Backend, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const look = fetch(`http://127.0.0.1:${backend.port}/health/ready`, { signal: AbortSignal.timeout(2_000) })
    backend.up = await look.then(
      ({ ok }) => ok,
      () => false,
    )
    await sleep(500)
  }
}

function forward(from: IncomingMessage, to: ServerResponse, port: number, agent: Agent): void {
  const { method, url, headers } = from
  const { connection: _hop, ...others } = headers
  const onward = request({ host: '127.0.0.1', port, method, path: url, headers: others, agent }, (answer) => {
    const { connection: _closes, 'keep-alive': _kept, 'transfer-encoding': _coding, ...kept } = answer.headers
    to.writeHead(answer.statusCode ?? 502, kept)
    answer.pipe(to)
  })
  onward.on('error', () => to.writeHead(502).end())
  from.pipe(onward)
}

/** `docs/running/haproxy.cfg`, with the ports of this test. */
async function startHaproxy(t: Test, ports: Ports): Promise<Urls> {
  const own = { command: await freePort(), projection: await freePort() }
  const documented = { 8180: own.command, 8181: own.projection, 8080: ports.command[0], 8090: ports.command[1] }
  const others = { 8081: ports.projection[0], 8091: ports.projection[1] }
  const text = readFileSync(new URL('../docs/running/haproxy.cfg', import.meta.url), 'utf8')
  const file = join(t.testdir(), 'haproxy.cfg')
  const replaced = Object.entries({ ...documented, ...others }).reduce(
    (sofar, [from, to]) => sofar.replace(`127.0.0.1:${from}\n`, `127.0.0.1:${to}\n`),
    text,
  )
  writeFileSync(file, replaced)
  const child = spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore' })
  t.teardown(() => child.kill('SIGKILL'))
  const urls = { command: `http://127.0.0.1:${own.command}`, projection: `http://127.0.0.1:${own.projection}` }
  const answers = (url: string) => fetch(`${url}/health/ready`).then(({ ok }) => ok)
  await eventually(async () => (await answers(urls.command)) && (await answers(urls.projection)), { within: 30_000 })
  return urls
}
