import { resolve } from 'node:path'
import { Incomplete } from './command.ts'
import { remark } from './terminal.ts'

/**
 * Does the work with the address of the ledger's owner: DATABASE_URL, or without it the embedded Postgres of `npm start` below DATA_DIR. That one
 * is used as it runs, or else is started for this work.
 *
 * @throws Incomplete if there is neither
 */
export async function withOwnerAddress(
  { DATABASE_URL, DATA_DIR }: NodeJS.ProcessEnv,
  work: (url: string) => Promise<number>,
): Promise<number> {
  if (DATABASE_URL) return work(DATABASE_URL)
  const directory = resolve(DATA_DIR || '.data')
  // The image of the services has no Postgres of its own.
  const embedded = await import('./start/database.ts').catch(() => null)
  if (!embedded?.hasDatabase(directory)) throw new Incomplete(missing(directory))
  const running = await embedded.addressOfRunningDatabase(directory)
  if (running !== null) return work(running)
  remark(`Starting the Postgres of npm start in ${directory} …`)
  const database = await embedded.startDatabase(directory, remark)
  try {
    return await work(database.url)
  } finally {
    await database.stop()
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
