/** Recorded forks: where a log ended and, after an accepted restore, another began. */
import { type Queryable } from '@commitments/event-store'
import { readLastSigned } from './last-signed-file.ts'
import { lastSignedFile, type Signing } from './signing.ts'

interface Fork {
  readonly oldLogId: string
  readonly newLogId: string
  /** The last checkpoint that is known to have been signed for the old log, as a note; null if there is none. */
  readonly note: string | null
  /** Where it was known: in the restored database, or in the file that keeps what was signed last. */
  readonly source: 'database' | 'file'
  readonly reason: string
  /** UTC, microseconds. */
  readonly recordedAt: string
}

/** All of them, oldest first. */
export async function readForks(client: Queryable): Promise<Fork[]> {
  const { rows } = await client.query<Fork>({
    name: 'read-log-forks',
    text: `SELECT old_log_id AS "oldLogId", new_log_id AS "newLogId", note, source, reason,
        recorded_at_text(recorded_at) AS "recordedAt" FROM log_forks ORDER BY fork LIMIT 1000`,
  })
  return rows
}

/**
 * Records what was signed, according to the file, for the log that was replaced. The restored database usually knew less of it;
 * `accept-restore` recorded what it knew.
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
