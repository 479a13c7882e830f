import type { Queryable } from './queryable.ts'

/** For `/health/ready` of a service that records: whether the database takes writes. */
export function writableCheck(client: Queryable) {
  return { name: 'database', check: async () => judge(await readMode(client)) }
}

/** What a server lets its clients do. */
export interface Mode {
  readonly standby: boolean
  readonly readOnly: boolean
}

export async function readMode(client: Queryable): Promise<Mode> {
  const { rows } = await client.query<{ standby: boolean; readOnly: boolean }>({
    name: 'read_mode',
    text: `SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only')::boolean AS "readOnly"`,
  })
  return rows[0] ?? { standby: false, readOnly: false }
}

function judge({ standby, readOnly }: Mode): { ok: boolean; detail: string } {
  if (standby) {
    const detail =
      'the database is a standby and only reads: connect this service to the primary, or promote the standby'
    return { ok: false, detail }
  }
  if (readOnly) {
    const detail =
      'the database only reads: default_transaction_read_only is on for it, for the role or for the server; set it to off'
    return { ok: false, detail }
  }
  return { ok: true, detail: 'the database takes writes' }
}
