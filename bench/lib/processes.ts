import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { freePort } from '@commitments/test-kit'
import { onEnd } from './cleanup.ts'
import { readPeakMemory } from './peak-memory.ts'

/** A server under test, in a separate process. */
export interface RunningServer {
  name: string
  port: number
  pid: number
  /** Peak resident memory so far, in bytes; null if the system does not report it (it is read from /proc). */
  peakMemory(): number | null
  close(): Promise<void>
}

const exitWithParent = new URL('./exit-with-parent.ts', import.meta.url).href
const startWithin = 1_800_000

/**
 * Starts `file` with PORT set to a free port, and returns once `GET /health/ready` answers 200. The process gets only `env` and what every
 * program needs (PATH, HOME), so that the caller's shell cannot change the measurement. It ends with this process.
 */
export async function startServer(
  name: string,
  file: string,
  env: Record<string, string>,
  flags: readonly string[] = [],
): Promise<RunningServer> {
  const port = await freePort()
  const child = forkQuietly(file, { ...env, HOST: '127.0.0.1', PORT: String(port) }, flags)
  const errors = keepLastLines(child)
  const close = onEnd(() => endChild(child))
  try {
    await untilAnswers(child, port)
  } catch (error) {
    await close()
    throw new Error(`${name} did not start: ${(error as Error).message}\n${errors()}`, { cause: error })
  }
  return { name, port, pid: child.pid as number, peakMemory: () => readPeakMemory(child.pid as number), close }
}

/** Runs `file` as a separate process, sends it `job`, and returns its result. */
export async function runJob<Result>(file: string, job: unknown, env: Record<string, string> = {}): Promise<Result> {
  const child = forkQuietly(file, env)
  const errors = keepLastLines(child)
  const close = onEnd(() => endChild(child))
  try {
    child.send(job as object)
    return await new Promise<Result>((resolve, reject) => {
      child.once('message', (message) => resolve(message as Result))
      child.once('exit', (code, signal) =>
        reject(new Error(`${file} ended (${signal ?? code}) without a result\n${errors()}`)),
      )
    })
  } finally {
    await close()
  }
}

/** The result of a program that does one thing and ends. */
export interface Finished {
  seconds: number
  /** Peak resident memory in bytes, as last seen before the end; null if the system does not report it. */
  peakMemory: number | null
}

/** Runs a program of the product to its end. Throws its error output if it exits with another status than 0. */
export async function runProgram(
  name: string,
  file: string,
  env: Record<string, string>,
  flags: readonly string[] = [],
  args: readonly string[] = [],
): Promise<Finished> {
  const began = performance.now()
  const child = forkQuietly(file, env, flags, args)
  const errors = keepLastLines(child)
  const close = onEnd(() => endChild(child))
  let peakMemory: number | null = null
  const watch = setInterval(() => (peakMemory = readPeakMemory(child.pid as number) ?? peakMemory), 50)
  try {
    const code = await new Promise<number | string | null>((resolve) =>
      child.once('exit', (status, signal) => resolve(signal ?? status)),
    )
    if (code !== 0) throw new Error(`${name} ended with ${code}\n${errors()}`)
    return { seconds: (performance.now() - began) / 1000, peakMemory }
  } finally {
    clearInterval(watch)
    await close()
  }
}

/** Path of a file of this bench, or of the product, from the path relative to the folder `bench`. */
export function benchFile(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url))
}

function forkQuietly(
  file: string,
  env: Record<string, string>,
  flags: readonly string[] = [],
  args: readonly string[] = [],
): ChildProcess {
  const { PATH = '', HOME = '' } = process.env
  return fork(file, args, {
    env: { PATH, HOME, NODE_ENV: 'production', ...env },
    execArgv: ['--disable-warning=ExperimentalWarning', '--import', exitWithParent, ...flags],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
}

/** Reads the error output, so that its pipe never fills up, and keeps the end of it to explain a failure. */
function keepLastLines(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    text = (text + piece).slice(-4000)
  })
  return () => text
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const impatience = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(impatience)
}

/** Waits until `GET /health/ready` at the port is answered with 200. Throws when the process ends before. */
export async function untilAnswers(child: ChildProcess, port: number): Promise<void> {
  const deadline = Date.now() + startWithin
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('it ended')
    if (await isReady(port)) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`it was not ready within ${startWithin / 1000} s`)
}

async function isReady(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`)
    await answer.arrayBuffer()
    return answer.status === 200
  } catch {
    return false
  }
}
