import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
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

/**
 * Records a file of events by one atomic import: all of it, or nothing. Each line's key is made from the line, so that lines which are
 * recorded already are recognised, and a file that has grown since is completed.
 */
export async function importPortfolio(
  file: string,
  { command, secret }: Targets,
  signal: AbortSignal,
): Promise<ImportResult> {
  const response = await untilAvailable(
    () =>
      fetch(new URL('/v1/events?atomic=true', command), {
        method: 'POST',
        headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/x-ndjson' },
        body: withKeys(readFileSync(file, 'utf8')),
        signal,
      }),
    signal,
  )
  if (!response.ok) throw new StartRefused(`${file} was not recorded: ${await refusal(response)}`)
  const { results, summary } = (await response.json()) as {
    results: { proposalId: string; position: number }[]
    summary: { recorded: number; replayed: number }
  }
  const position = results.reduce((highest, result) => Math.max(highest, result.position), 0)
  const proposals = new Set(results.map((result) => result.proposalId)).size
  return { recorded: summary.recorded, replayed: summary.replayed, proposals, position }
}

/** The key of a line goes in front of its members, so that the rest of the line stays as it is, byte for byte. */
export function withKeys(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .map((line) =>
      line === '' ? line : `{"idempotencyKey":"portfolio:${hash('sha256', line).slice(0, 32)}",${line.slice(1)}`,
    )
    .join('\n')
}

/** Whether the ledger is empty or began as the portfolio: one that holds somebody's own record is not added to unasked. */
export async function isOurs(targets: Targets, signal: AbortSignal): Promise<boolean> {
  const response = await read(targets, '/v1/events?after=0&limit=1', signal)
  const { events } = (await response.json()) as { events: { event: { recordedBy: string } }[] }
  const [first] = events
  return first === undefined || first.event.recordedBy === `key:${importerName}`
}

/** Waits until everything up to the position shows in what is read. `progress` is told how far that is. */
export async function untilProjected(
  targets: Targets,
  position: number,
  signal: AbortSignal,
  progress: (reached: number) => void,
): Promise<void> {
  for (;;) {
    const response = await read(targets, '/v1/proposals?limit=1', signal)
    await response.body?.cancel()
    const reached = Number(response.headers.get('Log-Position'))
    if (reached >= position) return
    progress(reached)
    await sleep(50, undefined, { signal })
  }
}

async function read({ projection, secret }: Targets, path: string, signal: AbortSignal): Promise<Response> {
  const ask = () => fetch(new URL(path, projection), { headers: { Authorization: `Bearer ${secret}` }, signal })
  const response = await untilAvailable(ask, signal)
  if (!response.ok) throw new StartRefused(`The projection service refused GET ${path}: ${await refusal(response)}`)
  return response
}

/** For so long a service may be away (it is being started again) or busy. */
const availableWithin = 60_000

async function untilAvailable(ask: () => Promise<Response>, signal: AbortSignal): Promise<Response> {
  const until = Date.now() + availableWithin
  for (;;) {
    const response = await ask().catch((error: unknown) => {
      if (signal.aborted || Date.now() > until) throw error
      return null
    })
    if (response && (response.status !== 503 || Date.now() > until)) return response
    await sleep(200, undefined, { signal })
  }
}

async function refusal(response: Response): Promise<string> {
  const text = await response.text()
  try {
    const { code, detail } = JSON.parse(text) as { code?: string; detail?: string }
    return `${response.status} ${code ?? ''}: ${detail ?? text}`
  } catch {
    return `${response.status}: ${text.slice(0, 300)}`
  }
}
