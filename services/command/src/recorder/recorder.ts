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
  const { queue, queueLimits: limits } = recorder
  const key = request.speaker.recordedBy
  if (isFullFor(queue, limits, key)) return Promise.reject(new Overloaded('too many requests are waiting'))
  const job = { requests: [request], allOrNone: false, fromLogOnly: false, bytes } as const
  return enqueue(recorder, job, occupy(queue, limits, key, bytes), answerOfOne)
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
  const job = { requests: [first, ...others], allOrNone: true, fromLogOnly: true, bytes } as const
  return enqueue(recorder, job, occupyAtomic(queue, bytes), (result) => result)
}

/**
 * Records one event as soon as the queue takes it. For callers that can wait, such as a bulk stream, which is slowed down and not refused.
 * Resolves when the queue has it, with the promise of its result.
 */
export async function recordWhenRoom(
  recorder: Recorder,
  request: RecordRequest,
  bytes: number,
): Promise<{ readonly result: Promise<RecordResult> }> {
  // Others were woken too and may be faster; between the last look and the queue nobody can come.
  while (isFullFor(recorder.queue, recorder.queueLimits, request.speaker.recordedBy)) {
    await new Promise<void>((wake) => recorder.queue.whenRoom.push(wake))
  }
  return { result: record(recorder, request, bytes) }
}

/** Resolves when everything that was accepted is answered. The caller must stop new requests. */
export async function drain(recorder: Recorder): Promise<void> {
  while (recorder.working) await recorder.working
}

/**
 * @param leave gives the place in the queue back
 * @param answerOf the caller's answer, taken from the job's
 */
function enqueue<Answer>(
  recorder: Recorder,
  job: Pick<Job, 'requests' | 'allOrNone' | 'fromLogOnly' | 'bytes'>,
  leave: () => void,
  answerOf: (result: AtomicResult) => Answer,
): Promise<Answer> {
  recorder.metrics.queued(recorder.queue.events)
  return new Promise<Answer>((resolve, reject) => {
    recorder.queue.jobs.push({
      ...job,
      tries: 0,
      putOff: false,
      resolve(result) {
        leave()
        resolve(answerOf(result))
      },
      reject(fault) {
        leave()
        reject(fault)
      },
    })
    recorder.working ??= workOff(recorder)
  })
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
