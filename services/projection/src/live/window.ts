/** The latest events in the form that readers get: made once, and the same bytes are written to every reader. */
import { type Frames, framesOf } from './frames.ts'
import { eventIdOf, type RangeLine } from './read-range.ts'

interface Chunk extends Frames {
  /** The position before its first event, and that of its last. */
  readonly after: number
  readonly last: number
  readonly lastId: string | null
}

/** Holds the events after `start` up to `end`, without gaps. */
export interface Window {
  readonly logId: string
  start: number
  end: number
  /** The id of the event at `end`; null: unknown. */
  endId: string | null
  readonly chunks: Chunk[]
  bytes: number
}

/** Bytes of frames that are kept for readers that are a little behind; readers that are further behind read ranges of the log. */
const kept = 4 * 1024 * 1024

/** @param endId the id of the event at the position; null: unknown */
export function openWindow(logId: string, position: number, endId: string | null = null): Window {
  return { logId, start: position, end: position, endId, chunks: [], bytes: 0 }
}

/** Adds the lines that follow `end`, and forgets the oldest ones. */
export function extend(window: Window, lines: readonly RangeLine[], keep = kept): void {
  const [first] = lines
  const last = lines.at(-1)
  if (first === undefined || last === undefined) return
  if (first.position !== window.end + 1) throw new Error(`Position ${first.position} does not follow ${window.end}.`)
  const frames = framesOf(window.logId, lines)
  const lastId = eventIdOf(last.line)
  window.chunks.push({ ...frames, after: window.end, last: last.position, lastId })
  window.endId = lastId
  window.end = last.position
  window.bytes += frames.bytes.length
  while (window.bytes > keep && window.chunks.length > 1) forgetOldest(window)
}

function forgetOldest(window: Window): void {
  const oldest = window.chunks.shift()
  if (oldest === undefined) return
  window.start = oldest.last
  window.bytes -= oldest.bytes.length
}

interface Taken {
  readonly bytes: Buffer
  readonly position: number
  readonly lastId: string | null
}

/** What comes next after a position, or that there is nothing yet, or that it has been forgotten here. */
export function takeAfter(window: Window, position: number): Taken | 'current' | 'behind' {
  if (position >= window.end) return 'current'
  const chunk = position < window.start ? undefined : window.chunks.findLast(({ after }) => after <= position)
  if (chunk === undefined) return 'behind'
  const from = chunk.ends[position - chunk.after - 1] ?? 0
  return { bytes: chunk.bytes.subarray(from), position: chunk.last, lastId: chunk.lastId }
}
