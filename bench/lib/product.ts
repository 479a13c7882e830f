import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '@commitments/event-store'
import { commandFlags, projectionFlags, rebuildFlags } from '../../scripts/start/node-flags.ts'
import type { Bench } from './context.ts'
import { createDatabase } from './database.ts'
import { benchFile, type Finished, type RunningServer, runProgram, startServer } from './processes.ts'

/** The schema of the product's tables. */
export const ledger = 'commitments'

/** The key of all requests; new for each run. */
export const secret = randomBytes(24).toString('base64url')

/** An empty, migrated database of the product. */
export async function createLedger(bench: Bench, database: string): Promise<string> {
  const url = await createDatabase(bench.server, database)
  environments.delete(url)
  if (keepIn !== null) rmSync(join(keepIn, 'services', database), { recursive: true, force: true })
  await migrateLedger(url)
  return url
}

/** Brings a database of the product up to date. */
export async function migrateLedger(url: string): Promise<void> {
  await migrate(url, { ledger, logger: { info: quiet, warn: quiet } })
}

function quiet(): void {}

/** The command service as in production: its own program, configured by its environment, with its default log. */
export function startCommandService(url: string, flags: readonly string[] = []): Promise<RunningServer> {
  const file = benchFile('../services/command/src/main.ts')
  return startServer('the command service', file, environment(url), [...commandFlags, ...flags])
}

/** The projection service, likewise, after it has caught up with the log: its first pass over a log is not measured. */
export async function startProjectionService(
  url: string,
  further: Record<string, string> = {},
  flags: readonly string[] = [],
): Promise<RunningServer> {
  const file = benchFile('../services/projection/src/main.ts')
  const service = await startServer('the projection service', file, { ...environment(url), ...further }, [
    ...projectionFlags,
    ...flags,
  ])
  await untilCaughtUp(service)
  return service
}

/**
 * `npm run rebuild`: a new generation, its comparison with the live one, and the switch; for each projection, or for one with `--only=…` in
 * the arguments.
 */
export function rebuildProjections(url: string, ...args: string[]): Promise<Finished> {
  const file = benchFile('../scripts/rebuild.ts')
  return runProgram('the rebuild', file, { DATABASE_URL: url }, rebuildFlags, args)
}

/** Environments by database address. */
const environments = new Map<string, Record<string, string>>()

let keepIn: string | null = null

/**
 * If a database outlives this run, so must the key of its log and the last signed checkpoints: a service refuses to continue without them.
 */
export function keepKeysIn(folder: string | null): void {
  keepIn = folder
}

/** The same for each service of a database, including one that replaces another. */
function environment(url: string): Record<string, string> {
  const known = environments.get(url)
  if (known !== undefined) return known
  const folder = keepIn === null ? temporaryFolder() : join(keepIn, 'services', new URL(url).pathname)
  const key = join(folder, 'log-key.pem')
  const state = join(folder, 'state')
  mkdirSync(state, { recursive: true })
  // In production, no key is created automatically.
  if (!existsSync(key)) writeFileSync(key, newKey(), { mode: 0o600 })
  const keys = { API_KEYS: `bench:record+read+audit+admin:${secret}`, LOG_KEY_FILE: key }
  const made = { DATABASE_URL: url, DATA_DIR: join(folder, 'data'), LOG_STATE_DIR: state, ...keys }
  environments.set(url, made)
  return made
}

export function newKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
}

/** Removed with this process, as the database is. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'commitments-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Longer than a service takes for its first pass over ten million events. */
const catchUpWithin = 5 * 60 * 60_000

/** Waits until every projection of a service has applied the whole log. */
export async function untilCaughtUp({ port }: RunningServer): Promise<void> {
  for (const deadline = Date.now() + catchUpWithin; Date.now() < deadline; ) {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/projections`, {
      headers: { authorization: `Bearer ${secret}` },
    })
    const report = (await answer.json()) as { projections?: { lag: { events: number } }[] }
    if (answer.ok && report.projections?.every(({ lag }) => lag.events === 0)) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`the projection service has not caught up with the log within ${catchUpWithin / 60_000} minutes`)
}
