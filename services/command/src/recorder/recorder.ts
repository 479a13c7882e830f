import { appendLimits } from './append.ts'
import { type AtomicJob, type AtomicResult, recordAtomically } from './atomic.ts'
import { Overloaded, TooMuchWork } from './faults.ts'
import { recordGroup } from './group.ts'
import { type Pending, toPending } from './pending.ts'
import {
  createQueue,
  isFullFor,
  isFullForAtomic,
  occupy,
  occupyAtomic,
  type QueueLimits,
  queueLimits,
  type RecordQueue,
  takeNext,
} from './queue.ts'
import type { RecordRequest, RecordResult } from './requests.ts'
import type { RecorderState } from './state.ts'
import { createStreamCache } from './streams.ts'

/**
 * Records events: many callers at once, one batch at a time.
 *
 * Requests that come while a batch is being written form the next one (group commit), so that one flush of the database's log serves
 * them all. Several recorders may work on one ledger: append_events settles who comes first, and nothing here trusts its own memory
 * for a refusal (group.ts).
 */
export interface Recorder extends RecorderState {
  readonly queue: RecordQueue
  readonly queueLimits: QueueLimits
  /** The work under way; null while there is none. */
  working: Promise<void> | null
  /** When the batch that is under way was begun, on the clock of `performance`; null while there is none. */
  batchSince: number | null
}

export type RecorderDeps = Pick<RecorderState, 'log' | 'clock' | 'timeZone' | 'metrics' | 'announce' | 'warn'> &
  Partial<Pick<Recorder, 'limits' | 'queueLimits'>> & { /** Of the log, as read just now. */ readonly logId: string }

/** Folded streams in memory: enough for tens of thousands of proposals, and far below the 512 MiB that the service may take. */
const cacheBytes = 48 * 1024 * 1024

export function startRecorder(deps: RecorderDeps): Recorder {
  const cache = createStreamCache(cacheBytes)
  const identity = { logId: deps.logId, readAt: performance.now() }
  return {
    limits: appendLimits,
    queueLimits,
    ...deps,
    cache,
    identity,
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
  if (isFullFor(queue, limits, request.speaker.recordedBy))
    return Promise.reject(new Overloaded('too many requests are waiting'))
  return enqueue<RecordResult>(recorder, occupy(queue, limits, request.speaker.recordedBy, bytes), (settle, fail) =>
    toPending(request, bytes, settle, fail),
  )
}

/** Records all of these, or none. @throws as `record` does */
export function recordAll(
  recorder: Recorder,
  requests: readonly RecordRequest[],
  bytes: number,
): Promise<AtomicResult> {
  const { queue } = recorder
  if (isFullForAtomic(queue)) return Promise.reject(new Overloaded('too many imports are waiting'))
  return enqueue<AtomicResult>(recorder, occupyAtomic(queue, bytes), (settle, fail) => ({
    requests,
    bytes,
    settle,
    fail,
  }))
}

/**
 * Records one event as soon as the queue takes it. For callers that can wait, such as a bulk stream, which is slowed down and not refused.
 * Resolves when the queue has it, with the promise of what becomes of it.
 */
export async function recordWhenRoom(
  recorder: Recorder,
  request: RecordRequest,
  bytes: number,
): Promise<{ readonly result: Promise<RecordResult> }> {
  // Others were woken too and may be quicker; from the last look to the queue nobody comes between.
  while (isFullFor(recorder.queue, recorder.queueLimits, request.speaker.recordedBy)) {
    await new Promise<void>((wake) => recorder.queue.whenRoom.push(wake))
  }
  return { result: record(recorder, request, bytes) }
}

/** Resolves when everything that was accepted is answered. New requests are the caller's to keep away. */
export async function settleAll(recorder: Recorder): Promise<void> {
  while (recorder.working) await recorder.working
}

/** @param leave gives the place in the queue back */
function enqueue<Result>(
  recorder: Recorder,
  leave: () => void,
  job: (settle: (result: Result) => void, fail: (fault: unknown) => void) => Pending | AtomicJob,
): Promise<Result> {
  recorder.metrics.queued(recorder.queue.events)
  return new Promise<Result>((resolve, reject) => {
    const settle = (result: Result) => {
      leave()
      resolve(result)
    }
    const fail = (fault: unknown) => {
      leave()
      reject(fault)
    }
    recorder.queue.jobs.push(job(settle, fail))
    recorder.working ??= workOff(recorder)
  })
}

async function workOff(recorder: Recorder): Promise<void> {
  const { queue } = recorder
  // A turn of the event loop: what arrives in it joins the first group.
  await new Promise(setImmediate)
  while (queue.jobs.length > 0) {
    const next = takeNext(queue)
    recorder.batchSince = performance.now()
    if (Array.isArray(next)) queue.jobs.unshift(...(await workOnGroup(recorder, next)))
    else await workOnAtomic(recorder, next)
    recorder.batchSince = null
    // The next group, if there is one, is sent before the last one's answers are written (settle.ts); if not, they are written in this turn.
    if (queue.jobs.length === 0) await new Promise(setImmediate)
  }
  recorder.metrics.queued(0)
  recorder.working = null
}

async function workOnGroup(recorder: Recorder, group: Pending[]): Promise<Pending[]> {
  try {
    return await recordGroup(recorder, group)
  } catch (fault) {
    for (const pending of group) pending.fail(fault)
    return []
  }
}

async function workOnAtomic(recorder: Recorder, job: AtomicJob): Promise<void> {
  try {
    job.settle(await recordAtomically(recorder, job.requests))
  } catch (fault) {
    if (!(fault instanceof TooMuchWork))
      recorder.warn({ err: fault, events: job.requests.length }, 'an atomic import could not be recorded')
    job.fail(fault)
  }
}
