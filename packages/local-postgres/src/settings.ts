/** Names and values of Postgres settings. */
export type Settings = Readonly<Record<string, string | number | boolean>>

/**
 * Our own choices. What an acknowledged event rests on (`fsync`, `synchronous_commit`, `full_page_writes`) is on by default and named here
 * so that no one has to look it up; memory is modest, since the server shares a desk machine with everything else.
 */
const ours: Settings = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '128MB',
  max_connections: 100,
  max_wal_size: '1GB',
  jit: 'off',
  TimeZone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // A statement's text may hold what callers sent; what went wrong with it is enough here.
  log_min_error_statement: 'panic',
  log_line_prefix: '%m [%p] ',
}

/** Loopback only, and no socket file: its path may be longer than the system allows where the data folder lies deep. */
function addressSettings(port: number): Settings {
  return { port, listen_addresses: '127.0.0.1', unix_socket_directories: '' }
}

/** Parameters for the `postgres` program; the address is not open to choice. */
export function settingParameters(settings: Settings, port: number): string[] {
  const all = Object.entries({ ...ours, ...settings, ...addressSettings(port) })
  return all.flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
