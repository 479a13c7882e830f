import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Binaries, useOwnServer } from './binaries.ts'
import { LocalPostgresError, systemCode } from './errors.ts'
import { serverEnvironment } from './guard.ts'
import type { Place } from './place.ts'

const run = promisify(execFile)

/** The version of the pinned packages; they cannot open a folder of another major version. */
export const majorVersion = '18'

/**
 * Creates the cluster unless it exists. It is created in another folder and renamed when complete, so a start that was killed in the middle
 * leaves nothing that the next one would take for a database. The result does not depend on the host's locales.
 */
export async function ensureCluster(place: Place, binaries: Binaries): Promise<void> {
  if (existsSync(place.cluster)) return assertVersion(place)
  const unfinished = `${place.cluster}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { mode: 0o700 })
  if (place.account) chownSync(unfinished, place.account.uid, place.account.gid)
  writePassword(place)
  await makeCluster(unfinished, place, binaries)
  renameSync(unfinished, place.cluster)
}

async function makeCluster(directory: string, place: Place, binaries: Binaries): Promise<void> {
  const options = ['-U', 'postgres', '-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C']
  options.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--data-checksums', '--no-instructions')
  lendPassword(place)
  try {
    await run(binaries.initdb, [...options, `--pwfile=${place.passwordFile}`, '-D', directory], {
      ...place.account,
      cwd: '/',
      env: serverEnvironment,
    })
  } catch (cause) {
    const said = (cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : String(cause)).trim()
    throw new LocalPostgresError(`initdb could not make ${directory}: ${said}.${adviceOn(said)}`, { cause })
  } finally {
    takePasswordBack(place)
  }
}

/** A container can run as a number without an account; Postgres requires a name. */
function adviceOn(said: string): string {
  return said.includes('could not look up effective user ID') ? ` Run as a user that has a name. ${useOwnServer}` : ''
}

/** A new password of the superuser, in its file. */
export function writePassword(place: Place): string {
  const password = randomBytes(24).toString('base64url')
  rmSync(place.passwordFile, { force: true })
  writeFileSync(place.passwordFile, `${password}\n`, { flag: 'wx', mode: 0o600 })
  return password
}

/** initdb reads the file as the server's account; nobody else ever does. */
function lendPassword({ account, passwordFile }: Place): void {
  if (account) chownSync(passwordFile, account.uid, account.gid)
}

function takePasswordBack({ account, passwordFile }: Place): void {
  if (account) chownSync(passwordFile, 0, 0)
}

/** The password of the superuser `postgres`. */
export function readPassword(place: Place): string {
  try {
    return readFileSync(place.passwordFile, 'utf8').trim()
  } catch (cause) {
    throw new LocalPostgresError(
      `The password of the database in ${place.directory} cannot be read (${systemCode(cause)}).`,
      { cause },
    )
  }
}

function assertVersion(place: Place): void {
  const version = readVersion(place)
  if (version === majorVersion) return
  throw new LocalPostgresError(
    `${place.cluster} was made by Postgres ${version}, and the embedded server is version ${majorVersion}. ` +
      'Move the folder away, or export its log with the version that made it and import it here.',
  )
}

function readVersion(place: Place): string {
  try {
    return readFileSync(join(place.cluster, 'PG_VERSION'), 'utf8').trim()
  } catch (cause) {
    const reason =
      systemCode(cause) === 'EACCES'
        ? 'belongs to another account: start as that one (or as root)'
        : 'is not a database'
    throw new LocalPostgresError(`${place.cluster} ${reason}, or set DATA_DIR to another folder.`, { cause })
  }
}
