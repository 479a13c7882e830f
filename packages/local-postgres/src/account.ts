import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'

/** The account that the server runs as, or null: the same as ours. */
export type Account = { readonly uid: number; readonly gid: number } | null

/** `nobody` on Linux and on macOS's Linux guests. It exists everywhere, so no account has to be created. */
const nobody: Account = { uid: 65534, gid: 65534 }

/**
 * Postgres refuses to run as root. So root runs the server as the owner of the folder, if that is another account (the folder was first
 * used without root), and otherwise as `nobody`.
 */
export function serverAccount(clusterDirectory: string): Account {
  if (process.getuid?.() !== 0) return null
  const owner = statSync(clusterDirectory, { throwIfNoEntry: false })
  return owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : nobody
}

/** Whether the account can enter the folder: each folder above must allow it too. */
export function mayEnter(account: Account, directory: string): boolean {
  const tried = spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', directory], { ...account, cwd: '/', stdio: 'ignore' })
  return tried.status === 0
}
