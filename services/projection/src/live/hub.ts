/**
 * The one follower of the log that all readers of the live feed share. It runs while there are readers, reads each event once, and wakes
 * them. Each reader decides what it takes and when (`reader.ts`).
 */

import { pause, runLoop, withTimeout } from '@commitments/event-store'
import { createTurns, type Turns } from '@commitments/http-kit/turns'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { reached, type View } from '../projections/view.ts'
import { createSlots, type Slots } from '../slots.ts'
import { type Range, readRange } from './read-range.ts'
import { extend, openWindow, type Window } from './window.ts'

/** Why a reader was woken: the window has moved, a sign of life is due, or the stream is over. */
type Wake = 'moved' | 'heartbeat' | 'over'

interface HubOptions {
  readonly pool: Pool
  /** Its position shows that there is something new. */
  readonly view: View
  /** Connections may lead to standbys that have seen less than others: a shorter log is then no other log. */
  readonly onlyReads: boolean
  readonly logger: Logger
  /** The most readers at the same time. */
  readonly limit: number
  /** Milliseconds between two signs of life to a reader without new events. */
  readonly heartbeatEvery: number
  /** Milliseconds after which the log is read although the view has not moved: the view may have stopped, or the log may be another one. */
  readonly lookEvery?: number
}

export interface Hub extends HubOptions {
  readonly slots: Slots
  /** Null while nothing is followed. A new object means that everything known about the log must be read again. */
  window: Window | null
  readonly waiting: Set<(wake: Wake) => void>
  /** The number of readers that are served. */
  readers: number
  running: Promise<void> | null
  readonly closing: AbortController
  /** Ends the connection of each open stream. */
  readonly connections: Set<() => void>
  /** Limits the database reads of readers that are behind. */
  readonly catchingUp: Turns
  /** Readers that were disconnected since the start because they took nothing. */
  cutOff: number
}

/** Ranges that are read at once for all readers that are behind. */
const catchUpsAtOnce = 4

const usualLookEvery = 1_000

/** The same if the view has moved but the log has nothing new. */
const viewPause = 100

/** Milliseconds for one read of the log. */
export const readLimit = 15_000

/** Milliseconds that a reader has to take the rest when the service closes. */
const closingPatience = 2_000

export function createHub(options: HubOptions): Hub {
  return {
    ...options,
    slots: createSlots(options.limit),
    window: null,
    waiting: new Set(),
    readers: 0,
    running: null,
    closing: new AbortController(),
    connections: new Set(),
    catchingUp: createTurns(catchUpsAtOnce),
    cutOff: 0,
  }
}

export function join(hub: Hub): void {
  hub.readers += 1
  hub.running ??= run(hub)
}

/** When the last reader has left, the hub stops by itself. */
export function leave(hub: Hub): void {
  hub.readers -= 1
}

/** Waits until there is a reason to look at the window, or the signal fires. */
export function nextWake(hub: Hub, signal: AbortSignal): Promise<Wake> {
  if (hub.closing.signal.aborted || signal.aborted) return Promise.resolve('over')
  return new Promise((resolve) => {
    const resume = (wake: Wake) => {
      signal.removeEventListener('abort', giveUp)
      hub.waiting.delete(resume)
      resolve(wake)
    }
    const giveUp = () => resume('over')
    signal.addEventListener('abort', giveUp, { once: true })
    hub.waiting.add(resume)
  })
}

/** Ends every stream properly, so that its reader comes back with its id; a reader that takes nothing is disconnected soon after. */
export function closeHub(hub: Hub): void {
  hub.closing.abort()
  wakeAll(hub, 'over')
  setTimeout(() => {
    for (const end of hub.connections) end()
  }, closingPatience).unref()
}

function wakeAll(hub: Hub, wake: Wake): void {
  for (const resume of hub.waiting) resume(wake)
}

async function run(hub: Hub): Promise<void> {
  const { logger, heartbeatEvery, closing } = hub
  const beat = setInterval(() => wakeAll(hub, 'heartbeat'), heartbeatEvery)
  const onFailure = (error: unknown, failures: number) =>
    logger.warn({ err: error, failures }, 'the live feed could not read the log and tries again')
  await runLoop({ turn: () => follow(hub), goesOn: () => hasReaders(hub), stopping: closing.signal, onFailure })
  clearInterval(beat)
}

/** When the last reader has left, the hub stops in the same step; the next reader starts it again. */
function hasReaders(hub: Hub): boolean {
  if (hub.readers > 0) return true
  hub.window = null
  hub.running = null
  return false
}

async function follow(hub: Hub): Promise<void> {
  const { window, pool, view, lookEvery = usualLookEvery } = hub
  const range = await withTimeout(readLimit, readRange(pool, window?.end ?? Number.MAX_SAFE_INTEGER))
  if (window === null || !continues(hub, range, window.logId, window.end, window.endId)) {
    hub.window = openWindow(range.logId, range.head, range.headId)
    wakeAll(hub, 'moved')
  } else if (range.lines.length > 0) {
    extend(window, range.lines)
    wakeAll(hub, 'moved')
    await pause(gapFor(hub.readers), hub.closing.signal)
  } else if (view.position <= window.end) {
    await reached(view, window.end + 1, lookEvery, hub.closing.signal)
  } else {
    // After a restore, the view learns last how short the log now is.
    await pause(viewPause, hub.closing.signal)
  }
}

/**
 * Whether a range belongs to the log of which a reader has everything up to the position. After a failover that lost events, the same log can
 * have another event there, and has grown beyond it.
 *
 * @param eventId of the event at the position, as the reader has it; null: not known
 */
export function continues(
  { onlyReads }: Pick<Hub, 'onlyReads'>,
  { logId, head, at }: Range,
  ofLog: string,
  position: number,
  eventId: string | null,
): boolean {
  if (logId !== ofLog) return false
  return head < position ? onlyReads : eventId === null || at === eventId
}

/**
 * Milliseconds between two deliveries. Waking a reader and writing to it costs some ten microseconds. So, however much is appended, all of
 * them together take at most a fifth of a processor, and each write carries everything that came meanwhile.
 */
function gapFor(readers: number): number {
  return Math.ceil(readers / 10)
}
