/** Two instances of each service behind a balancer, whose instances are replaced under load, and clients that notice each failed request. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  eventually,
  freePort,
  processEnvironment,
  processKey,
  proposed,
  type ServiceName,
  type TestDatabase,
} from '@commitments/test-kit'
import type { Test } from 'tap'

const names = ['command', 'projection'] as const
export type Urls = Record<ServiceName, string>
/** The ports of the two instances of each service. */
export type Ports = Record<ServiceName, readonly [number, number]>
export type StartBalancer = (t: Test, ports: Ports) => Promise<Urls>

export type Scripts = (name: ServiceName) => string

export interface Rolling {
  readonly all: readonly { readonly name: ServiceName; readonly port: number }[]
  readonly instances: Map<number, ChildProcess>
  readonly environment: Record<string, string>
  readonly load: Load
}

/** Two instances of each service behind a balancer, under load. */
export async function startRolling(
  t: Test,
  url: string,
  startBalancer: StartBalancer,
  scripts: Scripts,
): Promise<Rolling> {
  const environment = { ...processEnvironment(url), SHUTDOWN_DELAY: '5' }
  const ports: Ports = {
    command: [await freePort(), await freePort()],
    projection: [await freePort(), await freePort()],
  }
  const instances = new Map<number, ChildProcess>()
  const all = names.flatMap((name) => ports[name].map((port) => ({ name, port })))
  for (const { name, port } of all)
    instances.set(port, await startInstance(t, scripts(name), { ...environment, PORT: String(port) }))
  const load = startLoad(await startBalancer(t, ports))
  await eventually(() => load.answered > 200, { within: 30_000 })
  return { all, instances, environment, load }
}

/** Ends an instance in order, and starts another one in its place. */
export async function replace(
  t: Test,
  rolling: Rolling,
  name: ServiceName,
  port: number,
  scripts: Scripts,
): Promise<void> {
  const { instances, environment } = rolling
  const old = instances.get(port) as ChildProcess
  const ended = once(old, 'exit')
  old.kill('SIGTERM')
  t.same(await ended, [0, null], `${name} at ${port} ends in order`)
  instances.set(port, await startInstance(t, scripts(name), { ...environment, PORT: String(port) }))
  // The balancer must have checked the new one before it can lose the other.
  await isReady(port)
  await sleep(1_500)
}

export async function nothingFailed(t: Test, { load }: Rolling, database: TestDatabase): Promise<void> {
  await load.stop()
  t.comment(`${load.answered} requests were answered`)
  t.same(load.failures, [], 'no request failed')
  const { rows } = await database.pool().query<{ count: number }>('SELECT count(*) FROM events')
  t.equal(rows[0]?.count, load.recorded, 'each recorded event is there once')
}

export async function startInstance(t: Test, script: string, env: Record<string, string>): Promise<ChildProcess> {
  const child = fork(script, { env, detached: true })
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
export async function startOwnBalancer(t: Test, ports: Ports): Promise<Urls> {
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
    const look = fetch(`http://127.0.0.1:${backend.port}/health/ready`, { signal: AbortSignal.timeout(5_000) })
    // No answer in time says that the machine is busy, and not that the instance is away.
    backend.up = await look.then(
      ({ ok }) => ok,
      (error: Error) => error.name === 'TimeoutError' && backend.up,
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
