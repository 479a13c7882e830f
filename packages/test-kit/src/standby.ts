import { execFileSync } from 'node:child_process'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clientFactory } from '@commitments/event-store'
import { type LocalServer, startServer } from '@commitments/local-postgres'
import { temporaryFolder } from './folder.ts'
import type { Cleanup } from './tcp-proxy.ts'

/**
 * A standby as it is when replication was cut just now: a copy of the server in recovery, which follows nobody. The server is killed and
 * started again for it. Promoted, it continues from the moment of the copy, on a timeline of its own.
 */
export async function copyAsStandby(t: Cleanup, server: LocalServer): Promise<LocalServer> {
  await server.kill()
  const copy = temporaryFolder(t)
  execFileSync('cp', ['-a', `${server.directory}/.`, copy])
  rmSync(join(copy, 'in-use-by'), { force: true })
  const cluster = readdirSync(copy).find((name) => readdirIfFolder(join(copy, name)).includes('PG_VERSION'))
  writeFileSync(join(copy, cluster ?? '', 'standby.signal'), '')
  await server.restart()
  const standby = await startServer({ dataDirectory: copy })
  t.after(() => standby.stop())
  return standby
}

/** Ends the recovery of a standby; afterwards it takes writes. */
export async function promote(standby: LocalServer): Promise<void> {
  const client = clientFactory(standby.url, { ledger: 'commitments' })()
  await client.connect()
  await client.query('SELECT pg_promote()')
  await client.end()
}

function readdirIfFolder(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
