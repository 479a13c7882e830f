/**
 * The kept checkpoint: the last one that was signed, where a restore of the database to an earlier state does not reset it.
 *
 * It is replaced before the database learns of a checkpoint, so it is never behind the database. Who keeps it, keeps the note itself: it can
 * be read, compared and put back by hand. Only the size and the root in it are used: anybody who can write there can sign anything with the key.
 */
import { type Checkpoint, parseCheckpoint, parseNote } from '@commitments/transparency'

/** Where the checkpoints of an origin are kept. All instances that may sign for it use the same home. */
export interface Home {
  /** For the operator: a folder, or a service that the hosts share. Without secrets. */
  readonly place: string
  /** What holds the checkpoint of a log, without the place: everybody who can ask for readiness sees it. */
  nameOf(logId: string): string
  /** @throws HomeAway */
  read(logId: string): Promise<Kept>
  /**
   * Compares and sets, in one step for all who use the home: false if it holds anything but `before` (null: nothing), and then nothing was
   * changed. Once it returns true, the note outlives a crash.
   *
   * @throws HomeAway; then the note is there or not
   */
  replace(logId: string, before: string | null, note: string): Promise<boolean>
}

export type Kept =
  | { readonly outcome: 'kept'; readonly note: string; readonly checkpoint: Checkpoint }
  | { readonly outcome: 'missing' }
  /** There is something, and it is not a signed checkpoint, or cannot be read. */
  | { readonly outcome: 'unreadable' }

/** The home does not answer, or not now. Its message is for the operator: which home, and why; without secrets. */
export class HomeAway extends Error {
  override readonly name = 'HomeAway'
}

/** What a home holds for a log. With any origin: it belongs to one log, even if the log was given another name since. */
export function keptNote(note: string): Kept {
  const checkpoint = checkpointOf(note)
  return checkpoint === null ? { outcome: 'unreadable' } : { outcome: 'kept', note, checkpoint }
}

/** The signed checkpoint in a note; null if it is not one. */
export function checkpointOf(note: string): Checkpoint | null {
  const parsed = parseNote(note)
  return typeof parsed === 'string' ? null : parseCheckpoint(parsed.text)
}

/** The name of what holds a log's checkpoint. Each log has its own, which stays when another log replaces it. */
export function keptName(logId: string): string {
  return `log-checkpoint-${logId}`
}

/** Whether this is such a name. */
export function isKeptName(name: string): boolean {
  return /^log-checkpoint-[0-9a-f-]{36}$/.test(name)
}

interface Homes {
  readonly home: Home
  /** Where a log was kept under another origin, because each chosen origin has a place of its own. */
  readonly formerHomes?: (origin: string) => readonly Home[]
}

/**
 * What is kept of a log: in its home or, if that knows less than the database, in one of an earlier origin. What was signed under one origin
 * must not be forgotten under the next. If there are several, the one with the most events.
 *
 * @param signed the last checkpoint of the log that the database has
 * @throws HomeAway
 */
export async function readKept(
  { home, formerHomes }: Homes,
  logId: string,
  signed: { readonly size: number; readonly note: string } | null,
): Promise<{ readonly own: Kept; readonly kept: Kept }> {
  const own = await home.read(logId)
  if (signed === null || own.outcome === 'unreadable' || sizeOf(own) >= signed.size) return { own, kept: own }
  const origin = checkpointOf(signed.note)?.origin
  const homes = origin?.endsWith(`/${logId}`) ? (formerHomes?.(origin.slice(0, -logId.length - 1)) ?? []) : []
  const all = [own, ...(await Promise.all(homes.map((one) => one.read(logId))))]
  return { own, kept: all.toSorted((one, other) => sizeOf(other) - sizeOf(one))[0] ?? own }
}

function sizeOf(kept: Kept): number {
  return kept.outcome === 'kept' ? kept.checkpoint.size : -1
}
