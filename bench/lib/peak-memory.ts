import { readFileSync } from 'node:fs'

/**
 * Peak resident memory of a process so far, in bytes; null if the process has ended, or the system does not report it (only Linux does).
 */
export function readPeakMemory(pid: number): number | null {
  try {
    const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return found ? Number(found[1]) * 1024 : null
  } catch {
    return null
  }
}
