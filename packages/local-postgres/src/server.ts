import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { findBinaries, programsIn } from './binaries.ts'
import { ensureCluster, readPassword } from './cluster.ts'
import { type FolderLock, lockFolder } from './folder-lock.ts'
import { isRunning, type Launch, launch, type Running } from './launch.ts'
import { findPlace } from './place.ts'
import { clearCluster, signal, stopPostmaster } from './postmaster.ts'
import type { Settings } from './settings.ts'

export interface ServerOptions {
  /** Folder for everything of this server: cluster, password, messages. Created if it is missing. */
  dataDirectory: string
  /** Port on 127.0.0.1; by default a free one. */
  port?: number
  /** Settings of Postgres on top of our own, e.g. `{ max_connections: 300 }`. */
  settings?: Settings
  /** The folder with the programs of another installation of Postgres, whose major version the cluster has; by default the embedded ones. */
  programs?: string
  /** Gets whole sentences for the person at the terminal, such as where files are if not where they asked. */
  notice?: (line: string) => void
}

/** How a server ended. */
export interface ServerExit {
  /** Whether `stop`, `kill` or `restart` ended it. */
  readonly expected: boolean
  /** Status of the process; null if a signal ended it. */
  readonly status: number | null
}

/** A Postgres server of our own. It listens on loopback only, requires a password, and ends when the process that started it ends. */
export interface LocalServer {
  /** Address of the database `postgres` as the superuser `postgres`, with the password: keep it out of logs. */
  readonly url: string
  readonly port: number
  /** Process number of the postmaster; it changes with `restart`. */
  readonly pid: number
  /** Where the files really are. */
  readonly directory: string
  /** Fast shutdown; afterwards the folder is free for others. Calling it again does nothing. */
  stop(): Promise<void>
  /** `kill -9` of the postmaster, as in a crash; afterwards all its processes are gone, and the folder is still ours. */
  kill(): Promise<void>
  /** Starts it again on the same folder and port: after `kill`, after a crash, or (stopping it first) while it runs. */
  restart(): Promise<void>
  /** Resolves when the running server has ended, for any reason. */
  exited(): Promise<ServerExit>
}

interface State {
  readonly launch: Launch
  readonly lock: FolderLock
  readonly password: string
  running: Watched
}

interface Watched extends Running {
  readonly exit: Promise<ServerExit>
  expected: boolean
}

/**
 * Starts Postgres in the folder, and creates the cluster if there is none; afterwards it accepts connections. A server that a dead launcher
 * left running there is stopped first. Throws `FolderInUse` if a living process has the folder, and `LocalPostgresError` with a sentence
 * for the terminal if this machine cannot run it.
 */
export async function startServer(options: ServerOptions): Promise<LocalServer> {
  const notice = options.notice ?? (() => {})
  const place = findPlace(options.dataDirectory, notice)
  const lock = await lockFolder(place.directory)
  try {
    const { programs } = options
    const binaries = programs === undefined ? await findBinaries(place.account, notice) : programsIn(programs)
    if (programs === undefined || !existsSync(place.cluster)) await ensureCluster(place, binaries)
    await clearCluster(place.cluster)
    const password = readPassword(place)
    const what = { place, binaries, settings: options.settings ?? {}, port: options.port }
    const running = watch(await launch(what))
    return handle({ launch: { ...what, port: running.port }, lock, password, running })
  } catch (error) {
    lock.release()
    throw error
  }
}

function watch(running: Running): Watched {
  const watched: Watched = { ...running, expected: false, exit: ended(running).then(exitOf) }
  return watched
  function exitOf(status: number | null): ServerExit {
    return { expected: watched.expected, status }
  }
}

async function ended({ guard }: Running): Promise<number | null> {
  if (isRunning(guard)) await once(guard, 'exit')
  return guard.exitCode
}

function handle(state: State): LocalServer {
  return {
    get url() {
      return `postgres://postgres:${state.password}@127.0.0.1:${state.running.port}/postgres`
    },
    get port() {
      return state.running.port
    },
    get pid() {
      return state.running.pid
    },
    directory: state.launch.place.directory,
    stop: () => stop(state),
    kill: () => kill(state),
    restart: () => restart(state),
    exited: () => state.running.exit,
  }
}

async function stop(state: State): Promise<void> {
  await end(state.running)
  await clearCluster(state.launch.place.cluster)
  state.lock.release()
}

async function end(running: Watched): Promise<void> {
  running.expected = true
  if (!isRunning(running.guard)) return
  await stopPostmaster(running.pid, () => isRunning(running.guard))
  await running.exit
}

async function kill({ running, launch: { place } }: State): Promise<void> {
  running.expected = true
  if (isRunning(running.guard)) signal(running.pid, 'SIGKILL')
  await running.exit
  await clearCluster(place.cluster)
}

async function restart(state: State): Promise<void> {
  await end(state.running)
  await clearCluster(state.launch.place.cluster)
  state.running = watch(await launch(state.launch))
}
