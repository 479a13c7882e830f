/** Names and values of Postgres settings. */
export type Settings = Readonly<Record<string, string | number | boolean>>

/**
 * Our own choices. The settings that make an acknowledged event durable (`fsync`, `synchronous_commit`, `full_page_writes`) are on by
 * default, and named here so that nobody has to look them up. Memory is modest, because the server shares a desktop machine with everything
 * else.
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
  // The text of a statement can contain what callers sent; the error alone is enough here.
  log_min_error_statement: 'panic',
  log_line_prefix: '%m [%p] ',
}

/** Loopback only, and no socket file: in a deep data folder its path can be longer than the system allows. */
function addressSettings(port: number): Settings {
  return { port, listen_addresses: '127.0.0.1', unix_socket_directories: '' }
}

/** Parameters for the `postgres` program; the address cannot be changed. */
export function settingParameters(settings: Settings, port: number): string[] {
  const all = Object.entries({ ...ours, ...settings, ...addressSettings(port) })
  return all.flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
