/** Recorded forks: where a log ended and, after an accepted restore, another began. */
import { type Queryable } from '@commitments/event-store'
import { checkpointOf, readKept } from './kept-checkpoint.ts'
import type { Claim } from './sign.ts'
import { originOf, type Signing } from './signing.ts'

interface Fork {
  readonly oldLogId: string
  readonly newLogId: string
  /** The last checkpoint that is known to have been signed for the old log, as a note; null if there is none. */
  readonly note: string | null
  /** Its source: the restored database, the kept checkpoint (`file`, wherever its home is), or a witness. */
  readonly source: 'database' | 'file' | 'witness'
  /** The name of the witness; null for the other sources. */
  readonly witness: string | null
  readonly reason: string
  /** The first position at which the new log may differ from the old one. */
  readonly firstPosition: number
  /** UTC, microseconds. */
  readonly recordedAt: string
}

/** All of them, oldest first. */
export async function readForks(client: Queryable): Promise<Fork[]> {
  const { rows } = await client.query<Fork>({
    name: 'read-log-forks',
    text: `SELECT f.old_log_id AS "oldLogId", f.new_log_id AS "newLogId", f.note, f.source, f.witness, f.reason,
        i.first_position AS "firstPosition", recorded_at_text(f.recorded_at) AS "recordedAt"
      FROM log_forks f JOIN log_identity i ON i.log_id = f.new_log_id ORDER BY f.fork LIMIT 1000`,
  })
  return rows
}

/**
 * Records what was signed, according to the kept checkpoint, for the log that was replaced. The restored database usually knew less of it;
 * `accept-restore` recorded what it knew. Returns the origin under which the old log was signed.
 *
 * @throws HomeAway
 */
export async function recordLastSigned(
  client: Queryable,
  signing: Signing,
  oldLogId: string,
  newLogId: string,
): Promise<string> {
  const { rows } = await client.query<{ note: string }>({
    name: 'read-note-of-replaced-log',
    text: `SELECT note FROM log_forks WHERE old_log_id = $1 AND new_log_id = $2 AND source = 'database' AND note IS NOT NULL`,
    values: [oldLogId, newLogId],
  })
  const inDatabase = rows[0]?.note ?? null
  const size = inDatabase === null ? undefined : checkpointOf(inDatabase)?.size
  const signed = inDatabase === null || size === undefined ? null : { size, note: inDatabase }
  const { kept } = await readKept(signing, oldLogId, signed)
  const note = kept.outcome === 'kept' ? kept.note : null
  if (note !== null) await record(client, [oldLogId, newLogId, note, null])
  return (note ?? inDatabase)?.split('\n', 1)[0] ?? originOf(signing, oldLogId)
}

/** A longer one is no note of a log with its cosignatures. */
const longestNote = 20_000

/** Records what the witnesses cosigned last of the log that was replaced, as far as they can be asked now. */
export async function recordWitnessed(
  client: Queryable,
  claims: readonly Claim[],
  oldLogId: string,
  newLogId: string,
): Promise<void> {
  for (const { name, note } of claims) {
    if (note !== undefined && note.length <= longestNote) await record(client, [oldLogId, newLogId, note, name])
  }
}

async function record(client: Queryable, values: readonly (string | null)[]): Promise<void> {
  await client.query({
    name: 'record-last-checkpoint',
    text: 'SELECT record_last_checkpoint($1, $2, $3, $4)',
    values: [...values],
  })
}
