/** A halt of the log: while one is set, nothing is recorded (migrations/0022_log_halts.sql). */
import type { Queryable } from './queryable.ts'

/** What set the halt: the signer, or the comparison of the lines with the tree. */
type HaltSource = 'signer' | 'lines'

/** The SQLSTATE with which the database refuses an append to a halted log. Its message is the reason. */
export const haltedState = 'LH001'

const current = '(SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1)'

/** Why the log takes no writes, in whole sentences; null if it takes them. @param source only the halt of this source */
export async function readHalt(client: Queryable, source?: HaltSource): Promise<string | null> {
  const { rows } = await client.query<{ detail: string }>({
    name: 'read_log_halt',
    text: `SELECT detail FROM log_halts WHERE log_id = ${current} AND source = coalesce($1, source) ORDER BY source DESC LIMIT 1`,
    values: [source ?? null],
  })
  return rows[0]?.detail ?? null
}

/** Sets the halt of this source; null removes it. Writes continue when no source has a halt. */
export async function setHalt(client: Queryable, source: HaltSource, detail: string | null): Promise<void> {
  if (detail === null) {
    await client.query({
      name: 'end_log_halt',
      text: `DELETE FROM log_halts WHERE log_id = ${current} AND source = $1`,
      values: [source],
    })
    return
  }
  await client.query({
    name: 'set_log_halt',
    text: `INSERT INTO log_halts (log_id, source, detail) SELECT log_id, $1, $2 FROM (SELECT ${current} AS log_id) i
      ON CONFLICT (log_id, source) DO UPDATE SET detail = excluded.detail WHERE log_halts.detail <> excluded.detail`,
    values: [source, detail.slice(0, 10_000)],
  })
}

/** For `/health/ready` of a service that does not look for it itself. */
export function haltCheck(client: Queryable) {
  return {
    name: 'log',
    check: async () => {
      const detail = await readHalt(client)
      return detail === null ? { ok: true, detail: 'nothing is known against the log' } : { ok: false, detail }
    },
  }
}
