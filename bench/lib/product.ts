import { randomBytes } from 'node:crypto'
import { migrate } from '@commitments/event-store'
import type { Bench } from './context.ts'
import { createDatabase } from './database.ts'
import { benchFile, type Finished, type RunningServer, runProgram, startServer } from './processes.ts'

/** The schema that the product keeps its tables in. */
export const ledger = 'commitments'

/** The key that all requests carry; made anew for each run. */
export const secret = randomBytes(24).toString('base64url')

const keys = { API_KEYS: `bench:record+read+audit+admin:${secret}` }

/** An empty, migrated database of the product. */
export async function createLedger(bench: Bench, database: string): Promise<string> {
  const url = await createDatabase(bench.server, database)
  await migrateLedger(url)
  return url
}

const quiet = () => undefined

async function migrateLedger(url: string): Promise<void> {
  await migrate(url, { ledger, logger: { info: quiet, warn: quiet } })
}

/** The command service as it is in production: its own program, configured by its environment, logging as it does by default. */
export function startCommandService(url: string): Promise<RunningServer> {
  return startServer('the command service', benchFile('../services/command/src/main.ts'), {
    DATABASE_URL: url,
    ...keys,
  })
}

/** The projection service, likewise; ready means that its projection has caught up with the log. */
export function startProjectionService(url: string): Promise<RunningServer> {
  return startServer('the projection service', benchFile('../services/projection/src/main.ts'), {
    DATABASE_URL: url,
    ...keys,
  })
}

/** `npm run rebuild`: a new generation of the read model beside the live one, the comparison of the two, and the switch. */
export function rebuildProjection(url: string): Promise<Finished> {
  return runProgram('the rebuild', benchFile('../scripts/rebuild.ts'), { DATABASE_URL: url })
}
