import type { Queryable } from '@commitments/event-store'

/** What a ledger holds, in one snapshot. */
export interface Standing {
  readonly logId: string
  /** Every identity of the log, with those that ended in an accepted restore. */
  readonly logIds: readonly string[]
  /** The last event; 0: none. */
  readonly position: number
  readonly eventId: string | null
  readonly recordedAt: string | null
  /** The last signed checkpoint; null: nothing is signed. */
  readonly signed: { readonly size: number; readonly note: string; readonly vkeys: string } | null
  /** Of its tables and indexes. */
  readonly bytes: number
  /** Of all databases of the server. */
  readonly clusterBytes: number
  /** The major version of Postgres. */
  readonly major: number
}

/** One statement, so that everything is of one moment. */
export async function readStanding(client: Queryable): Promise<Standing> {
  const { rows } = await client.query<Omit<Standing, 'recordedAt'> & { recordedAt: Date | null }>({
    text: `SELECT (SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1) AS "logId",
        (SELECT array_agg(log_id::text) FROM log_identity) AS "logIds",
        coalesce(e.position, 0) AS position, e.event_id AS "eventId", e.recorded_at AS "recordedAt",
        (SELECT json_build_object('size', c.size, 'note', c.note, 'vkeys', c.vkeys) FROM log_checkpoints c
          WHERE c.log_id = (SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1) ORDER BY c.size DESC LIMIT 1) AS signed,
        (SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c
          WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r') AS bytes,
        (SELECT sum(CASE WHEN has_database_privilege(d.oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE')
          THEN pg_database_size(d.oid) ELSE 0 END)::bigint FROM pg_database d) AS "clusterBytes",
        current_setting('server_version_num')::integer / 10000 AS major
      FROM (VALUES (1)) one LEFT JOIN LATERAL (SELECT position, event_id, recorded_at FROM events ORDER BY position DESC LIMIT 1) e ON true`,
  })
  const [row] = rows
  if (row === undefined) throw new Error('one row was asked for, and none came')
  return { ...row, recordedAt: row.recordedAt?.toISOString() ?? null }
}

/** The id of the event at a position; null: there is none. */
export async function eventAt(client: Queryable, position: number): Promise<string | null> {
  const { rows } = await client.query<{ event_id: string }>({
    text: 'SELECT event_id FROM events WHERE position = $1',
    values: [position],
  })
  return rows[0]?.event_id ?? null
}
