import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Binaries, useOwnServer } from './binaries.ts'
import { LocalPostgresError } from './errors.ts'
import { spawnGuarded } from './guard.ts'
import type { Place } from './place.ts'
import { readPostmaster, stopPostmaster } from './postmaster.ts'
import { type Settings, settingParameters } from './settings.ts'

/** A server that accepts connections. */
export interface Running {
  /** The guard process; it ends when the server does, with the server's status. */
  readonly guard: ChildProcess
  readonly pid: number
  readonly port: number
}

export interface Launch {
  readonly place: Place
  readonly binaries: Binaries
  readonly settings: Settings
  /** If absent, a free port is chosen. */
  readonly port: number | undefined
}

/** How long a start may take, including recovery after a crash (which reads at most `max_wal_size` again). */
const startMilliseconds = 120_000
/** How long a start is retried while the folder still looks taken, or if another program took the free port first. */
const retryMilliseconds = 5_000

/** Starts the server on an unused cluster, and waits until it accepts connections. */
export async function launch(what: Launch): Promise<Running> {
  const until = Date.now() + retryMilliseconds
  for (;;) {
    const port = what.port ?? (await freePort())
    const begin = statSync(what.place.messages, { throwIfNoEntry: false })?.size ?? 0
    const guard = await spawnServer(what, port)
    const started = await waitUntilReady(guard, what.place, port)
    if (started) return { guard, pid: started, port }
    const said = messagesSince(what.place, begin)
    if (Date.now() > until || !mayPass(said, what.port)) throw startFailed(what.place, port, said)
    await sleep(100)
  }
}

async function spawnServer({ place, binaries, settings }: Launch, port: number): Promise<ChildProcess> {
  const guard = spawnGuarded(place, binaries.postgres, ['-D', place.cluster, ...settingParameters(settings, port)])
  // The other end closes with the guard, whose exit we see anyway; Node reports it here as well.
  guard.stdio[3]?.on('error', () => {})
  try {
    await once(guard, 'spawn')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new LocalPostgresError(`The embedded Postgres cannot be started here: ${reason}. ${useOwnServer}`, { cause })
  }
  return guard
}

async function waitUntilReady(guard: ChildProcess, { cluster }: Place, port: number): Promise<number | null> {
  const until = Date.now() + startMilliseconds
  while (isRunning(guard)) {
    const postmaster = readPostmaster(cluster)
    if (postmaster?.ready && postmaster.port === port) return postmaster.pid
    if (postmaster && Date.now() > until) await stopPostmaster(postmaster.pid, () => isRunning(guard))
    await sleep(10)
  }
  return null
}

export function isRunning(guard: ChildProcess): boolean {
  return guard.exitCode === null && guard.signalCode === null
}

function messagesSince({ messages }: Place, begin: number): string {
  const all = readFileSync(messages)
  return all.subarray(begin <= all.length ? begin : 0).toString('utf8')
}

function mayPass(said: string, wishedPort: number | undefined): boolean {
  return said.includes('lock file "postmaster.pid"') || (wishedPort === undefined && portTaken(said))
}

function portTaken(said: string): boolean {
  return /could not bind .*Address already in use/.test(said)
}

function startFailed(place: Place, port: number, said: string): LocalPostgresError {
  if (portTaken(said)) return new LocalPostgresError(`Port ${port} on 127.0.0.1 is used by another program.`)
  const reason = said.split('\n').findLast((line) => /FATAL|PANIC|ERROR/.test(line)) ?? said.trim().split('\n').at(-1)
  return new LocalPostgresError(
    `Postgres did not start: ${reason || 'it said nothing'} (all it said is in ${place.messages}).`,
  )
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new LocalPostgresError('The system gave no free port.')
  return address.port
}
