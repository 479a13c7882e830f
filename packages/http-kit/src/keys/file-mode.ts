/** Files that contain secrets, or what secrets are compared with. */
import { statSync } from 'node:fs'

/**
 * What is wrong with the mode of such a file, as the end of a sentence; null if nothing is. Others must neither read nor write it, and its
 * group must not write it. The group can read it, because orchestrators pass files in this way to programs that do not run as root.
 */
export function tooOpen(mode: number): string | null {
  const open = [
    (mode & 0o004) !== 0 && 'every user may read it',
    (mode & 0o022) !== 0 && 'others than its owner may write it',
  ]
  const faults = open.filter((fault) => fault !== false)
  if (faults.length === 0 || process.platform === 'win32') return null
  return `${faults.join(' and ')} (its mode is ${(mode & 0o777).toString(8)}; chmod 640 or 600 mends that)`
}

/** What is wrong with the mode of a file that grants rights and has no secrets: others must not write it. Null if nothing is. */
export function writableByOthers(mode: number): string | null {
  if ((mode & 0o022) === 0 || process.platform === 'win32') return null
  return `others than its owner may write it (its mode is ${(mode & 0o777).toString(8)}; chmod 644 mends that)`
}

/** {@link tooOpen} for a file by its path; also null if it does not exist, which its reader reports. */
export function tooOpenFile(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? null : tooOpen(found.mode)
}
