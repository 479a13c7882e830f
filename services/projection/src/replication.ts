/** What an instance that only reads knows about its server: a standby that lags or is cut off answers ever older. */
import { isStuck, type Movement, type Queryable, unseen } from '@commitments/event-store'
import type { Check, CheckResult } from '@commitments/http-kit'
import { Gauge, type Registry } from 'prom-client'

interface Replication {
  readonly isStandby: boolean
  /** Bytes of the write-ahead log that were received and not applied yet. */
  readonly unapplied: number
  /** How far the write-ahead log was applied, in bytes since its beginning. */
  readonly applied: number
  /** Whether a connection to the primary is open. */
  readonly receives: boolean
  /** Commit time of the last transaction that was applied, by the clock of the primary; null if none was since the start. */
  readonly appliedAt: string | null
}

const replicationQuery = {
  name: 'read-replication',
  text: `SELECT standby AS "isStandby", coalesce(applied, 0)::float8 AS applied,
      greatest(0, coalesce(received - applied, 0))::float8 AS unapplied,
      EXISTS (SELECT FROM pg_stat_wal_receiver) AS receives,
      to_char(pg_last_xact_replay_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "appliedAt"
    FROM (SELECT pg_is_in_recovery() AS standby, pg_last_wal_replay_lsn() - '0/0'::pg_lsn AS applied,
        pg_last_wal_receive_lsn() - '0/0'::pg_lsn AS received) w`,
}

async function readReplication(client: Queryable): Promise<Replication> {
  const { rows } = await client.query<Replication>(replicationQuery)
  return rows[0] as Replication
}

/** The checks of an instance that only reads. Only the first takes it out of service: without a primary, every standby shows the second. */
export function replicationChecks(client: Queryable): Check[] {
  const replay = unseen()
  const connection = unseen()
  return [
    { name: 'replay', check: async () => judgeReplay(replay, await readReplication(client), performance.now()) },
    {
      name: 'replication',
      isAlarm: true,
      check: async () => judgeConnection(connection, await readReplication(client), performance.now()),
    },
  ]
}

const primary: CheckResult = { ok: true, detail: 'the database is a primary' }

export function judgeReplay(movement: Movement, now: Replication, at: number): CheckResult {
  const { isStandby, applied, unapplied } = now
  const stuck = isStuck(movement, applied, unapplied === 0, at)
  if (!isStandby) return primary
  if (unapplied === 0) return { ok: true, detail: 'the standby has applied all that it received' }
  const behind = `${unapplied} bytes of the write-ahead log were received and are not applied${since(now)}`
  if (!stuck) return { ok: true, detail: behind }
  const advice = 'pg_get_wal_replay_pause_state() and max_standby_streaming_delay of the standby say what may hold it'
  return { ok: false, detail: `the standby does not go on: ${behind}; ${advice}` }
}

export function judgeConnection(movement: Movement, now: Replication, at: number): CheckResult {
  const { isStandby, applied, receives } = now
  const stuck = isStuck(movement, applied, receives, at)
  if (!isStandby) return primary
  if (receives) return { ok: true, detail: 'the standby is connected to its primary' }
  const cut = `the standby receives nothing from a primary${since(now)}`
  if (!stuck) return { ok: true, detail: cut }
  return { ok: false, detail: `${cut}: answers do not get newer. See the primary, and primary_conninfo of the standby` }
}

function since({ appliedAt }: Replication): string {
  return appliedAt === null ? '' : ` (the last transaction that was applied is of ${appliedAt})`
}

/** Registers the metrics of a standby, which are read when somebody collects them. */
export function addReplicationMetrics(registry: Registry, client: Queryable): void {
  const read = () => readReplication(client).catch(() => null)
  gauge(registry, 'standby_unapplied_bytes', 'Bytes that the standby received and has not applied.', async () => {
    return (await read())?.unapplied ?? Number.NaN
  })
  gauge(registry, 'standby_receives', '1 if the standby is connected to its primary, or if it is one.', async () => {
    const now = await read()
    return now === null ? Number.NaN : Number(now.receives || !now.isStandby)
  })
}

function gauge(registry: Registry, name: string, help: string, collect: () => Promise<number>): void {
  const it: Gauge = new Gauge({ name, help, registers: [registry], collect: async () => it.set(await collect()) })
}
