import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FolderInUse, LocalPostgresError, systemCode } from './errors.ts'
import { processIdentity } from './process-identity.ts'

export interface FolderLock {
  /** Releases the folder. Calling it again does nothing. */
  release(): void
}

const lockName = 'in-use-by'

/** How long two processes that found the same stale lock wait before they check which of them has it. Writing takes microseconds. */
const settleMilliseconds = 50

/**
 * Locks the folder for this process until it releases it or ends in any way; a lock of a dead process does not count. Throws `FolderInUse`,
 * with the number of the process, if a living one has it (including this process).
 */
export async function lockFolder(directory: string): Promise<FolderLock> {
  mkdirSync(directory, { recursive: true })
  const file = join(directory, lockName)
  const own = `${ownIdentity()}\n`
  if (!createLock(file, own)) await takeOver(file, own)
  return { release: () => releaseLock(file, own) }
}

function ownIdentity(): string {
  const identity = processIdentity(process.pid)
  if (identity === null)
    throw new LocalPostgresError('Cannot tell when this process began: neither /proc nor ps answers.')
  return identity
}

function createLock(file: string, own: string): boolean {
  try {
    writeFileSync(file, own, { flag: 'wx', mode: 0o644 })
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw error
  }
}

async function takeOver(file: string, own: string): Promise<void> {
  refuseIfHeld(file)
  const mine = `${file}.${process.pid}`
  writeFileSync(mine, own, { mode: 0o644 })
  renameSync(mine, file)
  await sleep(settleMilliseconds)
  if (readHolder(file) !== own) refuseIfHeld(file)
}

function refuseIfHeld(file: string): void {
  const holder = heldBy(dirname(file))
  if (holder === null) return
  throw new FolderInUse(`${dirname(file)} is in use by process ${holder}. Stop that one first, or use another folder.`)
}

/** The number of the living process that has the folder, or null. */
export function heldBy(directory: string): number | null {
  const holder = readHolder(join(directory, lockName)).trim()
  const pid = Number.parseInt(holder, 10)
  return !Number.isNaN(pid) && processIdentity(pid) === holder ? pid : null
}

function readHolder(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return ''
    throw error
  }
}

function releaseLock(file: string, own: string): void {
  if (readHolder(file) === own) rmSync(file, { force: true })
}
