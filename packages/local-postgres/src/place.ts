import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, realpathSync, rmdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { type Account, mayEnter, serverAccount } from './account.ts'
import { LocalPostgresError } from './errors.ts'
import { makeOpenFolder, stablePlace } from './folders.ts'

/** Where a server's files are, and which account runs it. */
export interface Place {
  /** Contains the cluster, the password file, the server's messages and the lock. It belongs to us. */
  readonly directory: string
  /** Postgres' data folder. It belongs to the server's account. */
  readonly cluster: string
  readonly passwordFile: string
  readonly messages: string
  readonly account: Account
}

/**
 * Creates the folder for a server's files. If the server's account cannot enter the requested one (root starts it in a closed folder),
 * another stable folder is used, always the same for the same request, and `notice` receives its name.
 */
export function findPlace(wished: string, notice: (line: string) => void): Place {
  const directory = resolve(wished)
  const account = serverAccount(join(directory, 'cluster'))
  if (!account) return placeIn(directory, account)
  const existed = existsSync(directory)
  openFolder(directory)
  if (mayEnter(account, directory)) return placeIn(directory, account)
  const other = join(stablePlace(), 'databases', stableName(directory))
  // Do not leave behind an empty folder that looks as if the database were in it.
  if (!existed) rmdirSync(directory)
  notice(
    `${directory} is closed to the account that runs Postgres (uid ${account.uid}), so the database lies in ${other}. ` +
      'To choose the place yourself, set DATA_DIR to a folder below which everybody may enter.',
  )
  openFolder(other)
  if (!mayEnter(account, other))
    throw new LocalPostgresError(`The account that runs Postgres cannot enter ${other} either.`)
  return placeIn(other, serverAccount(join(other, 'cluster')))
}

function placeIn(directory: string, account: Account): Place {
  mkdirSync(directory, { recursive: true })
  const real = realpathSync(directory)
  return {
    directory: real,
    cluster: join(real, 'cluster'),
    passwordFile: join(real, 'password'),
    messages: join(real, 'server.log'),
    account,
  }
}

/** Others can pass through to the cluster but see and write nothing: a folder that root writes into must not belong to the account. */
function openFolder(directory: string): void {
  makeOpenFolder(directory)
  chmodSync(directory, 0o711)
}

function stableName(directory: string): string {
  const folder = basename(dirname(directory)) === '.data' ? dirname(dirname(directory)) : dirname(directory)
  const readable = basename(folder).replace(/[^A-Za-z0-9-]+/g, '-') || 'commitments'
  return `${readable}-${createHash('sha256').update(realpathSync(directory)).digest('hex').slice(0, 12)}`
}
