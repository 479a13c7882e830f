/**
 * The folder of the last signed checkpoints. A restored database is compared with them, so by default they are not in the folder that holds
 * the database of `npm start` and the keys: a backup and restore of that folder would restore both, and a fork would be signed.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkpointOf, isKeptName } from './kept-checkpoint.ts'

interface HomeVariables {
  readonly XDG_STATE_HOME?: string | undefined
  readonly HOME?: string | undefined
}

/**
 * The folder of an origin, in the user's folder for state (XDG Base Directory Specification). Ledgers with one origin have different files
 * in it (by Log-Id); a copy of a ledger with its own origin does not find what the original has signed.
 */
export function usualStateFolder({ XDG_STATE_HOME, HOME }: HomeVariables, origin: string): string {
  // "All paths set in these environment variables must be absolute. If an implementation encounters a relative path […] it should […] ignore it."
  const isUsable = XDG_STATE_HOME !== undefined && isAbsolute(XDG_STATE_HOME)
  const state = isUsable ? XDG_STATE_HOME : join(HOME ?? homedir(), '.local', 'state')
  return join(state, 'commitments', `origin-${encodeURIComponent(origin)}`)
}

/**
 * Moves the files that earlier versions kept next to the key. Reports that, and any file that it leaves there because it is older than the
 * current one (it came back with a backup). @throws errors of the file system
 */
export function moveFormerState(from: string, to: string): string[] {
  if (!existsSync(from) || resolve(from) === resolve(to)) return []
  return readdirSync(from)
    .filter(isKeptName)
    .flatMap((name) => moveOne(join(from, name), join(to, name)))
}

function moveOne(former: string, file: string): string[] {
  const size = sizeIn(former)
  // The file has no note, or another instance has just moved it.
  if (size === null) return []
  const isNewer = !existsSync(file) || size > (sizeIn(file) ?? Number.POSITIVE_INFINITY)
  if (!isNewer) {
    return [
      `${former} is not used: ${file} is kept instead, and has as much or more. If a backup brought it back, delete it`,
    ]
  }
  writeDurably(file, readFileSync(former, 'utf8'))
  rmSync(former, { force: true })
  return [
    `the last signed checkpoint is kept in ${file} from now on, no longer in ${former}, so that it is not backed up with the database`,
  ]
}

function sizeIn(file: string): number | null {
  try {
    return checkpointOf(readFileSync(file, 'utf8'))?.size ?? null
  } catch {
    return null
  }
}

/** Complete and on the disk, before the old one is deleted. */
function writeDurably(file: string, text: string): void {
  const unfinished = `${file}.${process.pid}.unfinished`
  writeFileSync(unfinished, text, { mode: 0o600, flush: true })
  renameSync(unfinished, file)
  const folder = openSync(dirname(file), 'r')
  fsyncSync(folder)
  closeSync(folder)
}

const repository = fileURLToPath(new URL('../../../../', import.meta.url))

/**
 * A sentence for the log if the folder is inside a folder that is likely to be copied, or to be backed up and restored with the database.
 */
export function placeWarnings(folder: string, dataDirectory: string): string[] {
  const parents = [
    [`DATA_DIR (${dataDirectory})`, dataDirectory],
    ['the folder of the program', repository],
  ] as const
  const parent = parents.find(([, path]) => isWithin(folder, path))
  if (parent === undefined) return []
  return [
    `LOG_STATE_DIR: ${folder} lies within ${parent[0]}. Whoever restores or copies that with the database takes the last signed checkpoint ` +
      'along, and a log that went back would be signed again. Set it to a folder that is not backed up with the database, or leave it out: ' +
      'then it is in $XDG_STATE_HOME or ~/.local/state',
  ]
}

function isWithin(folder: string, parent: string): boolean {
  const way = relative(real(parent), real(folder))
  return !isAbsolute(way) && way.split(sep)[0] !== '..'
}

/** The real path, with links followed, of the part that exists. */
function real(path: string): string {
  const whole = resolve(path)
  return existsSync(whole) ? realpathSync(whole) : whole
}

/**
 * Creates it if it is missing. The default folder belongs to this user only; a configured folder must be created by the operator, except in
 * development.
 */
export function makeStateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
}
