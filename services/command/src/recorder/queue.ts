import { onlyOnce } from '@commitments/http-kit'
import { type AtomicResult, Overtaken, type RecordRequest } from './requests.ts'

/**
 * A job is recorded as a whole: one request, or the requests of an atomic import. It is answered once: resolved, or rejected with a fault.
 */
export interface Job {
  readonly requests: readonly [RecordRequest, ...RecordRequest[]]
  /** An atomic import, alone in its batch: all requests are recorded, or none. Otherwise there is one request. */
  readonly allOrNone: boolean
  /** Rough size, for the bounds of queue and batch. */
  readonly bytes: number
  /** Must be decided on what its batch reads from the log. This holds for an import, and for a job that was refused or overtaken before. */
  fromLogOnly: boolean
  tries: number
  /** Postponed by a batch because it needs a whole history. It does not keep others out of the next batch. */
  putOff: boolean
  resolve(result: AtomicResult): void
  reject(fault: unknown): void
}

/**
 * Other writers can come between our read and our append. Losing so often in a row is not a race but a fault, or an import that is larger
 * than the pauses between other writers' events.
 */
const triesBeforeGivingUp = { one: 25, allOrNone: 10 } as const

/** Counts a lost race, and demands a read from the log next time. False if the job was given up and rejected. */
export function mayTryAgain(job: Job): boolean {
  const most = job.allOrNone ? triesBeforeGivingUp.allOrNone : triesBeforeGivingUp.one
  job.fromLogOnly = true
  job.tries += 1
  if (job.tries <= most) return true
  job.reject(new Overtaken(most))
  return false
}

/**
 * Returns the jobs of a batch to the queue, in order. Postponed jobs go first into the next batch; jobs of the same stream that must come
 * before one of them go with it.
 */
export function inOrderAgain(jobs: readonly Job[]): readonly Job[] {
  const before = new Set<string>()
  for (const job of jobs.toReversed()) {
    const ids = job.requests.map(({ body }) => body.proposalId)
    job.putOff ||= !job.allOrNone && ids.some((id) => before.has(id))
    if (job.putOff) for (const id of ids) before.add(id)
  }
  return jobs
}

/** The requests that wait to be recorded. */
export interface RecordQueue {
  /** In the order of arrival, which holds among the jobs of one key. */
  jobs: Job[]
  /** Single events that are not answered yet, including those in the current batch: for each key, and in total. */
  readonly byKey: Map<string, number>
  events: number
  bytes: number
  /** The same for atomic imports. They have a separate bound, because one of them is larger than all waiting single events may be. */
  atomicBytes: number
  /** The key whose import was worked on last, if nothing else came since. */
  lastAtomic: string | null
  /** Each is called once, when the queue has fallen below half of its bounds. */
  readonly whenRoom: (() => void)[]
}

export interface QueueLimits {
  readonly events: number
  readonly bytes: number
}

/** What may wait. At a few thousand events a second this is a second of work. A caller beyond it is refused at once instead of waiting. */
export const queueLimits: QueueLimits = { events: 5_000, bytes: 32 * 1024 * 1024 }

/** Bytes of atomic imports that wait or are worked on: four of the largest. Parsed, they take several times as much. */
const atomicBytes = 32 * 1024 * 1024

/** A key that uses less than this share of the bound can exceed the bound, up to twice. So one key alone cannot lock out the others. */
const shareOfKey = 1 / 8

/** The most that one batch holds. Larger batches gained nothing, and this limits how many outcomes one lost answer leaves open. */
const batchLimits: QueueLimits = { events: 500, bytes: 2 * 1024 * 1024 }

export function createQueue(): RecordQueue {
  return { jobs: [], byKey: new Map(), events: 0, bytes: 0, atomicBytes: 0, lastAtomic: null, whenRoom: [] }
}

/** Whether this key has to wait, or to try again later. */
export function isFullFor(queue: RecordQueue, limits: QueueLimits, key: string): boolean {
  if (!isFull(queue, limits)) return false
  const reserve = queue.events < 2 * limits.events && queue.bytes < 2 * limits.bytes
  return !reserve || (queue.byKey.get(key) ?? 0) >= limits.events * shareOfKey
}

export function isFull(queue: RecordQueue, limits: QueueLimits): boolean {
  return queue.events >= limits.events || queue.bytes >= limits.bytes
}

export function isFullForAtomic(queue: RecordQueue): boolean {
  return queue.atomicBytes >= atomicBytes
}

/** Takes a place. The returned function gives it back, once. */
export function occupy(queue: RecordQueue, limits: QueueLimits, key: string, bytes: number): () => void {
  count(queue, key, 1, bytes)
  return onlyOnce(() => {
    count(queue, key, -1, -bytes)
    if (queue.whenRoom.length === 0 || queue.events > limits.events / 2 || queue.bytes > limits.bytes / 2) return
    for (const wake of queue.whenRoom.splice(0)) wake()
  })
}

export function occupyAtomic(queue: RecordQueue, bytes: number): () => void {
  queue.atomicBytes += bytes
  return onlyOnce(() => {
    queue.atomicBytes -= bytes
  })
}

function count(queue: RecordQueue, key: string, events: number, bytes: number): void {
  queue.events += events
  queue.bytes += bytes
  const own = (queue.byKey.get(key) ?? 0) + events
  if (own === 0) queue.byKey.delete(key)
  else queue.byKey.set(key, own)
}

/**
 * The next batch: one atomic import, or as many single events as fit. If both wait, they alternate, so that neither blocks the other.
 * Requests of one key are recorded in the order of arrival.
 */
export function takeBatch(queue: RecordQueue): Job[] {
  const singles = takeableSingles(queue.jobs)
  const job = queue.lastAtomic === null || singles.length === 0 ? takeableImport(queue) : undefined
  if (job !== undefined) {
    queue.jobs.splice(queue.jobs.indexOf(job), 1)
    queue.lastAtomic = keyOf(job)
    return [job]
  }
  queue.lastAtomic = null
  const batch = batchOf(singles, queue.byKey.size)
  if (batch.length === queue.jobs.length) queue.jobs = []
  else {
    const taken = new Set(batch)
    queue.jobs = queue.jobs.filter((one) => !taken.has(one))
  }
  return batch
}

function keyOf({ requests: [first] }: Job): string {
  return first.speaker.recordedBy
}

/** Those without an earlier import of the same key. */
function takeableSingles(jobs: readonly Job[]): Job[] {
  const behind = new Set<string>()
  const singles: Job[] = []
  for (const job of jobs) {
    if (job.allOrNone) behind.add(keyOf(job))
    else if (behind.size === 0 || !behind.has(keyOf(job))) singles.push(job)
  }
  return singles
}

/** The first import without an earlier job of the same key. The same key does not go twice in a row while another key has an import. */
function takeableImport({ jobs, lastAtomic }: RecordQueue): Job | undefined {
  if (!jobs.some(({ allOrNone }) => allOrNone)) return undefined
  const before = new Set<string>()
  const first: Job[] = []
  for (const job of jobs) {
    const key = keyOf(job)
    if (job.allOrNone && !before.has(key)) first.push(job)
    before.add(key)
  }
  return first.find((job) => keyOf(job) !== lastAtomic) ?? first[0]
}

/** Each key gets an equal share of the batch, and others get what a key leaves of its share. */
function batchOf(singles: readonly Job[], keys: number): Job[] {
  // Postponed jobs come first, but only little of them is decided in one batch, so there is room for others too.
  const batch = singles.filter(({ putOff }) => putOff)
  const others = singles.filter(({ putOff }) => !putOff)
  let bytes = 0
  for (const job of inShares(others, Math.max(1, Math.floor(batchLimits.events / Math.max(1, keys))))) {
    bytes += job.bytes
    if (batch.length > 0 && bytes > batchLimits.bytes) break
    batch.push(job)
  }
  return batch
}

function inShares(singles: readonly Job[], share: number): readonly Job[] {
  if (singles.length <= batchLimits.events) return singles
  const taken = new Map<string, number>()
  const within: Job[] = []
  const beyond: Job[] = []
  for (const job of singles) {
    const key = keyOf(job)
    const own = taken.get(key) ?? 0
    taken.set(key, own + 1)
    if (own < share) within.push(job)
    else beyond.push(job)
  }
  return [...within, ...beyond].slice(0, batchLimits.events)
}
