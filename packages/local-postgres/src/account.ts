import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'

/** The account that the server runs as, or null: as whoever started us. */
export type Account = { readonly uid: number; readonly gid: number } | null

/** `nobody` on Linux and on macOS's Linux guests; it exists everywhere, so no account has to be made. */
const nobody: Account = { uid: 65534, gid: 65534 }

/**
 * Postgres refuses to run as root, so root gives the server to the owner of the folder where that is somebody else already (the folder
 * was first used without root), and to `nobody` otherwise.
 */
export function serverAccount(clusterDirectory: string): Account {
  if (process.getuid?.() !== 0) return null
  const owner = statSync(clusterDirectory, { throwIfNoEntry: false })
  return owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : nobody
}

/** Whether the account may enter the folder: each folder above it has to let it through as well. */
export function mayEnter(account: Account, directory: string): boolean {
  const tried = spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', directory], { ...account, cwd: '/', stdio: 'ignore' })
  return tried.status === 0
}
