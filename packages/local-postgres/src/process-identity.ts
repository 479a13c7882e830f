import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * A text that no other process on this machine will ever have. Process numbers are reused (in containers at once), so it includes the start
 * time. Null if there is no such process.
 */
export function processIdentity(pid: number): string | null {
  return process.platform === 'linux' ? identityFromProc(pid) : identityFromPs(pid)
}

function identityFromProc(pid: number): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in the second field can contain spaces and brackets, so fields are counted from its end; state is the third, start the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? null : `${pid}@${fields[19]}@${boot}`
  } catch {
    return null
  }
}

function identityFromPs(pid: number): string | null {
  try {
    return `${pid}@${execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()}`
  } catch {
    return null
  }
}

/** Whether a process with this number is running, whoever owns it. */
export function isAlive(pid: number): boolean {
  return processIdentity(pid) !== null
}

/**
 * The processes with this working folder; every process of a Postgres server uses its data folder. Null if the system cannot tell (only
 * Linux can).
 */
export function processesIn(directory: string): number[] | null {
  if (process.platform !== 'linux') return null
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && workingFolder(name) === directory)
    .map(Number)
}

function workingFolder(pid: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return null
  }
}
