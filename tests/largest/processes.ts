/** Both services as in production: separate processes with the flags and the memory of production. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Cleanup } from '@commitments/test-kit'
import { processEnvironment, type ServiceName, scriptOf } from '@commitments/test-kit'
import { commandFlags, projectionFlags } from '../../scripts/start/node-flags.ts'

export interface Running {
  readonly url: string
  readonly port: number
  readonly child: ChildProcess
  /** Its output so far, to find out why it ended. */
  readonly output: () => string
}

/** Started once and never restarted: it must not end. */
export async function startProcess(t: Cleanup, name: ServiceName, databaseUrl: string): Promise<Running> {
  const flags = name === 'command' ? commandFlags : projectionFlags
  const env = { ...processEnvironment(databaseUrl), LOG_LEVEL: 'error' }
  const child = fork(scriptOf(name), { env, execArgv: [...flags], silent: true })
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (bytes: Buffer) => (output = (output + bytes).slice(-20_000)))
  }
  const [{ listening }] = (await once(child, 'message')) as [{ listening: string }]
  return { url: listening, port: Number(new URL(listening).port), child, output: () => output }
}

/** Peak resident memory so far, in MiB. */
export function peakOf({ child }: Running): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1024
}
