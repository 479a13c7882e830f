/**
 * The text of the stream (HTML Living Standard, 9.2, "Server-sent events"). A line of the log contains neither CR nor LF, which end a field
 * there, so each line is one unchanged `data:`.
 */
import type { RangeLine } from './read-range.ts'
import { type StreamId, streamId } from './stream-id.ts'

/** A comment, which readers ignore: it prevents proxies from taking a quiet log for a dead connection. */
export const heartbeat = Buffer.from(': alive\n\n')

/**
 * The beginning of a stream: how long to wait before reconnecting, and the id to reconnect with if nothing else has come yet (a block
 * without data sets the id and is not an event).
 */
export function opening(at: StreamId, retryMs: number): Buffer {
  return Buffer.from(`retry: ${retryMs}\nid: ${streamId(at)}\n\n`)
}

const logChanged = 'log-changed'

/** Tells a reader of another log that everything it has is from that log, and that this stream starts again with the first event. */
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
