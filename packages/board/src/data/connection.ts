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

let heardAt = Date.now()
let visibleAt = Date.now()
let lag: number = lagging.atFirst
let lagTimer: ReturnType<typeof setTimeout> | undefined
/** Logs that were replaced: a late answer from one of them is never shown beside the log of now. */
const replaced = new Set<string>()

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
  heardAt = Date.now()
  if (silentSince.peek() !== null) silentSince.value = null
}

/** No answer came, or nothing was heard for too long. */
export function noteSilence(): void {
  if (silentSince.peek() !== null) return
  silentFrom = head.peek()?.position ?? null
  missed.value = 0
  silentSince.value = new Date(heardAt)
}

export function askAgain(): void {
  beat.value += 1
}

/** A condition can change at midnight without any event, and others may record: the shown data are checked again. */
export function startBeat(): void {
  let last = Date.now()
  const again = () => {
    last = Date.now()
    askAgain()
  }
  setInterval(() => {
    if (document.hidden) return
    if (Date.now() - Math.max(heardAt, visibleAt) > silenceAfter) noteSilence()
    if (Date.now() - last >= (silentSince.peek() === null ? askAgainEvery : tryAgainEvery)) again()
  }, 1_000)
  addEventListener('online', again)
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return
    visibleAt = Date.now()
    if (Date.now() - last > askAgainEvery) again()
  })
}
