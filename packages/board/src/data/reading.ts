/** Answers of the API on the page: each stays until the next one comes, and each panel has its own errors. */
import { type LogPoint, ProblemError, Unreachable } from '@commitments/client'
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Ask, askNow, keyOf } from './ask.ts'
import { beat, dragging, head, noteAnswer, noteSilence, silentSince } from './connection.ts'
import { isSettled, keep, kept } from './memory.ts'
import { shared } from './shared.ts'

export interface Failure {
  /** The code of the problem document; `unreachable` if no answer came. */
  readonly code: string
  /** The service's own sentence, in English; null if there is none. */
  readonly detail: string | null
}

interface Answer<Value> extends LogPoint {
  readonly value: Value
  /** The key of the request that it answers. */
  readonly key: string
}

export interface Reading<Value> {
  /** The answer to the current request, or to the previous one until it comes. */
  readonly answer: Answer<Value> | null
  /** Whether `answer` is for the current request. */
  readonly current: boolean
  readonly failure: Failure | null
  readonly retry: () => void
}

/** The requests of one panel. */
class Reader<Value> {
  answer: Answer<Value> | null = null
  failure: Failure | null = null
  wanted: Ask<Value> | null = null
  private wantedKey: string | null = null
  private beat = 0
  private underWay: { readonly key: string; readonly stop: AbortController } | null = null

  private readonly changed: () => void

  constructor(changed: () => void) {
    this.changed = changed
  }

  /** Called at each rendering: cheap if nothing has changed. */
  want(ask: Ask<Value> | null, beatNow: number): void {
    const key = ask === null ? null : keyOf(ask)
    // Nothing of a log that was replaced stays beside what is read from its successor.
    if (this.answer !== null && isOfReplaced(this.answer)) this.answer = null
    const again = this.beat !== beatNow
    if (key === this.wantedKey && !again) return
    this.wanted = ask
    this.beat = beatNow
    if (key !== this.wantedKey) this.failure = null
    this.wantedKey = key
    if (ask === null || key === null) return this.stop()
    const known = kept<Value>(key)
    if (known !== undefined) this.answer = known
    if (known?.settled === true) return
    this.send()
  }

  /** While a slider is dragged, the running request is not aborted, and only the newest one follows it. */
  private send(): void {
    if (this.underWay !== null) {
      if (dragging.peek() || this.underWay.key === this.wantedKey) return
      this.stop()
    }
    if (this.wanted !== null && this.wantedKey !== null) void this.run(this.wanted, this.wantedKey)
  }

  private async run(ask: Ask<Value>, key: string): Promise<void> {
    const stop = new AbortController()
    this.underWay = { key, stop }
    try {
      const seen = await shared(key, stop.signal, (signal) => askNow(ask, signal))
      const answer = { ...seen, key }
      const usable = noteAnswer(answer, isSettled(key))
      if (usable) keep(key, answer)
      this.settle(stop, () => {
        if (usable) this.answer = answer
        this.failure = null
      })
    } catch (error) {
      if (stop.signal.aborted) return
      if (error instanceof Unreachable) noteSilence()
      this.settle(stop, () => {
        if (key === this.wantedKey) this.failure = failureOf(error)
      })
    }
  }

  private settle(stop: AbortController, apply: () => void): void {
    if (stop.signal.aborted) return
    const { key } = this.underWay ?? {}
    this.underWay = null
    apply()
    if (key !== this.wantedKey) this.send()
    this.changed()
  }

  stop(): void {
    this.underWay?.stop.abort()
    this.underWay = null
  }

  readonly retry = (): void => {
    this.failure = null
    this.send()
    this.changed()
  }

  get current(): boolean {
    return this.answer !== null && this.answer.key === this.wantedKey
  }
}

function isOfReplaced({ logId }: LogPoint): boolean {
  const now = head.peek()
  return logId !== '' && now !== null && logId !== now.logId
}

export function failureOf(error: unknown): Failure {
  if (error instanceof ProblemError) return { code: error.code, detail: error.problem.detail }
  if (error instanceof Unreachable) return { code: 'unreachable', detail: null }
  return { code: 'broken', detail: error instanceof Error ? error.message : String(error) }
}

/** The answer to a request, sent again whenever the request changes. Null requests nothing. */
export function useReading<Value>(ask: Ask<Value> | null): Reading<Value> {
  const [, redraw] = useState(0)
  const held = useRef<Reader<Value>>(null)
  held.current ??= new Reader<Value>(() => redraw((count) => count + 1))
  const reader = held.current
  reader.want(ask, beat.value)
  useEffect(() => () => reader.stop(), [reader])
  const { answer, current, failure, retry } = reader
  // The notice of a lost connection says it once for the whole page.
  const isSaid = failure?.code === 'unreachable' && current && silentSince.value !== null
  return { answer, current, failure: isSaid ? null : failure, retry }
}

/** What may be shown: the answer to another request is not shown when this request is refused. */
export function shownOf<Value>({ answer, current, failure }: Reading<Value>): Value | null {
  return answer === null || (failure !== null && !current) ? null : answer.value
}
