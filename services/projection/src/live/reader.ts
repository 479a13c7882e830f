/**
 * One reader of the live feed. It holds only its position. Each step takes what comes after that position, from the shared window, or from
 * the log if the reader is further behind. So there is no gap and no repeat, whichever of the two it takes from. A step is made only when
 * the last one was written, so a slow reader makes nothing pile up.
 */
import { pause, TookTooLong, withTimeout } from '@commitments/event-store'
import { inTurn } from '@commitments/http-kit/turns'
import { isDatabaseAway } from '../database-away.ts'
import type { Form } from './forms.ts'
import { heartbeat, type Portion, portionOf } from './frames.ts'
import { continues, type Hub, join, leave, nextWake, readLimit } from './hub.ts'
import { readRange } from './read-range.ts'
import type { StreamId } from './stream-id.ts'
import { takeAfter, type Window } from './window.ts'

interface Reader {
  readonly hub: Hub
  readonly logId: string
  readonly form: Form
  readonly signal: AbortSignal
  position: number
  /** The id of the event at the position; null: not known yet. */
  eventId: string | null
  /** The window that continues what this reader has. */
  window: Window | null
}

/** Bytes to write, or `over`: the log is another one, or shorter than what was read, or the service closes. */
type Step = Buffer | 'over'

/** Milliseconds until a range is requested again if the database is not available; the reader gets a sign of life each time. */
const awayPause = 1_000

/** What to write to a reader that has everything up to a position of a log, as long as it stays. */
export async function* followFrom(
  hub: Hub,
  { logId, position }: StreamId,
  form: Form,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const reader: Reader = { hub, logId, form, signal, position, eventId: null, window: null }
  join(hub)
  try {
    for (;;) {
      const next = await step(reader)
      if (next === 'over') return
      yield next
    }
  } finally {
    leave(hub)
  }
}

async function step(reader: Reader): Promise<Step> {
  const { hub, signal } = reader
  for (;;) {
    if (signal.aborted || hub.closing.signal.aborted) return 'over'
    const taken =
      hub.window !== null && hub.window === reader.window ? takeAfter(hub.window, reader.position) : 'behind'
    if (taken === 'current') {
      const wake = await nextWake(hub, signal)
      if (wake === 'heartbeat') return heartbeat
    } else if (taken === 'behind') {
      const range = await catchUp(reader)
      if (range !== null) return range
    } else {
      return give(reader, taken.portion, taken.place)
    }
  }
}

/** The next range of the log; null if there is none, and the reader can continue with the window. */
async function catchUp(reader: Reader): Promise<Step | null> {
  const { hub, position } = reader
  // Taken before the read: what this window no longer holds, the read has seen.
  const { window } = hub
  const range = await tryTo(() => inTurn(hub.catchingUp, () => withTimeout(readLimit, readRange(hub.pool, position))))
  if (range === null) return signOfLife(reader)
  if (!continues(hub, range, reader.logId, position, reader.eventId)) return 'over'
  const last = range.lines.at(-1)?.position ?? position
  const joins = window !== null && window.logId === reader.logId && last >= window.start
  if (joins) reader.window = window
  if (range.lines.length > 0) return give(reader, portionOf(reader.logId, range.lines), 0)
  reader.eventId = range.at ?? reader.eventId
  // A window that was opened meanwhile has woken the waiting readers, but this one was not waiting yet: the window may already have an
  // event.
  return joins || hub.window !== window ? null : waitForWindow(reader)
}

/** The reader has moved on only when its form is made: what could not be made now comes again at the next step. */
async function give(reader: Reader, portion: Portion, place: number): Promise<Step> {
  const bytes = await tryTo(async () => reader.form(reader.hub, portion, place))
  if (bytes === null) return signOfLife(reader)
  reader.position = portion.last
  reader.eventId = portion.lastId
  return bytes
}

async function signOfLife({ signal }: Reader): Promise<Step> {
  await pause(awayPause, signal)
  return heartbeat
}

/** The hub has not opened one yet, or is about to open another. */
async function waitForWindow({ hub, signal }: Reader): Promise<Step | null> {
  return (await nextWake(hub, signal)) === 'heartbeat' ? heartbeat : null
}

/** Null if the database is not available: then connected readers stay connected, because a new connection would find nothing either. */
async function tryTo<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof TookTooLong || isDatabaseAway(error)) return null
    throw error
  }
}
