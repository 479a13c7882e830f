import { spawn } from 'node:child_process'
import { chmodSync, chownSync, lchownSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Binaries, findBinaries, programsIn } from './binaries.ts'
import { writePassword } from './cluster.ts'
import { LocalPostgresError } from './errors.ts'
import { lockFolder } from './folder-lock.ts'
import { serverEnvironment } from './guard.ts'
import { findPlace, type Place } from './place.ts'
import { type LocalServer, type ServerOptions, startServer } from './server.ts'
import { type Settings, settingParameters } from './settings.ts'

export interface RestoreOptions extends Pick<ServerOptions, 'programs' | 'notice'> {
  /** Folder for everything of this server, which must not have one yet. */
  readonly dataDirectory: string
  /** Puts the files of the base backup into the empty folder. */
  readonly fill: (cluster: string) => Promise<void>
  /** Settings of the recovery (`restore_command`, `recovery_target_time` …); absent: what the backup brings along is enough. */
  readonly recovery?: Settings | undefined
}

/**
 * Starts a server on a base backup, beside its original. Nothing of the original's configuration holds here: neither its addresses, nor its
 * passwords, nor where it archives and whom it follows. Recovery ends before this returns.
 *
 * @throws LocalPostgresError with the sentence of Postgres why the backup cannot be recovered
 */
export async function startRestored(options: RestoreOptions): Promise<LocalServer> {
  const notice = options.notice ?? (() => {})
  const place = findPlace(options.dataDirectory, notice)
  const lock = await lockFolder(place.directory)
  try {
    mkdirSync(place.cluster, { mode: 0o700 })
    await options.fill(place.cluster)
    refuseTablespaces(place.cluster)
    replaceConfiguration(place.cluster, options.recovery !== undefined)
    giveTo(place)
    const programs = options.programs
    const binaries = programs === undefined ? await findBinaries(place.account, notice) : programsIn(programs)
    const password = writePassword(place)
    await recover(place, binaries, { password, settings: options.recovery ?? {} })
  } finally {
    lock.release()
  }
  const { dataDirectory, programs } = options
  return startServer({ dataDirectory, notice, ...(programs === undefined ? {} : { programs }) })
}

/** The major version of the cluster in a folder, such as 18; null if it is none. */
export function majorVersionOf(folder: string): string | null {
  try {
    return readFileSync(join(folder, 'PG_VERSION'), 'utf8').trim()
  } catch {
    return null
  }
}

/** Their links lead to the folders of the original, in which the copy would write. */
function refuseTablespaces(cluster: string): void {
  if (namesIn(join(cluster, 'pg_tblspc')).length === 0) return
  throw new LocalPostgresError(
    'The backup has tablespaces of its own, whose files lie outside of it, so it cannot be started beside its original.',
  )
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function replaceConfiguration(cluster: string, hasArchive: boolean): void {
  for (const name of ['postmaster.pid', 'postmaster.opts', 'standby.signal', 'recovery.signal'])
    rmSync(join(cluster, name), { force: true })
  const files: Record<string, string> = {
    'postgresql.conf': '',
    'postgresql.auto.conf': '',
    'pg_ident.conf': '',
    'pg_hba.conf': 'host all all 127.0.0.1/32 scram-sha-256\n',
    ...(hasArchive && { 'recovery.signal': '' }),
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cluster, name), text, { mode: 0o600 })
  // Left out of base backups; Postgres expects them.
  mkdirSync(join(cluster, 'pg_wal', 'archive_status'), { recursive: true, mode: 0o700 })
}

function giveTo({ cluster, account }: Place): void {
  chmodSync(cluster, 0o700)
  if (account === null) return
  chownSync(cluster, account.uid, account.gid)
  for (const entry of readdirSync(cluster, { recursive: true, withFileTypes: true }))
    lchownSync(join(entry.parentPath, entry.name), account.uid, account.gid)
}

/**
 * In a session of the server's program alone, which nobody else can reach: recovers, and gives the superuser `postgres` a new password, since
 * those of the original are not known here.
 */
async function recover(
  { cluster, account }: Place,
  { postgres }: Binaries,
  { password, settings }: { password: string; settings: Settings },
): Promise<void> {
  const own = {
    ...settings,
    recovery_target_action: 'promote',
    hot_standby: 'off',
    password_encryption: 'scram-sha-256',
  }
  const parameters = ['--single', '-D', cluster, ...settingParameters(own, 5432), 'template1']
  const child = spawn(postgres, parameters, { ...account, cwd: '/', env: serverEnvironment, stdio: 'pipe' })
  let said = ''
  child.stderr.on('data', (data: Buffer) => (said = (said + data).slice(-20_000)))
  child.stdout.resume()
  // It may end without having read anything.
  child.stdin.on('error', () => {})
  child.stdin.end(`${passwordStatement(password)}\n`)
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const lines = said.split('\n')
  const reason = lines.findLast((line) => /\b(?:FATAL|PANIC|ERROR):/.test(line))
  if (status === 0 && reason === undefined) return
  const detail = lines.findLast((line) => /\b(?:HINT|DETAIL):/.test(line))
  const sentence = [reason, detail]
    .map((line) => line?.replace(/^.*?\b(?:FATAL|PANIC|ERROR|HINT|DETAIL): +/, ''))
    .filter(Boolean)
  throw new LocalPostgresError(
    `Postgres could not recover the backup: ${sentence.join('. ') || said.trim() || `it ended with ${status}`}.`,
  )
}

/** One line, as a session of this kind reads it. */
function passwordStatement(password: string): string {
  const rights = `SUPERUSER LOGIN PASSWORD '${password}' VALID UNTIL 'infinity'`
  return (
    `DO $$BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'postgres') THEN ALTER ROLE postgres ${rights}; ` +
    `ELSE CREATE ROLE postgres ${rights}; END IF; END$$;`
  )
}
