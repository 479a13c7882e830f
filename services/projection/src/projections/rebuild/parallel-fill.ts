/** Fills a generation in several threads: this one, and workers with their own connections. */

import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { ConnectOptions } from '@commitments/event-store'
import { type ProjectionName } from '../../projection-names.ts'
import type { IdRange } from '../../streams/streams-in-order.ts'
import { type FillOptions, fill } from './fill.ts'
import { cutIds } from './id-ranges.ts'

/** How a worker connects: all of it can be passed to another thread. */
export interface WorkerConnection {
  readonly url: string
  readonly options: Pick<ConnectOptions, 'ledger' | 'role' | 'applicationName'>
}

/** The input of a worker at its start. */
export interface WorkerJob {
  readonly connection: WorkerConnection
  readonly projection: ProjectionName
  readonly generation: number
  readonly timeZone: string
  readonly upTo: number
  readonly ranges: readonly IdRange[]
  readonly taken: Taken
}

/** How many of the ranges are taken: one number that all threads increment. */
type Taken = Int32Array<SharedArrayBuffer>

/** Each range goes to one thread: the next range to the thread that asks first. */
export function* takeInTurn(ranges: readonly IdRange[], taken: Taken): Generator<IdRange> {
  for (;;) {
    const range = ranges[Atomics.add(taken, 0, 1)]
    if (range === undefined) return
    yield range
  }
}

/** Below this, a worker would still load its modules while this thread does all the work. */
const worthWorkers = 20_000

/**
 * More threads would soon not be faster, because they write into one table on one server. And each takes some 60 MB of the 256 that our
 * process may use.
 */
const mostThreads = 2

/**
 * Limits of a worker's V8, in MB. It folds one stream at a time, and everything else is garbage at once. So the young generation is the
 * larger part of what it needs.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 24, maxOldGenerationSizeMb: 64 }

/**
 * Writes the log up to the position into the tables, as `fill` does, with workers if the log is large enough. When it ends, for whatever
 * reason, no worker is running any more.
 *
 * @throws the first fault, of any thread
 */
export async function fillBeside(options: FillOptions, connection: WorkerConnection | undefined): Promise<void> {
  const { pool, upTo } = options
  const workers = Math.min(availableParallelism(), mostThreads) - 1
  if (connection === undefined || workers < 1 || upTo < worthWorkers) return fill(options)
  const ranges = await cutIds(pool, upTo)
  await fillRanges(options, connection, ranges, workers)
}

export async function fillRanges(
  options: FillOptions,
  connection: WorkerConnection,
  ranges: readonly IdRange[],
  workers: number,
): Promise<void> {
  const { projection, generation, timeZone, upTo, onFolded } = options
  const taken: Taken = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  const job: WorkerJob = { connection, projection: projection.name, generation, timeZone, upTo, ranges, taken }
  const stop = new AbortController()
  const { signal } = stop
  const own = fill({ ...options, ranges: takeInTurn(ranges, taken), signal })
  const parts = [own, ...Array.from({ length: workers }, () => runWorker(job, onFolded, signal))]
  // The first failure stops the others, and all have ended before it is reported.
  for (const part of parts) part.catch((error) => stop.abort(error))
  await Promise.allSettled(parts)
  signal.throwIfAborted()
}

/** Resolves when the worker has done its part and has exited. @throws its failure, after it has exited */
function runWorker(job: WorkerJob, onFolded: (events: number) => void, signal: AbortSignal): Promise<void> {
  const worker = new Worker(new URL('fill-worker.ts', import.meta.url), { workerData: job, resourceLimits })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const end = () => void worker.terminate()
  let fault: unknown
  signal.addEventListener('abort', end)
  worker.on('message', onFolded)
  worker.once('error', (error: unknown) => (fault = error))
  worker.once('exit', (code) => {
    signal.removeEventListener('abort', end)
    if (code === 0) resolve()
    else reject(fault ?? new Error(`A worker of the rebuild ended with ${code}.`))
  })
  return promise
}
