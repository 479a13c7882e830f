/**
 * The last signed checkpoint, in a file beside the key: a restore of the database to an earlier state does not reset it.
 *
 * Its content is the note itself, so it can be read, compared and put back by hand. Only the size and the root in it are used: anybody who
 * can write here can sign anything with the key.
 */
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Checkpoint, parseCheckpoint, parseNote } from '@commitments/transparency'

type LastSigned =
  | { readonly outcome: 'kept'; readonly note: string; readonly checkpoint: Checkpoint }
  | { readonly outcome: 'missing' }
  /** It exists and is not a signed checkpoint, or cannot be read. */
  | { readonly outcome: 'unreadable' }

/** With any origin: the file belongs to one log, even if the log was given another name since. */
export async function readLastSigned(file: string): Promise<LastSigned> {
  const note = await readFile(file, 'utf8').catch((error: unknown) => errorCode(error))
  if (note === 'ENOENT') return { outcome: 'missing' }
  const parsed = parseNote(note)
  const checkpoint = typeof parsed === 'string' ? null : parseCheckpoint(parsed.text)
  return checkpoint === null ? { outcome: 'unreadable' } : { outcome: 'kept', note, checkpoint }
}

/**
 * Replaces the file: afterwards the new one is on the disk, and until then the complete old one is there. One writer at a time, which the
 * epoch of the tree ensures.
 */
export async function writeLastSigned(file: string, note: string): Promise<void> {
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
