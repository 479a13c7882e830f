/** The state of the connection: the newest position, whether anything is heard of the service, and when to ask again. */
import type { LogPoint } from '@commitments/client'
import { batch, signal } from '@preact/signals'
import { forgetAll } from './memory.ts'

/** Whenever this changes, the page compares its data with the service. */
export const beat = signal(0)
/** The newest known position; null before the first answer. */
export const head = signal<LogPoint | null>(null)
/** When the service was last heard of, if that is too long ago; null while the connection is good. */
export const silentSince = signal<Date | null>(null)
/** How many events were recorded during the last silence, until the reader dismisses it. */
export const missed = signal(0)
/** Whether the log was replaced since the page was opened. */
export const logReplaced = signal(false)
/** While a slider is moved. */
export const dragging = signal(false)

const askAgainEvery = 60_000
const tryAgainEvery = 5_000
/** Milliseconds without any answer or sign of life after which the page says so. */
const silenceAfter = 20_000
/** An answer that is behind the known end of the log is asked for again, less and less often. */
const lagging = { atFirst: 1_000, atMost: 60_000 }

let heard = moment()
let visible = moment()
let lag: number = lagging.atFirst
let lagTimer: ReturnType<typeof setTimeout> | undefined
/** Logs that were replaced: a late answer from one of them is never shown beside the log of now. */
const replaced = new Set<string>()

/** By both clocks: that of the day may be set back, and the other may stand still while the device sleeps. */
interface Moment {
  readonly date: Date
  readonly ticks: number
}

function moment(): Moment {
  return { date: new Date(), ticks: performance.now() }
}

function millisecondsSince({ date, ticks }: Moment): number {
  return Math.max(Date.now() - date.getTime(), performance.now() - ticks)
}

/** Whether the answer may be shown. */
export function noteAnswer({ position, logId }: LogPoint, settled: boolean): boolean {
  noteLife()
  if (logId === '') return true
  if (!settled) {
    const known = head.peek()
    if (known !== null && known.logId === logId && position < known.position) askLater()
    else lag = lagging.atFirst
  }
  return noteHead({ position, logId })
}

function askLater(): void {
  lagTimer ??= setTimeout(() => {
    lagTimer = undefined
    askAgain()
  }, lag)
  lag = Math.min(2 * lag, lagging.atMost)
}

/** @returns false for a log that was replaced */
export function noteHead({ position, logId }: LogPoint): boolean {
  if (replaced.has(logId)) {
    askLater()
    return false
  }
  const known = head.peek()
  batch(() => {
    if (known !== null && known.logId !== logId) {
      replaced.add(known.logId)
      forgetAll()
      logReplaced.value = true
      missed.value = 0
      beat.value += 1
      head.value = { position, logId }
    } else if (known === null || position > known.position) {
      if (known !== null && silentFrom === known.position) missed.value = position - known.position
      head.value = { position, logId }
    }
    silentFrom = null
  })
  return true
}

/** The position at which the last silence began; null once it is known what was missed. */
let silentFrom: number | null = null

/** Anything that was heard of the service. */
export function noteLife(): void {
  heard = moment()
  if (silentSince.peek() !== null) silentSince.value = null
}

/** No answer came, or nothing was heard for too long. */
export function noteSilence(): void {
  if (silentSince.peek() !== null) return
  silentFrom = head.peek()?.position ?? null
  missed.value = 0
  silentSince.value = heard.date
}

export function askAgain(): void {
  beat.value += 1
}

/** A condition can change at midnight without any event, and others may record: the shown data are checked again. */
export function startBeat(): void {
  let last = moment()
  const again = () => {
    last = moment()
    askAgain()
  }
  setInterval(() => {
    if (document.hidden) return
    if (Math.min(millisecondsSince(heard), millisecondsSince(visible)) > silenceAfter) noteSilence()
    if (millisecondsSince(last) >= (silentSince.peek() === null ? askAgainEvery : tryAgainEvery)) again()
  }, 1_000)
  addEventListener('online', again)
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return
    visible = moment()
    if (millisecondsSince(last) > askAgainEvery) again()
  })
}
