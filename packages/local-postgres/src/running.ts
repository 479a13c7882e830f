import { existsSync } from 'node:fs'
import { readPassword } from './cluster.ts'
import { findPlace } from './place.ts'
import { readPostmaster } from './postmaster.ts'
import { isAlive } from './process-identity.ts'

/** Whether a server was ever started in this folder. */
export function hasServer(dataDirectory: string): boolean {
  return existsSync(findPlace(dataDirectory, () => {}).cluster)
}

/** Address of the server that runs in this folder, whoever started it, as its superuser; null if none runs. */
export function addressOfRunning(dataDirectory: string): string | null {
  const place = findPlace(dataDirectory, () => {})
  const postmaster = readPostmaster(place.cluster)
  if (postmaster === null || !postmaster.ready || !isAlive(postmaster.pid)) return null
  return `postgres://postgres:${readPassword(place)}@127.0.0.1:${postmaster.port}/postgres`
}
