/** Whether a file that is read while the service runs has changed. */
import type { BigIntStats } from 'node:fs'
import { stat } from 'node:fs/promises'

export const missing = 'missing'

/** Changes with every write, with every other file in its place, and when a symbolic link is moved. */
export function signatureOf(found: BigIntStats | undefined): string {
  return found === undefined ? missing : [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ')
}

export function lookAt(path: string): Promise<string> {
  return stat(path, { bigint: true }).then(signatureOf, () => missing)
}
