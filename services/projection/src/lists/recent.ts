/**
 * Keeps an expensive answer about the whole ledger. It is computed once for all callers that ask at the same time, and again when the
 * ledger has changed, but computing takes at most a tenth of the time. So a busy ledger is not read over and over; the position of the
 * answer says what it has seen.
 */
import { forEverybody } from '@commitments/http-kit'

export interface Recent<T extends SeenOnDay> {
  readonly compute: () => Promise<T>
  last: { value: T; from: number; took: number } | null
  underWay: Promise<T> | null
}

export interface SeenOnDay {
  readonly generation: number
  /** Of the view, when the read began (`View.pasts`). */
  readonly pasts: number
  readonly position: number
  readonly logId: string
  readonly day: string
}

export function createRecent<T extends SeenOnDay>(compute: () => Promise<T>): Recent<T> {
  return { compute, last: null, underWay: null }
}

/** Share of the time that may go into computing. */
const share = 0.1

/** An answer for the same day, log, past and generation that has seen `atLeast`; it may not have seen all of `now`. */
export async function readRecent<T extends SeenOnDay>(recent: Recent<T>, now: SeenOnDay, atLeast: number): Promise<T> {
  if (recent.last && serves(recent.last, now, atLeast)) return recent.last.value
  // The computation that others wait for may have begun too early for us; the next one has not.
  if (recent.underWay) {
    const joined = await recent.underWay
    if (sameBase(joined, now) && joined.position >= atLeast) return joined
  }
  recent.underWay ??= forEverybody(() => computeOnce(recent))
  return recent.underWay
}

function serves(last: NonNullable<Recent<SeenOnDay>['last']>, now: SeenOnDay, atLeast: number): boolean {
  const { value, from, took } = last
  if (!sameBase(value, now) || value.position < atLeast) return false
  return value.position >= now.position || performance.now() - from < took / share
}

function sameBase(a: SeenOnDay, b: SeenOnDay): boolean {
  return a.logId === b.logId && a.pasts === b.pasts && a.generation === b.generation && a.day === b.day
}

async function computeOnce<T extends SeenOnDay>(recent: Recent<T>): Promise<T> {
  const from = performance.now()
  try {
    const value = await recent.compute()
    recent.last = { value, from, took: performance.now() - from }
    return value
  } finally {
    recent.underWay = null
  }
}
