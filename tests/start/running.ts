import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export interface Fixture {
  after(close: () => unknown): unknown
}

/** The output of a start, and what it left running. */
export interface Started {
  readonly process: ChildProcess
  /** All output so far, from both streams. */
  said(): string
  /** Resolves with the exit status (null if a signal ended it). */
  ended(): Promise<number | null>
}

export interface Ready extends Started {
  readonly command: string
  readonly projection: string
  readonly key: string
}

/** A data folder that is removed after the test, with everything that still runs in it. */
export function dataFolder(t: Fixture): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'commitments-start-')))
  chmodSync(directory, 0o755)
  t.after(() => {
    for (const pid of processesOf(directory)) killIfThere(pid)
    for (const folder of [directory, stateFolderOf(directory)])
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  })
  return directory
}

/** When one is killed, the processes that depend on it end by themselves, perhaps before their turn (ESRCH: no such process). */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** What was signed last is kept elsewhere, as usual, but not where the person who runs the tests keeps it. */
function placesOf(dataDirectory: string) {
  return { DATA_DIR: dataDirectory, XDG_STATE_HOME: stateFolderOf(dataDirectory) }
}

function stateFolderOf(dataDirectory: string): string {
  return `${dataDirectory}-state`
}

/** Starts the product as the README says, on free ports, with nothing of the tests' environment. */
export function start(dataDirectory: string, environment: Record<string, string> = {}, script = 'start'): Started {
  const { PATH = '', HOME = '/', NODE_COMPILE_CACHE } = process.env
  const kept = { PATH, HOME, ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }) }
  const child = spawn('npm', ['run', script, '--silent'], {
    cwd: root,
    // A separate process group, so that a test can send Ctrl-C to it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...kept, ...placesOf(dataDirectory), COMMAND_PORT: '0', PROJECTION_PORT: '0', ...environment },
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  const end = once(child, 'exit').then(([status]) => status as number | null)
  return { process: child, said: () => Buffer.concat(chunks).toString('utf8'), ended: () => end }
}

/** Starts, and waits until it reports that it is ready. */
export async function startReady(
  dataDirectory: string,
  environment: Record<string, string> = {},
  script = 'start',
): Promise<Ready> {
  const started = start(dataDirectory, environment, script)
  const until = Date.now() + 60_000
  while (!started.said().includes('Ctrl-C ends everything')) {
    if (Date.now() > until || started.process.exitCode !== null) throw new Error(`not ready:\n${started.said()}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return { ...started, ...whatItSaid(started.said()) }
}

function whatItSaid(text: string): Pick<Ready, 'command' | 'projection' | 'key'> {
  return {
    command: found(text, /(http\S+)\/v1\/proposals\/jcm10/),
    projection: found(text, /(http\S+)\/v1\/portfolio/),
    key: found(text, /Bearer ([\w-]+)/),
  }
}

function found(text: string, pattern: RegExp): string {
  const [, value] = pattern.exec(text) ?? []
  if (value === undefined) throw new Error(`nothing like ${pattern} in:\n${text}`)
  return value
}

/** Process numbers of a start with this data folder, including the launcher. */
export function processesOf(dataDirectory: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid) && belongs(name, dataDirectory))
    .map(Number)
}

function belongs(pid: string, dataDirectory: string): boolean {
  try {
    if (readlinkSync(`/proc/${pid}/cwd`).startsWith(dataDirectory)) return true
    const words = readFileSync(`/proc/${pid}/environ`, 'latin1') + readFileSync(`/proc/${pid}/cmdline`, 'latin1')
    return words.includes(dataDirectory)
  } catch {
    return false
  }
}

/** The process of this start that runs the script: `scripts/start.mjs`, `services/command/src/main.ts` … */
export function processOf(dataDirectory: string, script: string): number | undefined {
  return processesOf(dataDirectory).find((pid) => commandLine(pid).includes(script))
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  } catch {
    return ''
  }
}
