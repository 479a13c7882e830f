/** Background work over a database that may be unavailable: its loop, its pauses, its time limits. */
import { setTimeout as sleep } from 'node:timers/promises'

interface Loop {
  /** One piece of the work, and the pause after it. */
  readonly turn: () => Promise<void>
  readonly stopping: AbortSignal
  /** Asked before each turn: false ends the loop. If absent, the loop runs until `stopping` fires. */
  readonly goesOn?: () => boolean
  /** Called for each failed turn, except for one that failed because it was stopped. `failures`: in a row. */
  readonly onFailure: (error: unknown, failures: number) => void
}

/** Takes one turn after the other. A failed turn is followed by a pause, longer after more failures in a row; it never throws. */
export async function runLoop({ turn, stopping, goesOn = () => true, onFailure }: Loop): Promise<void> {
  let failures = 0
  while (!stopping.aborted && goesOn()) {
    try {
      await turn()
      failures = 0
    } catch (error) {
      if (stopping.aborted) return
      failures += 1
      onFailure(error, failures)
      await pause(restAfter(failures), stopping)
    }
  }
}

const firstRest = 100
const longestRest = 5_000

function restAfter(failures: number): number {
  return Math.min(firstRest * 2 ** (failures - 1), longestRest)
}

/** Resolves after so many milliseconds, or as soon as the signal fires. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined)
}

/** Thrown by `withTimeout`. */
export class TookTooLong extends Error {
  override readonly name = 'TookTooLong'
}

/**
 * The value of the promise, or a `TookTooLong` after so many milliseconds. The work itself is not ended: this is for queries over a
 * half-open connection, where neither an answer nor an error would ever come.
 */
export async function withTimeout<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const give = () => reject(new TookTooLong(`No answer within ${Math.round(milliseconds)} ms.`))
  const timer = setTimeout(give, Math.max(0, milliseconds))
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** The position at the last look, and when it was first seen there with something left to do (null: never). */
export interface Movement {
  at: number
  since: number | null
}

/** Nothing was seen yet. */
export function unseen(): Movement {
  return { at: -1, since: null }
}

/** Milliseconds within which work that has something to do must have moved. */
const stuckAfter = 10_000

/**
 * Whether something does not move although there is more to do. However much time passes between two looks, only what was seen both times
 * counts.
 *
 * @param now on any clock that never goes back, in milliseconds
 */
export function isStuck(movement: Movement, at: number, isDone: boolean, now: number): boolean {
  if (at !== movement.at || isDone) Object.assign(movement, { at, since: null })
  if (isDone) return false
  movement.since ??= now
  return now - movement.since >= stuckAfter
}
