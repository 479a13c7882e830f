import { readFileSync } from 'node:fs'

/** The most memory that a process has had resident so far, in bytes; null where it is gone, or the system does not tell (only Linux does). */
export function readPeakMemory(pid: number): number | null {
  try {
    const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return found ? Number(found[1]) * 1024 : null
  } catch {
    return null
  }
}
