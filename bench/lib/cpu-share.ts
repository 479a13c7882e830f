import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onEnd } from './cleanup.ts'

/** Where Linux keeps the groups of its processor controller (cgroups v1). */
const root = '/sys/fs/cgroup/cpu'
/** Microseconds: short, so that a request waits little for the next period. */
const period = 10_000

/** Whether processes of this machine can be held to a share of a processor: with cgroups v1, as root. */
export function canShareProcessors(): boolean {
  try {
    const probe = join(root, `commitments-bench-probe-${process.pid}`)
    mkdirSync(probe)
    rmdirSync(probe)
    return true
  } catch {
    return false
  }
}

/**
 * A share of one processor for a group of processes, as if they ran on a smaller machine. Returns what puts processes into it, with all that
 * they have started and will start. Make it before the processes: it can be removed only after they have ended.
 *
 * @param name of the group, different for each
 * @param share of a processor, such as 0.2
 */
export function makeShare(name: string, share: number): (pids: readonly number[]) => void {
  const group = join(root, `commitments-bench-${process.pid}-${name}`)
  mkdirSync(group)
  onEnd(() => rmdirSync(group))
  writeFileSync(join(group, 'cpu.cfs_period_us'), String(period))
  writeFileSync(join(group, 'cpu.cfs_quota_us'), String(Math.round(period * share)))
  return (pids) => {
    for (const pid of withDescendants(pids)) enter(group, pid)
  }
}

function enter(group: string, pid: number): void {
  try {
    writeFileSync(join(group, 'cgroup.procs'), String(pid))
  } catch (error) {
    // Postgres starts and ends workers all the time.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** The processes, and all that they have started. */
export function withDescendants(pids: readonly number[]): number[] {
  const children = new Map<number, number[]>()
  for (const pid of readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)) {
    const parent = parentOf(pid)
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  const found = [...pids]
  for (const pid of found) found.push(...(children.get(pid) ?? []))
  return found
}

/** Null if the process has ended meanwhile. */
function parentOf(pid: number): number | null {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return null
  }
}
