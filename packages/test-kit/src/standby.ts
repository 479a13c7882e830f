import { execFileSync } from 'node:child_process'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clientFactory } from '@commitments/event-store'
import { type LocalServer, type Settings, startServer } from '@commitments/local-postgres'
import { temporaryFolder } from './folder.ts'
import type { Cleanup } from './tcp-proxy.ts'

/**
 * A standby as it is when replication was cut just now: a copy of the server in recovery, which follows nobody. The server is killed and
 * started again for it. Promoted, it continues from the moment of the copy, on a timeline of its own.
 *
 * @param settings of the standby, on top of our own
 */
export async function copyAsStandby(t: Cleanup, server: LocalServer, settings: Settings = {}): Promise<LocalServer> {
  await server.kill()
  const copy = temporaryFolder(t)
  execFileSync('cp', ['-a', `${server.directory}/.`, copy])
  rmSync(join(copy, 'in-use-by'), { force: true })
  const cluster = readdirSync(copy).find((name) => readdirIfFolder(join(copy, name)).includes('PG_VERSION'))
  writeFileSync(join(copy, cluster ?? '', 'standby.signal'), '')
  await server.restart()
  const standby = await startServer({ dataDirectory: copy, settings })
  t.after(() => standby.stop())
  return standby
}

/** A standby that follows the server by streaming replication, as in production; the server is killed and started again for the copy. */
export function startStandby(t: Cleanup, server: LocalServer): Promise<LocalServer> {
  const { hostname, port, username, password } = new URL(server.url)
  const conninfo = `host=${hostname} port=${port} user=${username} password=${password}`
  return copyAsStandby(t, server, { primary_conninfo: conninfo, wal_retrieve_retry_interval: '200ms' })
}

/** Lets a standby receive the log without applying it, so that it shows an ever older state; or lets it go on. */
export async function pauseReplay(standby: LocalServer, isPaused: boolean): Promise<void> {
  await ask(standby, isPaused ? 'SELECT pg_wal_replay_pause()' : 'SELECT pg_wal_replay_resume()')
}

/** Ends the recovery of a standby; afterwards it takes writes. */
export async function promote(standby: LocalServer): Promise<void> {
  await ask(standby, 'SELECT pg_promote()')
}

async function ask(server: LocalServer, statement: string): Promise<void> {
  const client = clientFactory(server.url, { ledger: 'commitments' })()
  await client.connect()
  await client.query(statement)
  await client.end()
}

function readdirIfFolder(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
