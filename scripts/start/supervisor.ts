import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { filled, heldVariable } from '@commitments/http-kit'
import { StartRefused } from './refusals.ts'

/** The status of a service that cannot run with its configuration (`EX_CONFIG` of BSD's sysexits): restarting it does not help. */
const misconfigured = 78

/** Back-off for a service that ends while starting, in milliseconds. */
const firstPause = 100
const longestPause = 5_000
/** How often the first start is tried, about twenty seconds in total; a service that has run before is always restarted. */
const firstTries = 9

/** Longer than the ten seconds within which a service ends by itself. */
const stopMilliseconds = 15_000

export interface ServiceOptions {
  name: string
  script: string
  /** Flags of Node. */
  flags?: readonly string[]
  /**
   * The whole environment of the process. A `PORT` of 0 is replaced by the port that the system chose, so that it stays the same after a
   * restart.
   */
  environment: Record<string, string | undefined>
  say: (line: string) => void
}

/** A service that is restarted whenever it ends. */
export interface Service {
  readonly name: string
  /** The address at which it listens, once it does. */
  readonly url: string
  /** Process number; it changes with a restart. */
  readonly pid: number
  /** SIGTERM: it finishes what it accepted, ends, and is started again. Does nothing while it is down. */
  restart(): void
  /** Tells this process, and each later one, that the ledger is filled, so that it may become ready. */
  tellFilled(): void
  /** SIGTERM: it finishes what it accepted; kill -9 if that takes too long. It is not restarted. */
  stop(): Promise<void>
}

interface State {
  readonly options: ServiceOptions
  readonly stopping: AbortController
  child: ChildProcess
  url: string
  watching: Promise<void>
}

/** Starts the service and waits until it listens. @throws StartRefused if it ends because of its configuration, or is told to stop */
export async function startService(options: ServiceOptions, signal: AbortSignal): Promise<Service> {
  const stopping = new AbortController()
  const state: State = { options, stopping, child: spawnService(options), url: '', watching: Promise.resolve() }
  const interrupt = () => void stop(state)
  signal.addEventListener('abort', interrupt)
  await untilListening(state)
  signal.removeEventListener('abort', interrupt)
  state.watching = keepAlive(state)
  return handle(state)
}

function handle(state: State): Service {
  return {
    name: state.options.name,
    get url() {
      return state.url
    },
    get pid() {
      return state.child.pid ?? 0
    },
    restart: () => void state.child.kill('SIGTERM'),
    tellFilled: () => {
      delete state.options.environment[heldVariable]
      if (state.child.connected) state.child.send(filled)
    },
    stop: () => stop(state),
  }
}

/**
 * A separate process group protects the service from the terminal's Ctrl-C, because we end the services in order. The channel between us
 * closes when we end, in any way, and then the service ends too.
 */
function spawnService({ script, environment, flags = [] }: ServiceOptions): ChildProcess {
  return fork(script, {
    env: environment,
    execArgv: [...process.execArgv, ...flags],
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
}

/** Starts it repeatedly until it listens, with longer and longer pauses. */
async function untilListening(state: State): Promise<void> {
  for (let tries = 1; !(await listens(state)); tries += 1) {
    const { options, child, stopping } = state
    if (stopping.signal.aborted) throw new StartRefused(`The ${options.name} service was stopped.`)
    if (isHopeless(state, tries))
      throw new StartRefused(`The ${options.name} service does not start; what it said is above.`)
    const pause = Math.min(firstPause * 2 ** (tries - 1), longestPause)
    options.say(`The ${options.name} service ended while it was starting (${ending(child)}); once more in ${pause} ms.`)
    await sleep(pause, undefined, { signal: stopping.signal }).catch(() => {})
    if (!stopping.signal.aborted) state.child = spawnService(options)
  }
}

/** A service that has run before may run again: somebody may be fixing its configuration or its database. */
function isHopeless({ child, url }: State, tries: number): boolean {
  return url === '' && (child.exitCode === misconfigured || tries >= firstTries)
}

/** Whether the child got as far as listening; otherwise it has ended. */
async function listens(state: State): Promise<boolean> {
  const { child, options } = state
  if (hasEnded(child)) return false
  const { promise, resolve } = Promise.withResolvers<boolean>()
  child.once('exit', () => resolve(false))
  child.once('error', () => resolve(false))
  child.once('message', (message) => {
    if (!isListening(message)) return
    state.url = message.listening
    options.environment['PORT'] = new URL(message.listening).port
    resolve(true)
  })
  return promise
}

function isListening(message: unknown): message is { listening: string } {
  return typeof message === 'object' && message !== null && 'listening' in message
}

async function keepAlive(state: State): Promise<void> {
  while (!state.stopping.signal.aborted) {
    if (!hasEnded(state.child)) await once(state.child, 'exit')
    if (state.stopping.signal.aborted) return
    state.options.say(`The ${state.options.name} service ended (${ending(state.child)}); starting it again.`)
    state.child = spawnService(state.options)
    await untilListening(state).catch(ignoreStop)
  }
}

/** A service that has run before fails to come back only if it is told to stop. */
function ignoreStop(error: unknown): void {
  if (!(error instanceof StartRefused)) throw error
}

function ending({ exitCode, signalCode }: ChildProcess): string {
  return signalCode ?? `status ${exitCode}`
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

async function stop(state: State): Promise<void> {
  state.stopping.abort()
  const { child } = state
  if (!hasEnded(child)) {
    const tooLong = setTimeout(() => child.kill('SIGKILL'), stopMilliseconds)
    // Unlike SIGTERM, without SHUTDOWN_DELAY: no balancer is in front, and somebody waits at the terminal.
    child.kill('SIGINT')
    await once(child, 'exit')
    clearTimeout(tooLong)
  }
  await state.watching
}
