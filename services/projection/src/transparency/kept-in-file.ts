/** A folder as the home of kept checkpoints, with a file for each log. Hosts share it only by a file system that they share. */
import { randomUUID } from 'node:crypto'
import { open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Home, HomeAway, type Kept, keptName, keptNote } from './kept-checkpoint.ts'

export function folderHome(folder: string): Home {
  const fileOf = (logId: string) => join(folder, keptName(logId))
  const claims = new Map<string, Claim>()
  return {
    place: folder,
    nameOf: keptName,
    read: (logId) => readFileNote(fileOf(logId)),
    replace: async (logId, before, note) => {
      try {
        return await replaceFile(fileOf(logId), before, note, claims)
      } catch (error) {
        throw new HomeAway(`${folder} cannot be written (${errorCode(error)})`, { cause: error })
      }
    },
  }
}

/** A claim of somebody else, and since when it was seen, on the clock of `performance`. */
interface Claim {
  readonly of: string
  readonly since: number
}

/** Milliseconds after which somebody who claims has lost the transaction in which it writes (`publish` in sign.ts). */
const claimLasts = 5_000
/** Milliseconds after which a claim that stays the same belongs to nobody: its writer was killed. */
const claimIsLeft = 6_000

/**
 * Compares and sets. Whoever holds the row of the tree is alone in one database, but an old primary and the server that was promoted in its place
 * have a row each. So a writer first claims the file, by a file beside it that only one can make.
 */
async function replaceFile(
  file: string,
  before: string | null,
  note: string,
  claims: Map<string, Claim>,
): Promise<boolean> {
  const claim = `${file}.claim`
  const own = randomUUID()
  const began = performance.now()
  if (!(await makeClaim(file, own, claims))) return false
  try {
    const kept = await readFileNote(file)
    if (kept.outcome === 'unreadable' || (kept.outcome === 'kept' ? kept.note : null) !== before) return false
    const holds = async () => performance.now() - began < claimLasts && (await textOf(claim)) === own
    return await writeWhole(file, note, unfinishedOf(file, own), holds)
  } finally {
    if ((await textOf(claim)) === own) await rm(claim, { force: true })
  }
}

async function makeClaim(file: string, own: string, claims: Map<string, Claim>): Promise<boolean> {
  const claim = `${file}.claim`
  try {
    await writeFile(claim, own, { flag: 'wx', mode: 0o600 })
    claims.delete(claim)
    return true
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  }
  const of = await textOf(claim)
  const seen = claims.get(claim)
  if (of === null || seen?.of !== of) claims.set(claim, { of: of ?? '', since: performance.now() })
  else if (performance.now() - seen.since > claimIsLeft) {
    if (/^[\da-f-]{36}$/.test(of)) await rm(unfinishedOf(file, of), { force: true })
    await rm(claim, { force: true })
  }
  return false
}

function unfinishedOf(file: string, writer: string): string {
  return `${file}.${writer}.unfinished`
}

/** Null: it is not there, or cannot be read. */
function textOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null)
}

async function readFileNote(file: string): Promise<Kept> {
  const note = await readFile(file, 'utf8').catch((error: unknown) => errorCode(error))
  return note === 'ENOENT' ? { outcome: 'missing' } : keptNote(note)
}

/** Replaces the file if `holds` says so once the new one is on the disk. Until then, and otherwise, the complete old one is there. */
async function writeWhole(
  file: string,
  note: string,
  unfinished: string,
  holds: () => Promise<boolean>,
): Promise<boolean> {
  try {
    const handle = await open(unfinished, 'wx', 0o600)
    try {
      await handle.writeFile(note)
      await handle.sync()
    } finally {
      await handle.close()
    }
    if (!(await holds())) return false
    await rename(unfinished, file)
    await syncFolder(dirname(file))
    return true
  } finally {
    await rm(unfinished, { force: true })
  }
}

/** The new name is as durable as its folder. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A code is never a note, because it has no empty line. */
function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
