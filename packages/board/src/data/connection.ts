/** The state of the connection: the newest position, whether the service answers, and when to ask again. */
import type { LogPoint } from '@commitments/client'
import { batch, signal } from '@preact/signals'
import { forgetAll } from './memory.ts'

/** Whenever this changes, the page compares its data with the service. */
export const beat = signal(0)
/** The newest position in any answer; null before the first. */
export const head = signal<LogPoint | null>(null)
/** Since when there has been no answer; null while answers come. */
export const silentSince = signal<Date | null>(null)
/** Whether the log was replaced since the page was opened. */
export const logReplaced = signal(false)
/** While a slider is moved. */
export const dragging = signal(false)

const askAgainEvery = 60_000
const tryAgainEvery = 5_000

export function noteAnswer({ position, logId }: LogPoint): void {
  if (logId === '') return
  const known = head.peek()
  batch(() => {
    if (silentSince.peek() !== null) silentSince.value = null
    if (known !== null && known.logId !== logId) {
      forgetAll()
      logReplaced.value = true
      beat.value += 1
      head.value = { position, logId }
    } else if (known === null || position > known.position) {
      head.value = { position, logId }
    }
  })
}

export function noteSilence(): void {
  silentSince.value ??= new Date()
}

export function askAgain(): void {
  beat.value += 1
}

/** A condition can change at midnight without any event, and others may record: the shown data are checked again. */
export function startBeat(): void {
  let last = Date.now()
  setInterval(() => {
    const pause = silentSince.peek() === null ? askAgainEvery : tryAgainEvery
    if (document.hidden || Date.now() - last < pause) return
    last = Date.now()
    askAgain()
  }, 1_000)
  addEventListener('online', askAgain)
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && Date.now() - last > askAgainEvery) {
      last = Date.now()
      askAgain()
    }
  })
}
