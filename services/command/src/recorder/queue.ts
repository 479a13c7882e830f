import type { AtomicJob } from './atomic.ts'
import type { Pending } from './pending.ts'

/** Requests that wait for their group, first come first served. */
export interface RecordQueue {
  jobs: (Pending | AtomicJob)[]
  /** Everything that is not answered yet, also what a group is working on. */
  events: number
  bytes: number
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

/** What one batch holds at most: the size from which a larger one gained nothing, and a bound on what one lost answer puts in doubt. */
const groupLimits: QueueLimits = { events: 500, bytes: 2 * 1024 * 1024 }

export function createQueue(): RecordQueue {
  return { jobs: [], events: 0, bytes: 0, whenRoom: [] }
}

export function isFull(queue: RecordQueue, limits: QueueLimits): boolean {
  return queue.events >= limits.events || queue.bytes >= limits.bytes
}

export function occupy(queue: RecordQueue, events: number, bytes: number): void {
  queue.events += events
  queue.bytes += bytes
}

export function release(queue: RecordQueue, limits: QueueLimits, events: number, bytes: number): void {
  queue.events -= events
  queue.bytes -= bytes
  if (queue.whenRoom.length === 0 || queue.events > limits.events / 2 || queue.bytes > limits.bytes / 2) return
  for (const wake of queue.whenRoom.splice(0)) wake()
}

/** The next atomic job alone, or as many single requests from the head as fit one group. */
export function takeGroup(queue: RecordQueue): AtomicJob | Pending[] {
  const [first] = queue.jobs
  if (first && 'requests' in first) {
    queue.jobs.shift()
    return first
  }
  const group: Pending[] = []
  let events = 0
  let bytes = 0
  for (const job of queue.jobs) {
    if ('requests' in job || events >= groupLimits.events) break
    // What was put off comes first, and little of it is decided in one group: there is room for the others beside it.
    events += job.putOff ? 0 : 1
    bytes += job.putOff ? 0 : job.bytes
    if (bytes > groupLimits.bytes && group.length > 0) break
    group.push(job)
  }
  queue.jobs.splice(0, group.length)
  return group
}
