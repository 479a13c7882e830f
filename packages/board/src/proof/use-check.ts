/** A check that runs again when its question changes; a result stays until the next one. */
import { ProblemError } from '@commitments/client'
import { useEffect, useRef, useState } from 'preact/hooks'
import { silentSince } from '../data/connection.ts'
import { type Failure, failureOf } from '../data/reading.ts'
import type { Service } from './check.ts'
import { serviceUntil } from './service.ts'

type Checks = typeof import('./check.ts')

interface Check<Result> {
  /** Equal keys are equal questions. */
  readonly key: string
  readonly run: (checks: Checks, service: Service) => Promise<Result>
  /** Whether time alone may change the result. */
  readonly isOpen: (result: Result) => boolean
}

interface Checking<Result> {
  readonly result: Result | null
  readonly failure: Failure | null
  readonly retry: () => void
}

/** Milliseconds between two checks: at first, and where waiting has not helped so far. */
const pause = { atFirst: 1_000, atMost: 60_000 }

class Checker<Result> {
  result: Result | null = null
  failure: Failure | null = null
  private check: Check<Result> | null = null
  private readonly stop = new AbortController()
  private timer: ReturnType<typeof setTimeout> | undefined
  private running = false
  private notBefore = 0
  private pause = pause.atFirst
  private readonly changed: () => void

  constructor(changed: () => void) {
    this.changed = changed
  }

  /** Called at each rendering: cheap if nothing has changed. */
  want(check: Check<Result> | null): void {
    const isNew = check !== null && check.key !== this.check?.key
    this.check = check
    if (!isNew) return
    this.pause = pause.atFirst
    this.plan()
  }

  private plan(): void {
    if (this.running) return
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.run(), Math.max(0, this.notBefore - performance.now()))
  }

  private async run(): Promise<void> {
    const { check } = this
    if (check === null) return
    this.running = true
    let isOpen = false
    try {
      this.result = await check.run(await import('./check.ts'), serviceUntil(this.stop.signal))
      this.failure = null
      isOpen = check.isOpen(this.result)
    } catch (error) {
      if (this.stop.signal.aborted) return
      this.failure = failureOf(error)
      // A refusal stays one; what was only away comes back.
      isOpen = !(error instanceof ProblemError) || error.status >= 500
    }
    this.running = false
    this.notBefore = performance.now() + this.pause
    if (isOpen) this.pause = Math.min(2 * this.pause, pause.atMost)
    if (isOpen || check.key !== this.check?.key) this.plan()
    this.changed()
  }

  end(): void {
    this.stop.abort()
    clearTimeout(this.timer)
  }

  readonly retry = (): void => {
    this.failure = null
    this.notBefore = 0
    this.plan()
    this.changed()
  }
}

export function useCheck<Result>(check: Check<Result> | null): Checking<Result> {
  const [, redraw] = useState(0)
  const held = useRef<Checker<Result>>(null)
  held.current ??= new Checker<Result>(() => redraw((count) => count + 1))
  const checker = held.current
  checker.want(check)
  useEffect(() => () => checker.end(), [checker])
  const { result, failure, retry } = checker
  // The notice of a lost connection says it once for the whole page.
  const isSaid = failure?.code === 'unreachable' && silentSince.value !== null
  return { result, failure: isSaid ? null : failure, retry }
}
