import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Incomplete } from './command.ts'
import { remark } from './terminal.ts'

/** Of `npm start`, and its owner. */
export const databaseName = 'commitments'

/** The folder of its Postgres. */
export function serverFolder(dataDirectory: string): string {
  return join(dataDirectory, 'postgres')
}

/**
 * Does the work with the address of the ledger's owner: DATABASE_URL, or without it the embedded Postgres of `npm start` below DATA_DIR. That one
 * is used as it runs, or else is started for this work; then the work also gets the address of its superuser.
 *
 * @throws Incomplete if there is neither
 */
export async function withOwnerAddress<Value>(
  { DATABASE_URL, DATA_DIR }: NodeJS.ProcessEnv,
  work: (url: string, superuser: string | null) => Promise<Value>,
): Promise<Value> {
  if (DATABASE_URL) return work(DATABASE_URL, null)
  const directory = resolve(DATA_DIR || '.data')
  // The image of the services has no Postgres of its own.
  const embedded = existsSync(directory) ? await import('@commitments/local-postgres').catch(() => null) : null
  const folder = serverFolder(directory)
  if (!embedded?.hasServer(folder)) throw new Incomplete(missing(directory))
  const running = embedded.addressOfRunning(folder)
  if (running !== null) return work(await embedded.ensureDatabase(running, databaseName), running)
  remark(`Starting the Postgres of npm start in ${directory} …`)
  const server = await embedded.startServer({ dataDirectory: folder, notice: remark })
  try {
    return await work(await embedded.ensureDatabase(server.url, databaseName), server.url)
  } finally {
    await server.stop()
  }
}

function missing(directory: string): string {
  return (
    'Set DATABASE_URL to the address of the database as its owner, such as postgres://owner:password@host:5432/commitments. Without it, the embedded ' +
    `Postgres of npm start is used, which is not in ${directory} (DATA_DIR).`
  )
}

/** The same for a command that only needs what the projection service may do. `isOwner`: whether the address is the owner's. */
export function withProjectionAddress(
  environment: NodeJS.ProcessEnv,
  work: (url: string, isOwner: boolean) => Promise<number>,
): Promise<number> {
  const { PROJECTION_DATABASE_URL: own } = environment
  return own ? work(own, false) : withOwnerAddress(environment, (url) => work(url, true))
}
