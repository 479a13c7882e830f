import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type LocalServer, type ServerOptions, startServer } from '@commitments/local-postgres'
import { Client } from 'pg'

export interface Fixture {
  after(close: () => unknown): unknown
}

export const isRoot = process.getuid?.() === 0

/** A folder that everyone may pass through, removed after the test. */
export function folder(t: Fixture): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'commitments-test-')))
  chmodSync(directory, 0o755)
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A server that is stopped after the test. */
export async function server(t: Fixture, options: ServerOptions): Promise<LocalServer> {
  const started = await startServer(options)
  t.after(() => started.stop())
  return started
}

export async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

export interface Launcher {
  readonly process: ChildProcess
  readonly url: string
  readonly pid: number
  readonly directory: string
}

/** Another process that has started a server in the folder; killed after the test if it still runs. */
export async function launcher(
  t: Fixture,
  dataDirectory: string,
  account: { uid?: number; gid?: number } = {},
): Promise<Launcher> {
  const script = fileURLToPath(new URL('fixtures/launcher.ts', import.meta.url))
  // Without the coverage hooks of the test runner, which write into a folder that other accounts cannot enter.
  const child = spawn(process.execPath, [script, dataDirectory], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], HOME: dataDirectory },
    ...account,
  })
  t.after(() => child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })
  const [line] = (await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => [])])) as string[]
  if (line === undefined) throw new Error('the launcher ended without a server')
  return { process: child, ...(JSON.parse(line) as Omit<Launcher, 'process'>) }
}

export async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

/** Whether the process exists. */
export function runs(pid: number): boolean {
  return existsSync(`/proc/${pid}/status`)
}
