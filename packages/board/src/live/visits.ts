/** Until where this browser has seen the log: kept here and sent to nobody. */
import { signal } from '@preact/signals'
import { head } from '../data/connection.ts'
import { choose, chosen } from '../reader/choices.ts'

interface Visit {
  readonly logId: string
  readonly position: number
  /** When, by the clock of this browser. */
  readonly at: string
}

/** A reload goes on with the same visit. */
const storageKey = 'commitments.before'

const before = signal<Visit | null>(null)

/** Where the visit before this one ended; null on the first visit. */
export function lastVisit(): Visit | null {
  return before.value
}

/** The reader has seen what is new since the last visit: from now on, only what comes later is. */
export function endLastVisit(): void {
  const now = visitNow()
  if (now === null) return
  before.value = now
  keepForReload(now)
  choose('seen', JSON.stringify(now))
}

/** Begins a visit. It ends whenever the reader looks away, because nobody knows whether they come back. */
export function startVisit(): void {
  const kept = keptForReload()
  before.value = visitIn(kept ?? chosen('seen'))
  if (kept === null) keepForReload(before.value)
  addEventListener('pagehide', noteVisit)
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) noteVisit()
  })
}

function noteVisit(): void {
  const now = visitNow()
  if (now !== null) choose('seen', JSON.stringify(now))
}

function visitNow(): Visit | null {
  const now = head.peek()
  return now === null ? null : { logId: now.logId, position: now.position, at: new Date().toISOString() }
}

function visitIn(text: string | null): Visit | null {
  try {
    const { logId, position, at } = JSON.parse(text ?? 'null') as Visit
    const sound = typeof logId === 'string' && Number.isSafeInteger(position) && !Number.isNaN(Date.parse(at))
    return sound ? { logId, position, at } : null
  } catch {
    return null
  }
}

function keptForReload(): string | null {
  try {
    return sessionStorage.getItem(storageKey)
  } catch {
    return null
  }
}

function keepForReload(visit: Visit | null): void {
  try {
    sessionStorage.setItem(storageKey, JSON.stringify(visit))
  } catch {
    // Then a reload begins a new visit.
  }
}
