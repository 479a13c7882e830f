/**
 * One reader of the live feed. It holds nothing but the position that it is at: each step takes what comes after it, from
 * the window that all share, or from the log where it is further behind. So there is no gap and nothing comes twice,
 * whichever of the two it takes from; and since a step is made only when the last one was written, a slow reader makes
 * nothing pile up.
 */
import { pause, TookTooLong, withTimeout } from '@commitments/event-store'
import { isDatabaseAway } from '../database-away.ts'
import { inTurn } from '../turns.ts'
import { framesOf, heartbeat } from './frames.ts'
import { type Hub, join, leave, nextWake, readLimit } from './hub.ts'
import { type Range, readRange } from './read-range.ts'
import type { StreamId } from './stream-id.ts'
import { takeAfter, type Window } from './window.ts'

interface Reader {
  readonly hub: Hub
  readonly logId: string
  readonly signal: AbortSignal
  position: number
  /** The window that was found to follow on what this reader has. */
  window: Window | null
}

/** Bytes to write, or that it is over: the log is another one, shorter than what was read of it, or it closes. */
type Step = Buffer | 'over'

/** Milliseconds until a range is asked for again where the database is away; the reader hears a sign of life each time. */
const awayPause = 1_000

/** What to write to a reader that has everything up to a position of a log, for as long as it stays. */
export async function* followFrom(
  hub: Hub,
  { logId, position }: StreamId,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const reader: Reader = { hub, logId, signal, position, window: null }
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
      reader.position = taken.position
      return taken.bytes
    }
  }
}

/** The next range of the log; null where there is none, and the reader can go on with the window. */
async function catchUp(reader: Reader): Promise<Step | null> {
  const { hub, position, signal } = reader
  // Taken before the read: what this window does not hold any more, the read has seen.
  const { window } = hub
  const range = await tryRange(reader)
  if (range === null) {
    await pause(awayPause, signal)
    return heartbeat
  }
  if (range.logId !== reader.logId || range.head < position) return 'over'
  const last = range.lines.at(-1)?.position ?? position
  const joins = window !== null && window.logId === reader.logId && last >= window.start
  if (joins) reader.window = window
  // A window that was opened meanwhile has woken those who waited, and this reader did not yet: it may hold an event by now.
  if (range.lines.length === 0) return joins || hub.window !== window ? null : waitForWindow(reader)
  reader.position = last
  return framesOf(reader.logId, range.lines).bytes
}

/** The hub has not opened one yet, or is about to open another. */
async function waitForWindow({ hub, signal }: Reader): Promise<Step | null> {
  return (await nextWake(hub, signal)) === 'heartbeat' ? heartbeat : null
}

/** Null where the database is away: then whoever is connected stays so, since a new connection would find nothing either. */
async function tryRange({ hub, position }: Reader): Promise<Range | null> {
  try {
    return await inTurn(hub.catchingUp, () => withTimeout(readLimit, readRange(hub.pool, position)))
  } catch (error) {
    if (error instanceof TookTooLong || isDatabaseAway(error)) return null
    throw error
  }
}
