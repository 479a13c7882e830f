/**
 * The text of the stream (HTML Living Standard, 9.2, "Server-sent events"). A line of the log holds neither CR nor LF,
 * which are what ends a field there, so that each is one `data:` as it stands.
 */
import type { RangeLine } from './read-range.ts'
import { type StreamId, streamId } from './stream-id.ts'

/** A comment, which readers pass over: it keeps proxies from taking a quiet log for a dead connection. */
export const heartbeat = Buffer.from(': alive\n\n')

/**
 * What a stream begins with: how long to wait before coming back, and the id to come back with where nothing else has
 * come yet (a block without data sets the id and is no event).
 */
export function opening(at: StreamId, retryMs: number): Buffer {
  return Buffer.from(`retry: ${retryMs}\nid: ${streamId(at)}\n\n`)
}

const logChanged = 'log-changed'

/** Tells a reader of another log that all it has is of that one, and that this stream begins anew with the first event. */
export function logChangedFrame(logId: string, previous: StreamId): Buffer {
  const data = JSON.stringify({ logId, previous })
  return Buffer.from(`event: ${logChanged}\nid: ${streamId({ logId, position: 0 })}\ndata: ${data}\n\n`)
}

/** The frames of consecutive events, and where each of them ends. */
export interface Frames {
  readonly bytes: Buffer
  readonly ends: readonly number[]
}

export function framesOf(logId: string, lines: readonly RangeLine[]): Frames {
  let end = 0
  const ends: number[] = []
  const frames = lines.map(({ position, line }) => {
    const frame = Buffer.from(`id: ${streamId({ logId, position })}\ndata: ${line}\n\n`)
    end += frame.length
    ends.push(end)
    return frame
  })
  return { bytes: Buffer.concat(frames, end), ends }
}
