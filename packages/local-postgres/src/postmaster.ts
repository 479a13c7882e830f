import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LocalPostgresError, systemCode } from './errors.ts'
import { isAlive, processesIn } from './process-identity.ts'

/** The content of `postmaster.pid`, which a running server writes (see Postgres' src/include/utils/pidfile.h). */
interface Postmaster {
  readonly pid: number
  readonly port: number
  readonly ready: boolean
}

/** The time limit of a fast shutdown. After it the server is told to stop at once (and recovers at its next start). */
const fastShutdownMilliseconds = 10_000
const immediateShutdownMilliseconds = 5_000

/** The server that claims the cluster; null if none does. */
export function readPostmaster(cluster: string): Postmaster | null {
  const lines = readLines(join(cluster, 'postmaster.pid'))
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 0) return null
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' }
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  }
}

/**
 * Stops a server that an earlier launcher left behind, and removes the pid file of a dead one. Call it only with the folder's lock held:
 * then a server that still runs there has no owner. Afterwards a new server can be started.
 */
export async function clearCluster(cluster: string): Promise<void> {
  const left = readPostmaster(cluster)
  if (!left) return
  if (isServing(left.pid, cluster)) await stopPostmaster(left.pid, () => isServing(left.pid, cluster))
  await removeStaleNote(cluster)
}

function isServing(pid: number, cluster: string): boolean {
  const inside = processesIn(cluster)
  return inside ? inside.includes(pid) : isAlive(pid)
}

/**
 * Postgres itself considers a pid file stale only if its number belongs to no process. In a container, where the same few numbers come
 * again at every start, that may never be the case. So if the system shows that no process works in the cluster, the file is removed. A
 * server's children outlive it only for moments.
 */
async function removeStaleNote(cluster: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (processesIn(cluster)?.length === 0) return rmSync(join(cluster, 'postmaster.pid'), { force: true })
    if (processesIn(cluster) === null && !readPostmaster(cluster)) return
    await sleep(50)
  }
}

/** Fast shutdown: running transactions are rolled back, and committed data is written. Then an immediate one, and then an error. */
export async function stopPostmaster(pid: number, runs: () => boolean): Promise<void> {
  signal(pid, 'SIGINT')
  if (await ends(runs, fastShutdownMilliseconds)) return
  signal(pid, 'SIGQUIT')
  if (await ends(runs, immediateShutdownMilliseconds)) return
  throw new LocalPostgresError(`The Postgres server (process ${pid}) does not stop.`)
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error
  }
}

async function ends(runs: () => boolean, milliseconds: number): Promise<boolean> {
  const until = Date.now() + milliseconds
  while (runs()) {
    if (Date.now() > until) return false
    await sleep(10)
  }
  return true
}
