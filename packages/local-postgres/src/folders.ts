import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** This product's own folder that outlives restarts of the machine: never a temporary folder. */
export function stablePlace(): string {
  if (process.getuid?.() === 0) return '/var/lib/commitments'
  return join(process.env['XDG_DATA_HOME'] || join(homedir(), '.local/share'), 'commitments')
}

/** Creates the folder and missing parents, open to everyone whatever the umask is. Existing folders stay unchanged. */
export function makeOpenFolder(directory: string): void {
  if (existsSync(directory)) return
  makeOpenFolder(dirname(directory))
  mkdirSync(directory, { recursive: true })
  chmodSync(directory, 0o755)
}
