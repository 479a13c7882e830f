import { onlyOnce } from '@commitments/http-kit'
import { type AtomicResult, Overtaken, type RecordRequest } from './requests.ts'

/** What is recorded as a whole: one request, or the requests of an atomic import. It is answered once: resolved, or rejected with a fault. */
export interface Job {
  readonly requests: readonly [RecordRequest, ...RecordRequest[]]
  /** An atomic import, alone in its batch: all are recorded, or none. Otherwise there is one request. */
  readonly allOrNone: boolean
  /** Rough weight, for the bounds of queue and batch. */
  readonly bytes: number
  /** To be decided on what its batch reads from the log: an import, and what was refused or overtaken before. */
  fromLogOnly: boolean
  tries: number
  /** Put off by a batch because it needs a whole history: it does not keep others out of the next one. */
  putOff: boolean
  resolve(result: AtomicResult): void
  reject(fault: unknown): void
}

/**
 * Others may come between our read and our append; so often in a row is not a race but a fault, or an import that is larger than the quiet between
 * other writers' events.
 */
const triesBeforeGivingUp = { one: 25, allOrNone: 10 } as const

/** Counts a lost race and asks for a fresh read next time. False where the job was given up and rejected. */
export function mayTryAgain(job: Job): boolean {
  const most = job.allOrNone ? triesBeforeGivingUp.allOrNone : triesBeforeGivingUp.one
  job.fromLogOnly = true
  job.tries += 1
  if (job.tries <= most) return true
  job.reject(new Overtaken(most))
  return false
}

/**
 * What a batch gives back, in its order. Jobs that were put off go first into the next batch; what has to come before one of them, in its stream, goes
 * with it.
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

/** What waits to be recorded. */
export interface RecordQueue {
  /** In the order of coming, which holds among those of one key. */
  jobs: Job[]
  /** Single events that are not answered yet, also those that a batch is working on; of each key, and of all. */
  readonly byKey: Map<string, number>
  events: number
  bytes: number
  /** The same of atomic imports: a bound of their own, since one of them is larger than what may wait of single events. */
  atomicBytes: number
  /** Whose import was last worked on, where nothing else came since. */
  lastAtomic: string | null
  /** Called, once each, when the queue has fallen below half of its bounds. */
  readonly whenRoom: (() => void)[]
}

export interface QueueLimits {
  readonly events: number
  readonly bytes: number
}

/**
 * What may wait. At a few thousand events a second this is a second of work; a caller who comes beyond it is told so at once, and
 * does not wait behind it.
 */
export const queueLimits: QueueLimits = { events: 5_000, bytes: 32 * 1024 * 1024 }

/** Bytes of atomic imports that wait or are worked on: four of the largest. Parsed they are some times as much. */
const atomicBytes = 32 * 1024 * 1024

/** A key that has less of the queue than this part of its bound may go on beyond it, until there is twice as much: one key alone shuts nobody out. */
const shareOfKey = 1 / 8

/** What one batch holds at most: the size from which a larger one gained nothing, and a bound on what one lost answer puts in doubt. */
const batchLimits: QueueLimits = { events: 500, bytes: 2 * 1024 * 1024 }

export function createQueue(): RecordQueue {
  return { jobs: [], byKey: new Map(), events: 0, bytes: 0, atomicBytes: 0, lastAtomic: null, whenRoom: [] }
}

/** Whether this key has to wait, or to come again. */
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

/** Takes a place, which is given back by the function that it returns, once. */
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
 * The next batch: an atomic import alone, or as many single events as fit; one after the other where both wait, so that neither shuts the other
 * out. What one key sent is recorded in the order in which it came.
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

/** Those that no import of the same key came before. */
function takeableSingles(jobs: readonly Job[]): Job[] {
  const behind = new Set<string>()
  const singles: Job[] = []
  for (const job of jobs) {
    if (job.allOrNone) behind.add(keyOf(job))
    else if (behind.size === 0 || !behind.has(keyOf(job))) singles.push(job)
  }
  return singles
}

/** The first that nothing of the same key came before; not twice the same key while another has one. */
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

/** Each key has an equal part of the batch, and what some leave of theirs the others have. */
function batchOf(singles: readonly Job[], keys: number): Job[] {
  // What was put off comes first, and little of it is decided in one batch: there is room for the others beside it.
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
