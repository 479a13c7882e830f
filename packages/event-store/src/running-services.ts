/** Which services of a ledger have connections to its database. */
import { checkLedgerName, type LedgerRole } from './ledger.ts'
import type { Queryable } from './queryable.ts'

const roles: readonly LedgerRole[] = ['command', 'projection']

/** How a service calls itself in its connections: `pg_stat_activity` shows it to everybody, the log of the server as well. */
export function serviceName(ledger: string, role: LedgerRole): string {
  // Longer ones are cut by the server.
  return `commitments ${role}/${checkLedgerName(ledger)}`.slice(0, 63)
}

interface RunningService {
  readonly name: string
  /** Null: a local socket. */
  readonly address: string | null
  readonly connections: number
}

/** The services of this ledger that are connected now, whichever machine they run on. */
export async function readRunningServices(client: Queryable, ledger: string): Promise<RunningService[]> {
  const { rows } = await client.query<RunningService>({
    text: `SELECT application_name AS name, host(client_addr) AS address, count(*)::integer AS connections FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = ANY($1) GROUP BY 1, 2 ORDER BY 1, 2`,
    values: [roles.map((role) => serviceName(ledger, role))],
  })
  return rows
}
