/** One check at a time changes a memory. */
import { open, readFile, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { CannotCheck } from '../verdict.ts'

/** Milliseconds between two attempts, and how many are made: writing takes much less than that. */
const pause = 100
const attempts = 150
/** Milliseconds after which a lock whose process cannot be looked for is left over. */
const longest = 600_000

/** Does the work while no other check does such work in the folder. @throws CannotCheck if another one does not end */
export async function locked<Value>(folder: string, work: () => Promise<Value>): Promise<Value> {
  const path = join(folder, 'lock')
  await take(path)
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

async function take(path: string): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (await isTaken(path)) return
    if (await isLeftOver(path)) await rm(path, { force: true })
    else await new Promise((resolve) => setTimeout(resolve, pause))
  }
  throw new CannotCheck(`another check writes there; if none runs, remove ${path}`)
}

async function isTaken(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(`${hostname()} ${process.pid}\n`)
    await file.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** A check that was killed leaves its lock behind. */
async function isLeftOver(path: string): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch(() => null)
  const about = await stat(path).catch(() => null)
  if (text === null || about === null) return false
  const [host, pid] = text.trim().split(' ')
  if (host === hostname() && pid !== undefined) return !isRunning(Number(pid))
  return Date.now() - about.mtimeMs > longest
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
