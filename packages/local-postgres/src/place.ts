import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, realpathSync, rmdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { type Account, mayEnter, serverAccount } from './account.ts'
import { LocalPostgresError } from './errors.ts'
import { makeOpenFolder, stablePlace } from './folders.ts'

/** Where a server's files lie, and who runs it. */
export interface Place {
  /** Holds the cluster, the password file, the server's messages and the lock. Belongs to us. */
  readonly directory: string
  /** What Postgres calls its data folder. Belongs to the server's account. */
  readonly cluster: string
  readonly passwordFile: string
  readonly messages: string
  readonly account: Account
}

/**
 * Makes the folder for a server's files. Where the server's account cannot enter the wished one (root starts it below a closed folder),
 * a stable folder elsewhere is taken, always the same for the same wish, and `notice` receives its name.
 */
export function findPlace(wished: string, notice: (line: string) => void): Place {
  const directory = resolve(wished)
  const account = serverAccount(join(directory, 'cluster'))
  if (!account) return placeIn(directory, account)
  const existed = existsSync(directory)
  openFolder(directory)
  if (mayEnter(account, directory)) return placeIn(directory, account)
  const other = join(stablePlace(), 'databases', stableName(directory))
  // Do not leave behind an empty folder that looks as if the database lay in it.
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

/** Others may pass through to the cluster but see and write nothing: a folder that root writes into must not belong to the account. */
function openFolder(directory: string): void {
  makeOpenFolder(directory)
  chmodSync(directory, 0o711)
}

function stableName(directory: string): string {
  const folder = basename(dirname(directory)) === '.data' ? dirname(dirname(directory)) : dirname(directory)
  const readable = basename(folder).replace(/[^A-Za-z0-9-]+/g, '-') || 'commitments'
  return `${readable}-${createHash('sha256').update(realpathSync(directory)).digest('hex').slice(0, 12)}`
}
