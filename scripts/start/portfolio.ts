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

/** Speaks to the services as the importer. A service that is away (it is being started again) or busy is waited for. */
export function importer({ command, projection, secret }: Targets): Client {
  return createClient({ commandUrl: command, projectionUrl: projection, apiKey: secret })
}

/**
 * Records a file of events by one atomic import: all of it, or nothing. Each line's key is made from the line, so that
 * lines which are recorded already are recognised, and a file that has grown since is completed.
 */
export async function importPortfolio(file: string, client: Client, signal: AbortSignal): Promise<ImportResult> {
  const { results, summary } = await client
    .recordAtomically(linesOf(file), { signal })
    .catch(refuseStart(`${file} was not recorded`))
  const position = results.reduce((highest, result) => Math.max(highest, result.position), 0)
  const proposals = new Set(results.map((result) => result.proposalId)).size
  return { recorded: summary.recorded, replayed: summary.replayed, proposals, position }
}

/** Blank lines and a byte order mark (which `trim` takes for white space) are skipped, as the service does. */
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

/**
 * Whether the ledger is empty or began as the portfolio: one that holds somebody's own record is not added to unasked.
 */
export async function isOurs(client: Client, signal: AbortSignal): Promise<boolean> {
  const first = await client.feed({ limit: 1, signal }).next().catch(refuseStart('The log cannot be read'))
  return first.done || (JSON.parse(first.value.line) as { recordedBy: string }).recordedBy === `key:${importerName}`
}

/** Milliseconds between two words about how far it is. */
const progressEvery = 30_000

/** Waits until everything up to the position shows in what is read. `progress` is told how far that is. */
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

/** How far the projection is that is not far enough yet. */
function appliedSoFar(error: unknown): number {
  const applied = error instanceof ProblemError && error.code === 'not-yet-applied' ? error.problem['applied'] : null
  if (typeof applied !== 'number') return refuseStart('The status cannot be read')(error)
  return applied
}

/** A refusal is said in a sentence; what is no refusal is thrown on as it is. */
function refuseStart(what: string): (error: unknown) => never {
  return (error) => {
    throw error instanceof CommitmentsError ? new StartRefused(`${what}: ${error.message}`, { cause: error }) : error
  }
}
