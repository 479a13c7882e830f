/**
 * The last signed checkpoint, in a file: a restore of the database to an earlier state does not reset it.
 *
 * Its content is the note itself, so it can be read, compared and put back by hand. Only the size and the root in it are used: anybody who
 * can write here can sign anything with the key.
 */
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Checkpoint, parseCheckpoint, parseNote } from '@commitments/transparency'
import { lastSignedFile, type Signing } from './signing.ts'

type LastSigned =
  | { readonly outcome: 'kept'; readonly note: string; readonly checkpoint: Checkpoint }
  | { readonly outcome: 'missing' }
  /** It exists and is not a signed checkpoint, or cannot be read. */
  | { readonly outcome: 'unreadable' }

/** With any origin: the file belongs to one log, even if the log was given another name since. */
export async function readLastSigned(file: string): Promise<LastSigned> {
  const note = await readFile(file, 'utf8').catch((error: unknown) => errorCode(error))
  if (note === 'ENOENT') return { outcome: 'missing' }
  const checkpoint = checkpointOf(note)
  return checkpoint === null ? { outcome: 'unreadable' } : { outcome: 'kept', note, checkpoint }
}

/** The signed checkpoint in a note; null if it is not one. */
export function checkpointOf(note: string): Checkpoint | null {
  const parsed = parseNote(note)
  return typeof parsed === 'string' ? null : parseCheckpoint(parsed.text)
}

/**
 * The note that was kept for a log in another folder (each origin has its own): what was signed under one origin must not be forgotten
 * under the next. If there are several, the one with the most events.
 *
 * @param before the last note that the database has for the log
 */
export async function readElsewhere(signing: Signing, logId: string, before: string): Promise<LastSigned> {
  const origin = checkpointOf(before)?.origin
  if (origin?.endsWith(`/${logId}`) !== true) return { outcome: 'missing' }
  const folders = signing.formerFolders?.(origin.slice(0, -logId.length - 1)) ?? []
  const all = await Promise.all(folders.map((folder) => readLastSigned(lastSignedFile({ folder }, logId))))
  const kept = all.flatMap((one) => (one.outcome === 'kept' ? [one] : []))
  return kept.toSorted((one, other) => other.checkpoint.size - one.checkpoint.size)[0] ?? { outcome: 'missing' }
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
