import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type BulkLine, type Client, CommitmentsError, createClient, ProblemError } from '@commitments/client'
import { importerName } from './keys.ts'
import { StartRefused } from './refusals.ts'

export interface Targets {
  readonly command: string
  readonly projection: string
  /** Secret of the importer's key. */
  readonly secret: string
}

export interface ImportResult {
  recorded: number
  replayed: number
  proposals: number
  /** Position of the last event of the file, 0 for an empty one. */
  position: number
}

/** Calls the services as the importer. It waits for a service that is away (because it is being restarted) or busy. */
export function importer({ command, projection, secret }: Targets): Client {
  return createClient({ commandUrl: command, projectionUrl: projection, apiKey: secret })
}

/**
 * Records a file of events by one atomic import: all of it, or nothing. Each line's key is derived from the line, so that lines that were
 * recorded before are recognized, and a file that has grown is completed.
 */
export async function importPortfolio(file: string, client: Client, signal: AbortSignal): Promise<ImportResult> {
  const { results, summary } = await client
    .recordAtomically(linesOf(file), { signal })
    .catch(refuseStart(`${file} was not recorded`))
  const position = results.reduce((highest, result) => Math.max(highest, result.position), 0)
  const proposals = new Set(results.map((result) => result.proposalId)).size
  return { recorded: summary.recorded, replayed: summary.replayed, proposals, position }
}

/** Blank lines and a byte order mark (which `trim` removes) are skipped, as in the service. */
function linesOf(file: string): BulkLine[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => ({
      ...(JSON.parse(line) as BulkLine),
      idempotencyKey: `portfolio:${hash('sha256', line).slice(0, 32)}`,
    }))
}

/** Whether the ledger is empty or began with the portfolio: nothing is added to somebody else's record without a request. */
export async function isOurs(client: Client, signal: AbortSignal): Promise<boolean> {
  const first = await client.feed({ limit: 1, signal }).next().catch(refuseStart('The log cannot be read'))
  return first.done || (JSON.parse(first.value.line) as { recordedBy: string }).recordedBy === `key:${importerName}`
}

/** Milliseconds between two progress messages. */
const progressEvery = 30_000

/** Waits until everything up to the position is visible in reads. `progress` gets the current position. */
export async function untilProjected(
  client: Client,
  position: number,
  signal: AbortSignal,
  progress: (reached: number) => void,
): Promise<void> {
  for (;;) {
    const reached = await client.waitFor(position, { signal, retries: { withinMs: progressEvery } }).catch(appliedSoFar)
    if (typeof reached !== 'number') return
    progress(reached)
  }
}

/** The position of a projection that is still behind. */
function appliedSoFar(error: unknown): number {
  const applied = error instanceof ProblemError && error.code === 'not-yet-applied' ? error.problem['applied'] : null
  if (typeof applied !== 'number') return refuseStart('The status cannot be read')(error)
  return applied
}

/** Turns a refusal into a sentence; throws any other error unchanged. */
function refuseStart(what: string): (error: unknown) => never {
  return (error) => {
    throw error instanceof CommitmentsError ? new StartRefused(`${what}: ${error.message}`, { cause: error }) : error
  }
}
