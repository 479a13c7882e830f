import { ProblemError, Unreachable } from './errors.ts'

/** When and for how long a request is retried. All in milliseconds. */
export interface Retries {
  /** All attempts of one call together, with the pauses between them. Default: a minute. */
  readonly withinMs: number
  /** One attempt. It must be longer than the services take to give up (10 s), or their answer is not received. Default: 30 s. */
  readonly attemptMs: number
  /** The first pause; it doubles with each failure. Default: 100 ms. */
  readonly firstPauseMs: number
  /** The longest pause, unless the service asks for a longer one. Default: 5 s. */
  readonly longestPauseMs: number
}

export const usualRetries: Retries = {
  withinMs: 60_000,
  attemptMs: 30_000,
  firstPauseMs: 100,
  longestPauseMs: 5_000,
}

/** The attempts of one call so far. */
export interface Attempts {
  readonly retries: Retries
  failures: number
  /** When the call is given up, on the clock of `performance.now()`. */
  until: number
}

export function beginAttempts(retries: Retries): Attempts {
  return { retries, failures: 0, until: performance.now() + retries.withinMs }
}

/** There was progress, so a later failure is a new failure. */
export function noteProgress(attempts: Attempts): void {
  attempts.failures = 0
  attempts.until = performance.now() + attempts.retries.withinMs
}

/** How long the next attempt may take. */
export function attemptLimit({ retries, until }: Attempts): number {
  return Math.max(1, Math.min(retries.attemptMs, until - performance.now()))
}

/**
 * Sends until there is an answer. Only temporary failures are retried: no answer, 429 and 503. The work must be safe to repeat.
 *
 * @throws the last failure, if it is not temporary or no time is left; the signal's reason when that is aborted
 */
export async function withRetries<Value>(
  retries: Retries,
  signal: AbortSignal | undefined,
  attempt: (attempts: Attempts) => Promise<Value>,
): Promise<Value> {
  const attempts = beginAttempts(retries)
  for (;;) {
    try {
      return await attempt(attempts)
    } catch (error) {
      await pauseAfter(attempts, error, signal)
    }
  }
}

/** Waits before the next attempt. @throws the failure itself if there is to be none */
export async function pauseAfter(attempts: Attempts, failure: unknown, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  if (!isTransient(failure)) throw failure
  const pause = Math.max(backOff(attempts), retryAfter(failure))
  if (performance.now() + pause >= attempts.until) throw failure
  attempts.failures += 1
  await sleep(pause, signal)
}

/** 408 means that something came too slowly; 502 and 504 are what a gateway says about a service that it cannot reach. */
const transientStatuses: ReadonlySet<number> = new Set([408, 429, 502, 503, 504])

/** Whether the same request may succeed later. */
export function isTransient(failure: unknown): boolean {
  if (failure instanceof ProblemError) return transientStatuses.has(failure.status)
  return failure instanceof Unreachable
}

/** Doubles with each failure; between half and all of it, so that clients that failed together do not come back together. */
function backOff({ retries: { firstPauseMs, longestPauseMs }, failures }: Attempts): number {
  const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures, 30))
  return longest * (0.5 + Math.random() / 2)
}

/** The pause that the service asks for, in milliseconds, plus up to a tenth, for the same reason. */
function retryAfter(failure: unknown): number {
  const value = failure instanceof ProblemError ? failure.headers.get('Retry-After') : null
  if (value === null) return 0
  const wished = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isFinite(wished) ? Math.max(0, wished) * (1 + Math.random() / 10) : 0
}

function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const wake = () => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }
    const timer = setTimeout(wake, milliseconds)
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', stop, { once: true })
  })
}
