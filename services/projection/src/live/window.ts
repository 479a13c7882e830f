/** The latest events in the forms that readers get: made once, and the same bytes are written to every reader. */

import { isErasure } from '../streams/log-line.ts'
import { type Portion, portionOf } from './frames.ts'
import type { RangeLine } from './read-range.ts'

interface Chunk extends Portion {
  /** The position before its first event. */
  readonly after: number
}

/** Holds the events after `start` up to `end`, without gaps. */
export interface Window {
  readonly logId: string
  start: number
  end: number
  /** The id of the event at `end`; null: unknown. */
  endId: string | null
  chunks: Chunk[]
  bytes: number
}

/** Bytes of frames that are kept for readers that are a little behind; readers that are further behind read ranges of the log. */
const kept = 4 * 1024 * 1024

/** @param endId the id of the event at the position; null: unknown */
export function openWindow(logId: string, position: number, endId: string | null = null): Window {
  return { logId, start: position, end: position, endId, chunks: [], bytes: 0 }
}

/** Adds the lines that follow `end`, and forgets the oldest ones; after an erasure, all others, because they say what was erased. */
export function extend(window: Window, lines: readonly RangeLine[], keep = kept): void {
  const [first] = lines
  if (first === undefined) return
  if (first.position !== window.end + 1) throw new Error(`Position ${first.position} does not follow ${window.end}.`)
  if (lines.some(isErasure)) Object.assign(window, { start: window.end, chunks: [], bytes: 0 })
  const chunk = { ...portionOf(window.logId, lines), after: window.end }
  window.chunks.push(chunk)
  window.endId = chunk.lastId
  window.end = chunk.last
  window.bytes += bytesOf(chunk)
  while (window.bytes > keep && window.chunks.length > 1) forgetOldest(window)
}

function bytesOf({ lines, changes }: Portion): number {
  return lines.bytes.length + changes.bytes.length
}

function forgetOldest(window: Window): void {
  const oldest = window.chunks.shift()
  if (oldest === undefined) return
  window.start = oldest.last
  window.bytes -= bytesOf(oldest)
}

interface Taken {
  readonly portion: Portion
  /** The place of the first event in it that the reader does not have. */
  readonly place: number
}

/** What comes next after a position, or that there is nothing yet, or that it has been forgotten here. */
export function takeAfter(window: Window, position: number): Taken | 'current' | 'behind' {
  if (position >= window.end) return 'current'
  const chunk = position < window.start ? undefined : window.chunks.findLast(({ after }) => after <= position)
  return chunk === undefined ? 'behind' : { portion: chunk, place: position - chunk.after }
}
