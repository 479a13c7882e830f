import { readFileSync } from 'node:fs'

/** Resident memory of a process at this moment, in bytes; null if the process has ended, or the system does not report it (only Linux does). */
export function readMemory(pid: number): number | null {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readOrNothing(`/proc/${pid}/status`))
  return found ? Number(found[1]) * 1024 : null
}

/** Processor time of a process so far, with all of its threads, in seconds; null as above. */
export function readProcessorTime(pid: number): number | null {
  const text = readOrNothing(`/proc/${pid}/stat`)
  // The name of the program, in brackets, can have spaces.
  const [user, system] = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return user === undefined || system === undefined ? null : (Number(user) + Number(system)) / ticksASecond
}

/** Of /proc, on every Linux that Node runs on. */
const ticksASecond = 100

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** Memory of a process at this moment, in bytes, with its part of what it shares with others (Pss); 0 if it has ended. */
export function readShareOfMemory(pid: number): number {
  const found = /^Pss:\s+(\d+) kB$/m.exec(readOrNothing(`/proc/${pid}/smaps_rollup`))
  return found ? Number(found[1]) * 1024 : 0
}

/** Processor time so far of the children of a process that have ended, in seconds. */
export function readTimeOfEnded(pid: number): number {
  const text = readOrNothing(`/proc/${pid}/stat`)
  const [user = 0, system = 0] = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .slice(13, 15)
    .map(Number)
  return (user + system) / ticksASecond
}
