/** What is known of the service as a whole: how far it has seen, whether it answers, and when to ask again. */
import type { LogPoint } from '@commitments/client'
import { batch, signal } from '@preact/signals'
import { forgetAll } from './memory.ts'

/** Asking again: what is on the page is compared with the service whenever this changes. */
export const beat = signal(0)
/** The newest position that any answer had seen; null before the first. */
export const head = signal<LogPoint | null>(null)
/** Since when no answer came; null while they come. */
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

/** A condition changes at midnight without any event, and others record: what is shown is looked at again. */
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
