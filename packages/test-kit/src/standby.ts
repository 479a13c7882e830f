import { execFileSync, spawnSync } from 'node:child_process'
import { chownSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
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

/**
 * The same from a base backup, while the server works.
 *
 * @param options.port where the standby reaches the server, such as a proxy; by default its own
 */
export async function backUpAsStandby(
  t: Cleanup,
  server: LocalServer,
  { name, port = server.port }: { name: string; port?: number },
): Promise<LocalServer> {
  const copy = temporaryFolder(t)
  const client = clientFactory(server.url, { ledger: 'commitments' })()
  await client.connect()
  // The low-level interface: the embedded package has no pg_basebackup. It belongs to one session.
  await client.query(`SELECT pg_backup_start('standby', true)`)
  // Files may vanish meanwhile, which a base backup allows.
  const { status, stderr } = spawnSync('cp', ['-a', `${server.directory}/.`, copy], { encoding: 'utf8' })
  if (status !== 0 && !/No such file|vanished/.test(stderr)) throw new Error(`the base backup failed: ${stderr}`)
  const cluster = join(
    copy,
    readdirSync(copy).find((one) => readdirIfFolder(join(copy, one)).includes('PG_VERSION')) ?? '',
  )
  for (const own of [join(copy, 'in-use-by'), join(cluster, 'postmaster.pid'), join(cluster, 'postmaster.opts')])
    rmSync(own, { force: true })
  const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)')
  await client.end()
  const label = join(cluster, 'backup_label')
  writeFileSync(label, rows[0]?.labelfile ?? '')
  const { uid, gid } = statSync(cluster)
  chownSync(label, uid, gid)
  writeFileSync(join(cluster, 'standby.signal'), '')
  const { username, password } = new URL(server.url)
  const conninfo = `host=127.0.0.1 port=${port} user=${username} password=${password} application_name=${name}`
  const settings = { primary_conninfo: conninfo, wal_retrieve_retry_interval: '200ms' }
  const standby = await startServer({ dataDirectory: copy, settings })
  t.after(() => standby.stop())
  return standby
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
