/** Backups of a whole server: base backups, with what was written to its log (WAL) afterwards. */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { PassThrough, type Readable } from 'node:stream'
import {
  embeddedMajor,
  LocalPostgresError,
  type LocalServer,
  majorVersionOf,
  startRestored,
} from '@commitments/local-postgres'
import { Client, Query } from 'pg'
import type { Job } from './logical.ts'
import { Hindered, isNoRoom, Unusable } from './outcome.ts'
import { complaint, findServer, run } from './programs.ts'

/** What a base backup brings, which Postgres sends as tar files, one after the other, in one COPY. */
class BaseBackup extends Query {
  readonly #tar: PassThrough
  /** Bytes of the files of the database itself. */
  bytes = 0
  #isMain = false
  #waits = false

  constructor(command: string, tar: PassThrough, done: (error?: Error) => void) {
    super({ text: command }, done)
    this.#tar = tar
  }

  /** Called by node-postgres. The first byte says what follows: a new archive, data, the manifest, or progress. */
  handleCopyData({ chunk }: { chunk: Buffer }, { stream }: { stream: Readable }): void {
    const kind = String.fromCharCode(chunk[0] ?? 0)
    if (kind === 'n') this.#isMain = chunk.subarray(1, chunk.indexOf(0, 1)).toString() === 'base.tar'
    if (kind !== 'd' || !this.#isMain) return
    this.bytes += chunk.length - 1
    if (this.#tar.write(Buffer.from(chunk.subarray(1))) || this.#waits) return
    // What had arrived already still comes.
    this.#waits = true
    stream.pause()
    this.#tar.once('drain', () => {
      this.#waits = false
      stream.resume()
    })
  }
}

/**
 * Takes a base backup of the server over a connection for replication, as pg_basebackup does, and unpacks it into the folder. No program of
 * Postgres is needed. The server itself sends no more than `rate` bytes a second.
 *
 * @returns the bytes that it has
 */
export async function takeBaseBackup(url: string, cluster: string, rate: number, signal: AbortSignal): Promise<number> {
  // node-postgres has it, and its types do not.
  const config = {
    connectionString: url,
    replication: 'true',
    application_name: 'commitments drill',
    connectionTimeoutMillis: 10_000,
  }
  const client = new Client(config)
  client.on('error', () => {})
  await client.connect().catch((error: Error) => {
    throw new Hindered(`The server lets nobody take a base backup at this address: ${error.message}. ${adviceOnRight}`)
  })
  const tar = new PassThrough({ highWaterMark: 1 << 20 })
  const kilobytes = Math.min(Math.max(Math.round(rate / 1024), 32), 1_048_576)
  const command = `BASE_BACKUP (LABEL 'commitments drill', CHECKPOINT 'fast', WAL true, MANIFEST 'no', MAX_RATE ${kilobytes})`
  const stop = () => void client.end().catch(() => {})
  signal.addEventListener('abort', stop, { once: true })
  try {
    const unpacking = unpack(tar, cluster, signal)
    const bytes = await new Promise<number>((resolve, reject) => {
      const backup = new BaseBackup(command, tar, (error) =>
        error === undefined || error === null ? resolve(backup.bytes) : reject(error),
      )
      client.query(backup)
    }).catch((error: Error & { code?: string }) => {
      tar.end()
      const advice = error.code === '42501' ? ` ${adviceOnRight}` : ''
      throw new Hindered(`The server gave no base backup: ${error.message}.${advice}`)
    })
    tar.end()
    await unpacking
    return bytes
  } finally {
    signal.removeEventListener('abort', stop)
    await client.end().catch(() => {})
  }
}

const adviceOnRight =
  'Its user needs the attribute REPLICATION, and pg_hba.conf a line for it: host replication <user> <address> scram-sha-256.'

async function unpack(tar: Readable, folder: string, signal: AbortSignal): Promise<void> {
  const ended = await run({ program: 'tar', given: ['-x', '-C', folder, '-f', '-'], signal, give: tar }).catch(
    withoutTar,
  )
  if (ended.status === 0) return
  if (isNoRoom(ended.remarked))
    throw new Hindered(`There is no room for the backup in ${folder}: set TMPDIR to a folder that has it.`)
  throw new Unusable(`The files of the backup cannot be unpacked: ${complaint('tar', ended)}.`)
}

function withoutTar(error: NodeJS.ErrnoException): never {
  throw error.code === 'ENOENT' ? new Hindered('The program tar was not found.') : error
}

export interface Folder {
  readonly path: string
  /** Packed (base.tar) or as files. */
  readonly packed: string | null
  readonly major: number
  /** When the backup began; null if it does not say so, as the files of a server that was stopped. */
  readonly takenAt: string | null
}

const packings = ['base.tar', 'base.tar.gz', 'base.tar.zst', 'base.tar.lz4', 'base.tar.xz', 'base.tar.bz2']

/** A folder with a base backup, as pg_basebackup, pgBackRest and others make it; null if it holds none. */
export function readFolder(given: string): Folder | null {
  const path = resolve(existsSync(join(given, 'cluster', 'PG_VERSION')) ? join(given, 'cluster') : given)
  const packed = packings.find((name) => existsSync(join(path, name))) ?? null
  if (packed !== null) {
    const major = Number(inTar(join(path, packed), 'PG_VERSION').trim())
    return { path, packed, major, takenAt: startOf(inTar(join(path, packed), 'backup_label')) }
  }
  const major = majorVersionOf(path)
  if (major === null) return null
  return { path, packed, major: Number(major), takenAt: startOf(textOf(join(path, 'backup_label'))) }
}

function inTar(file: string, name: string): string {
  for (const member of [name, `./${name}`]) {
    const { status, stdout } = spawnSync('tar', ['-x', '-O', '--occurrence=1', '-f', file, member], {
      encoding: 'utf8',
    })
    if (status === 0) return stdout
  }
  return ''
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function startOf(label: string): string | null {
  const [, day, time] = /^START TIME: (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (?:UTC|GMT)$/m.exec(label) ?? []
  return day === undefined ? null : `${day}T${time}Z`
}

/** Puts the files of a backup that exists into the empty folder; the backup itself stays as it is. */
export async function copyFolder({ path, packed }: Folder, cluster: string, signal: AbortSignal): Promise<void> {
  if (packed === null) {
    refuseRunning(path)
    cpSync(path, cluster, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
    return
  }
  await untar(join(path, packed), cluster, signal)
  const wal = packings.map((name) => join(path, name.replace('base', 'pg_wal'))).find((file) => existsSync(file))
  if (wal === undefined) return
  mkdirSync(join(cluster, 'pg_wal'), { recursive: true })
  await untar(wal, join(cluster, 'pg_wal'), signal)
}

async function untar(file: string, folder: string, signal: AbortSignal): Promise<void> {
  const ended = await run({ program: 'tar', given: ['-x', '-C', folder, '-f', file], signal }).catch(withoutTar)
  if (ended.status === 0) return
  if (isNoRoom(ended.remarked))
    throw new Hindered(`There is no room for the backup in ${folder}: set TMPDIR to a folder that has it.`)
  throw new Unusable(`${file} cannot be unpacked: ${complaint('tar', ended)}.`)
}

/** Files that change while they are copied are no backup. */
function refuseRunning(path: string): void {
  if (!existsSync(join(path, 'postmaster.pid')) || existsSync(join(path, 'backup_label'))) return
  throw new Unusable(
    `${path} is the folder of a server that runs, or that crashed: its files are no backup. Take one with pg_basebackup, or stop the server first.`,
  )
}

export interface Recovery {
  /** The folder with the archived WAL. */
  readonly wal: string | undefined
  readonly restoreCommand: string | undefined
  /** A moment. */
  readonly until: string | undefined
}

/** The setting takes no `Z`, which it would have to look up. */
function inPostgres(moment: string): string {
  return moment.replace('T', ' ').replace('Z', '+00')
}

/** Starts a server on the backup, beside its original. */
export async function startOn(
  { folder, environment }: Job,
  major: number,
  { wal, restoreCommand, until }: Recovery,
  fill: (cluster: string) => Promise<void>,
): Promise<LocalServer> {
  const programs =
    major === Number(embeddedMajor) && !environment['POSTGRES_PROGRAMS'] ? undefined : findServer(major, environment)
  if (programs === null && major !== Number(embeddedMajor))
    throw new Hindered(
      `The backup is of Postgres ${major}, and no server of that version was found: install it, or name the folder of its programs in POSTGRES_PROGRAMS.`,
    )
  if (wal !== undefined && !existsSync(wal)) throw new Hindered(`There is no folder ${wal}.`)
  const command =
    restoreCommand ??
    (wal === undefined ? undefined : `cp '${resolve(wal).replaceAll("'", "'\\''").replaceAll('%', '%%')}/%f' '%p'`)
  const recovery =
    command === undefined
      ? undefined
      : { restore_command: command, ...(until !== undefined && { recovery_target_time: inPostgres(until) }) }
  try {
    return await startRestored({
      dataDirectory: join(folder, 'server'),
      fill,
      recovery,
      ...(programs ? { programs } : {}),
    })
  } catch (error) {
    if (!(error instanceof LocalPostgresError)) throw error
    if (isNoRoom(error.message))
      throw new Hindered(`There is no room to restore the backup: set TMPDIR to a folder that has it.`)
    throw new Unusable(error.message)
  }
}
