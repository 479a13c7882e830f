import type { AtomicJob } from './atomic.ts'
import type { Pending } from './pending.ts'

type Job = Pending | AtomicJob

/** What waits to be recorded: single events, and imports that are recorded as a whole. */
export interface RecordQueue {
  /** In the order of coming, which holds among those of one key. */
  jobs: Job[]
  /** Single events that are not answered yet, also those that a group is working on; of each key, and of all. */
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
const groupLimits: QueueLimits = { events: 500, bytes: 2 * 1024 * 1024 }

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

function onlyOnce(act: () => void): () => void {
  let done = false
  return () => {
    if (!done) act()
    done = true
  }
}

function count(queue: RecordQueue, key: string, events: number, bytes: number): void {
  queue.events += events
  queue.bytes += bytes
  const own = (queue.byKey.get(key) ?? 0) + events
  if (own === 0) queue.byKey.delete(key)
  else queue.byKey.set(key, own)
}

/**
 * An atomic import alone, or single events as many as fit one group: one after the other where both wait, so that neither shuts the other out. What
 * one key sent is recorded in the order in which it came.
 */
export function takeNext(queue: RecordQueue): AtomicJob | Pending[] {
  const singles = takeableSingles(queue.jobs)
  const job = queue.lastAtomic === null || singles.length === 0 ? takeableImport(queue) : undefined
  if (job !== undefined) {
    queue.jobs.splice(queue.jobs.indexOf(job), 1)
    queue.lastAtomic = keyOf(job)
    return job
  }
  queue.lastAtomic = null
  const group = groupOf(singles, queue.byKey.size)
  if (group.length === queue.jobs.length) queue.jobs = []
  else {
    const taken = new Set<Job>(group)
    queue.jobs = queue.jobs.filter((one) => !taken.has(one))
  }
  return group
}

function isAtomic(job: Job): job is AtomicJob {
  return 'requests' in job
}

function keyOf(job: Job): string {
  const request = isAtomic(job) ? job.requests[0] : job.request
  return request?.speaker.recordedBy ?? ''
}

/** Those that no import of the same key came before. */
function takeableSingles(jobs: readonly Job[]): Pending[] {
  const behind = new Set<string>()
  const singles: Pending[] = []
  for (const job of jobs) {
    if (isAtomic(job)) behind.add(keyOf(job))
    else if (behind.size === 0 || !behind.has(keyOf(job))) singles.push(job)
  }
  return singles
}

/** The first that nothing of the same key came before; not twice the same key while another has one. */
function takeableImport({ jobs, lastAtomic }: RecordQueue): AtomicJob | undefined {
  if (!jobs.some(isAtomic)) return undefined
  const before = new Set<string>()
  const first: AtomicJob[] = []
  for (const job of jobs) {
    const key = keyOf(job)
    if (isAtomic(job) && !before.has(key)) first.push(job)
    before.add(key)
  }
  return first.find((job) => keyOf(job) !== lastAtomic) ?? first[0]
}

/** Each key has an equal part of the group, and what some leave of theirs the others have. */
function groupOf(singles: readonly Pending[], keys: number): Pending[] {
  // What was put off comes first, and little of it is decided in one group: there is room for the others beside it.
  const group = singles.filter(({ putOff }) => putOff)
  const others = singles.filter(({ putOff }) => !putOff)
  let bytes = 0
  for (const pending of inShares(others, Math.max(1, Math.floor(groupLimits.events / Math.max(1, keys))))) {
    bytes += pending.bytes
    if (group.length > 0 && bytes > groupLimits.bytes) break
    group.push(pending)
  }
  return group
}

function inShares(singles: readonly Pending[], share: number): readonly Pending[] {
  if (singles.length <= groupLimits.events) return singles
  const taken = new Map<string, number>()
  const within: Pending[] = []
  const beyond: Pending[] = []
  for (const pending of singles) {
    const key = keyOf(pending)
    const own = taken.get(key) ?? 0
    taken.set(key, own + 1)
    if (own < share) within.push(pending)
    else beyond.push(pending)
  }
  return [...within, ...beyond].slice(0, groupLimits.events)
}
