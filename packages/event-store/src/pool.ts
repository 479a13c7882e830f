import pg from 'pg'

export interface PoolOptions {
  /** The schema that holds the ledger. */
  readonly ledger: string
  /** Where the address is the owner's: act with no more than this role of the ledger may do. */
  readonly role?: 'command' | 'projection'
  readonly max?: number
  readonly applicationName?: string
  /** Told of connections that broke while nobody used them. */
  readonly onFault?: (error: Error) => void
}

/** Ledgers are schemas; names that need no quoting keep every tool usable. */
export const ledgerName = /^[a-z_][a-z0-9_]{0,39}$/

const int8 = pg.types.builtins.INT8

/** Positions and counts stay far below 2^53, so they are numbers; every other type is read as the driver does. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === int8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

/**
 * Settings of every connection to a ledger. Search path and role are start-up parameters, so they cost no round trip. There is no
 * statement timeout: an append that waits for its standby must never be cancelled, since a cancelled wait is reported as a commit.
 */
export function connectionConfig(url: string, options: PoolOptions): pg.ClientConfig {
  const { ledger, role, applicationName } = options
  if (!ledgerName.test(ledger)) throw new Error(`LEDGER_SCHEMA must match ${ledgerName}: ${ledger}`)
  const parameters = [`-c search_path=${ledger},pg_temp`, ...(role ? [`-c role=${ledger}_${role}`] : [])]
  return {
    connectionString: url,
    options: parameters.join(' '),
    application_name: applicationName ?? `commitments ${role ?? ''}`.trim(),
    connectionTimeoutMillis: 3_000,
    keepAlive: true,
    types,
  }
}

/** Connections to one ledger. A connection that breaks is reported and replaced; it never ends the process. */
export function openPool(url: string, options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({ ...connectionConfig(url, options), max: options.max ?? 10 })
  const onFault = (error: Error) => options.onFault?.(error)
  pool.on('error', onFault)
  // A connection in use reports its end here as well as to its query; without a listener that would be an uncaught exception.
  pool.on('connect', (client) => client.on('error', onFault))
  return pool
}
