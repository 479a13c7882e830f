/** A folder as the home of kept checkpoints, with a file for each log. Hosts share it only by a file system that they share. */
import { open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Home, type Kept, keptName, keptNote } from './kept-checkpoint.ts'

export function folderHome(folder: string): Home {
  const fileOf = (logId: string) => join(folder, keptName(logId))
  return {
    place: folder,
    nameOf: keptName,
    read: (logId) => readFileNote(fileOf(logId)),
    replace: async (logId, before, note) => {
      // One writer at a time: whoever holds the row of the tree.
      const kept = await readFileNote(fileOf(logId))
      if (kept.outcome === 'unreadable' || (kept.outcome === 'kept' ? kept.note : null) !== before) return false
      await writeWhole(fileOf(logId), note)
      return true
    },
  }
}

async function readFileNote(file: string): Promise<Kept> {
  const note = await readFile(file, 'utf8').catch((error: unknown) => errorCode(error))
  return note === 'ENOENT' ? { outcome: 'missing' } : keptNote(note)
}

/** Replaces the file: afterwards the new one is on the disk, and until then the complete old one is there. */
async function writeWhole(file: string, note: string): Promise<void> {
  const unfinished = `${file}.unfinished`
  const handle = await open(unfinished, 'w', 0o600)
  try {
    await handle.writeFile(note)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(unfinished, file)
  await syncFolder(dirname(file))
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
