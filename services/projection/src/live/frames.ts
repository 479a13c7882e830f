/**
 * The text of the stream (HTML Living Standard, 9.2, "Server-sent events"). A line of the log contains neither CR nor LF, which end a field
 * there, so each line is one unchanged `data:`.
 */
import { eventIdOf } from '../streams/log-line.ts'
import type { RangeLine } from './read-range.ts'
import { type StreamId, streamId } from './stream-id.ts'

/** A comment, which readers ignore: it prevents proxies from taking a quiet log for a dead connection. */
export const heartbeat = Buffer.from(': alive\n\n')

/** A block without data sets the id to reconnect with, and is not an event. */
export function seenUpTo(at: StreamId): Buffer {
  return Buffer.from(`id: ${streamId(at)}\n\n`)
}

/** The beginning of a stream: how long to wait before reconnecting, and the id to reconnect with if nothing else has come yet. */
export function opening(at: StreamId, retryMs: number): Buffer {
  return Buffer.concat([Buffer.from(`retry: ${retryMs}\n`), seenUpTo(at)])
}

const logChanged = 'log-changed'

/** Tells a reader of another log that everything it has is from that log, and that this stream starts again with the first event. */
export function logChangedFrame(logId: string, previous: StreamId): Buffer {
  const data = JSON.stringify({ logId, previous })
  return Buffer.from(`event: ${logChanged}\nid: ${streamId({ logId, position: 0 })}\ndata: ${data}\n\n`)
}

/** The frames of consecutive events, and where each of them ends. */
interface Frames {
  readonly bytes: Buffer
  readonly ends: readonly number[]
}

/** What changed, without its content. */
export interface Change {
  readonly proposalId: string
  readonly position: number
  /** The type of the event; null if its line has none that can be read. */
  readonly type: string | null
}

/** The members before the type are ids and times, so the first `"type"` in a line is that of the envelope. */
function changeOf({ proposalId, position, line }: RangeLine): Change {
  const [, type = null] = /^.{0,500}?"type":"([a-z-]{1,80})"/.exec(line) ?? []
  return { proposalId, position, type }
}

/** Consecutive events in the two forms in which readers get them. */
export interface Portion {
  readonly logId: string
  /** The position of its last event, and the id of that event. */
  readonly last: number
  readonly lastId: string | null
  /** The lines themselves. */
  readonly lines: Frames
  /** Only what changed. */
  readonly changes: Frames
  readonly changed: readonly Change[]
}

/** @param lines at least one */
export function portionOf(logId: string, lines: readonly RangeLine[]): Portion {
  const changed = lines.map(changeOf)
  const last = lines.at(-1)
  return {
    logId,
    last: last?.position ?? 0,
    lastId: eventIdOf(last?.line),
    lines: framesOf(logId, lines, ({ line }) => line),
    changes: framesOf(logId, changed, (change) => JSON.stringify(change)),
    changed,
  }
}

function framesOf<Item extends { readonly position: number }>(
  logId: string,
  items: readonly Item[],
  dataOf: (item: Item) => string,
): Frames {
  let end = 0
  const ends: number[] = []
  const frames = items.map((item) => {
    const frame = Buffer.from(`id: ${streamId({ logId, position: item.position })}\ndata: ${dataOf(item)}\n\n`)
    end += frame.length
    ends.push(end)
    return frame
  })
  return { bytes: Buffer.concat(frames, end), ends }
}

/** The frames from that place on; 0 is the first. */
export function framesFrom({ bytes, ends }: Frames, place: number): Buffer {
  return bytes.subarray(ends[place - 1] ?? 0)
}

/** The one frame at that place. */
export function frameAt({ bytes, ends }: Frames, place: number): Buffer {
  return bytes.subarray(ends[place - 1] ?? 0, ends[place])
}
