import type { CallOptions, Connection } from './connection.ts'
import { ContractBroken, CutShort, GapInFeed, Unreachable } from './errors.ts'
import { exchangeLines } from './exchange.ts'
import { logPointOf } from './log-point.ts'
import { type Attempts, beginAttempts, isTransient, noteProgress, pauseAfter } from './retry.ts'
import type { FeedLine } from './types.ts'

export interface FeedOptions extends CallOptions {
  /** Begin after this position. Default: 0, the beginning of the log. */
  readonly after?: number
  /** The log of the position `after`. Pass it with every `after` that was kept. */
  readonly logId?: string
  /** The most lines. Absent: up to the end of the log at the time of the request. */
  readonly limit?: number
}

interface Progress {
  readonly options: FeedOptions
  readonly after: number
  position: number
  /** Where the current answer will end; unknown before it begins. */
  announced: number
  logId: string | undefined
}

/**
 * The lines of the log, in order and without gaps, up to its end at the time of the request. A broken connection is resumed after the last
 * line.
 * @throws CutShort if that does not succeed in time; LogChanged; GapInFeed
 */
export async function* readFeed(
  connection: Connection,
  options: FeedOptions,
): AsyncGenerator<FeedLine, void, undefined> {
  const { after = 0, logId } = options
  const progress: Progress = { options, after, position: after, announced: Number.POSITIVE_INFINITY, logId }
  const attempts = beginAttempts({ ...connection.retries, ...options.retries })
  for (;;) {
    try {
      yield* download(connection, progress, attempts)
      return
    } catch (error) {
      if (isTransient(error) && progress.position === progress.announced) return
      await pauseAfter(attempts, error, options.signal).catch((last: unknown) => {
        throw isTransient(last) && progress.position > after ? cutShort(progress, last) : last
      })
    }
  }
}

function cutShort({ position }: Progress, cause: unknown): CutShort {
  return new CutShort(
    `The feed was cut after position ${position}. Go on with \`after: ${position}\`.`,
    { after: position },
    { cause },
  )
}

async function* download(
  connection: Connection,
  progress: Progress,
  attempts: Attempts,
): AsyncGenerator<FeedLine, void, undefined> {
  const lines = exchangeLines(connection, {
    url: feedUrl(connection, progress),
    init: { headers: { Accept: 'application/x-ndjson' } },
    signal: progress.options.signal,
    idleMs: attempts.retries.attemptMs,
    owed: () => true,
    logId: progress.logId,
    onHead: (response) => begin(progress, response),
  })
  for await (const line of lines) {
    const next = advance(progress, line)
    noteProgress(attempts)
    yield next
  }
  if (progress.position < progress.announced) {
    throw new Unreachable(`The feed ended at position ${progress.position} and not at ${progress.announced}.`)
  }
}

function feedUrl({ projectionUrl }: Connection, { options: { limit }, after, position }: Progress): string {
  const query = new URLSearchParams({ after: String(position) })
  if (limit !== undefined) query.set('limit', String(limit - (position - after)))
  return `${projectionUrl}/v1/events?${query.toString()}`
}

function begin(progress: Progress, response: Response): void {
  const { position, logId } = logPointOf(response)
  progress.logId = logId
  progress.announced = position
}

function advance(progress: Progress, line: string): FeedLine {
  const position = positionOf(line)
  if (position !== progress.position + 1) throw new GapInFeed(progress.position + 1, position)
  if (position > progress.announced) throw new ContractBroken(`Position ${progress.announced} was to be the last.`)
  progress.position = position
  return { position, logId: progress.logId as string, line }
}

/** Every line begins with its position, even an erased one. */
function positionOf(line: string): number {
  const [, position] = /^\{"position":(\d{1,15}),/.exec(line) ?? []
  if (position === undefined)
    throw new ContractBroken(`A line of the feed does not begin with its position: ${line.slice(0, 80)}`)
  return Number(position)
}
