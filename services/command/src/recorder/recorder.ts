import { appendLimits } from './append.ts'
import { type BatchContext, recordBatch } from './batch.ts'
import {
  createQueue,
  isFullFor,
  isFullForAtomic,
  type Job,
  occupy,
  occupyAtomic,
  type QueueLimits,
  queueLimits,
  type RecordQueue,
  takeBatch,
} from './queue.ts'
import { type AtomicResult, Overloaded, type RecordRequest, type RecordResult } from './requests.ts'
import { createStreamCache } from './stream-cache.ts'

/**
 * Records events: many callers at once, one batch at a time.
 *
 * Requests that arrive while a batch is being written form the next one (group commit), so one flush of the database's log serves them all.
 * Several recorders can work on one ledger: append_events decides who comes first, and a recorder never refuses from its own memory
 * (decide.ts).
 */
export interface Recorder extends BatchContext {
  readonly queue: RecordQueue
  readonly queueLimits: QueueLimits
  /** The running work; null if there is none. */
  working: Promise<void> | null
  /** When the current batch was started, on the clock of `performance`; null if there is none. */
  batchSince: number | null
}

export type RecorderDeps = Pick<BatchContext, 'log' | 'clock' | 'timeZone' | 'metrics' | 'announce' | 'warn'> &
  Partial<Pick<Recorder, 'limits' | 'queueLimits' | 'tell'>>

/** Folded streams in memory: enough for tens of thousands of proposals, and far below the 512 MiB of the service. */
const cacheBytes = 48 * 1024 * 1024

export function startRecorder(deps: RecorderDeps): Recorder {
  return {
    limits: appendLimits,
    queueLimits,
    tell: null,
    ...deps,
    cache: createStreamCache(cacheBytes),
    pasts: deps.log.known.pasts,
    queue: createQueue(),
    working: null,
    batchSince: null,
  }
}

/**
 * Records one event.
 *
 * @param bytes rough size of the request, for the bounds of the queue
 * @throws Overloaded, Unavailable, OutcomeUnknown, Unstorable
 */
export function record(recorder: Recorder, request: RecordRequest, bytes: number): Promise<RecordResult> {
  return new Promise((answered, failed) => recordFor({ answered, failed }, recorder, request, bytes))
}

/** Who is told what became of a request: one of the two, once. */
export interface Asker {
  answered(result: RecordResult): void
  failed(fault: unknown): void
}

/** Like `record`, without a promise for each event. Many are told of their answers in one go, so the asker only notes its own. */
export function recordFor(asker: Asker, recorder: Recorder, request: RecordRequest, bytes: number): void {
  const { queue, queueLimits: limits } = recorder
  const key = request.speaker.recordedBy
  if (isFullFor(queue, limits, key)) return asker.failed(new Overloaded('too many requests are waiting'))
  const leave = occupy(queue, limits, key, bytes)
  enqueue(recorder, {
    requests: [request],
    allOrNone: false,
    fromLogOnly: false,
    bytes,
    tries: 0,
    putOff: false,
    resolve(result) {
      leave()
      asker.answered(answerOfOne(result))
    },
    reject(fault) {
      leave()
      asker.failed(fault)
    },
  })
}

function answerOfOne(result: AtomicResult): RecordResult {
  const [one] = result.outcome === 'recorded' ? result.results : result.refusals.map(({ answer }) => answer)
  if (!one) throw new Error('a request without an answer')
  return one
}

/**
 * Records all of these, or none, in one call of append_events.
 *
 * @throws like `record`; TooMuchWork
 */
export async function recordAll(
  recorder: Recorder,
  requests: readonly RecordRequest[],
  bytes: number,
): Promise<AtomicResult> {
  const [first, ...others] = requests
  if (!first) return { outcome: 'recorded', results: [] }
  const { queue } = recorder
  if (isFullForAtomic(queue)) throw new Overloaded('too many imports are waiting')
  const leave = occupyAtomic(queue, bytes)
  const answer = new Promise<AtomicResult>((resolve, reject) => {
    const job = { requests: [first, ...others], allOrNone: true, fromLogOnly: true, bytes } as const
    enqueue(recorder, { ...job, tries: 0, putOff: false, resolve, reject })
  })
  return answer.finally(leave)
}

/**
 * Whether the queue takes an event of this key now. A caller that can wait, such as a bulk stream, is slowed down and not refused: it awaits
 * `roomInQueue`, and looks again, because others were woken too and may have been faster. Between the last look and `recordFor` nobody can come.
 */
export function hasRoom({ queue, queueLimits: limits }: Recorder, key: string): boolean {
  return !isFullFor(queue, limits, key)
}

/** Resolves when the queue has fallen below half of its bounds. */
export function roomInQueue({ queue }: Recorder): Promise<void> {
  return new Promise((wake) => queue.whenRoom.push(wake))
}

/** Resolves when everything that was accepted is answered. The caller must stop new requests. */
export async function drain(recorder: Recorder): Promise<void> {
  while (recorder.working) await recorder.working
}

function enqueue(recorder: Recorder, job: Job): void {
  recorder.metrics.queued(recorder.queue.events)
  recorder.queue.jobs.push(job)
  recorder.working ??= workOff(recorder)
}

async function workOff(recorder: Recorder): Promise<void> {
  const { queue } = recorder
  // A turn of the event loop: requests that arrive in it join the first batch.
  await new Promise(setImmediate)
  while (queue.jobs.length > 0) {
    const batch = takeBatch(queue)
    recorder.batchSince = performance.now()
    queue.jobs.unshift(...(await recordOrReject(recorder, batch)))
    recorder.batchSince = null
    // The next batch, if there is one, is sent before the answers of the last one are written (batch.ts); if there is none, they are
    // written in this turn.
    if (queue.jobs.length === 0) await new Promise(setImmediate)
  }
  recorder.metrics.queued(0)
  recorder.working = null
}

/** @returns the jobs to decide again */
async function recordOrReject(recorder: Recorder, batch: readonly Job[]): Promise<Job[]> {
  try {
    return await recordBatch(recorder, batch)
  } catch (fault) {
    for (const job of batch) job.reject(fault)
    return []
  }
}
