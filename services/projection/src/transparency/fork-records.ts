/** Forks on record: where a log ended and, after an accepted restore, another began. */
import { type Queryable } from '@commitments/event-store'
import { readLastSigned } from './last-signed-file.ts'
import { lastSignedFile, type Signing } from './signing.ts'

interface Fork {
  readonly oldLogId: string
  readonly newLogId: string
  /** The last checkpoint that is known to have been signed of the old log, as a note; null where none is. */
  readonly note: string | null
  /** Who knew it: the database as it was restored, or the file beside the key. */
  readonly source: 'database' | 'file'
  readonly reason: string
  /** UTC, microseconds. */
  readonly recordedAt: string
}

/** All of them, the oldest first. */
export async function readForks(client: Queryable): Promise<Fork[]> {
  const { rows } = await client.query<Fork>({
    name: 'read-log-forks',
    text: `SELECT old_log_id AS "oldLogId", new_log_id AS "newLogId", note, source, reason,
        recorded_at_text(recorded_at) AS "recordedAt" FROM log_forks ORDER BY fork LIMIT 1000`,
  })
  return rows
}

/**
 * Puts on record what the file says was signed of the log that another took the place of. The restored database knew less of it, as a
 * rule; `accept-restore` recorded what that was.
 */
export async function recordLastSigned(
  client: Queryable,
  signing: Signing,
  oldLogId: string,
  newLogId: string,
): Promise<void> {
  const kept = await readLastSigned(lastSignedFile(signing, oldLogId))
  if (kept.outcome !== 'kept') return
  await client.query({
    name: 'record-kept-checkpoint',
    text: 'SELECT record_kept_checkpoint($1, $2, $3)',
    values: [oldLogId, newLogId, kept.note],
  })
}
