/**
 * What a service that records knows of the log from what the log has told it, and what follows when the log says otherwise.
 *
 * A failover to a server that lacks the last events, or a restore, gives another past under the same Log-Id. Three things show it: the newest
 * event that this service was told of is not there; more of the log was signed than it has; or the server is another one, or on another timeline,
 * and the signer has not yet shown there that the log continues what was signed. A service that has just started knows only the last two.
 * A database that holds another ledger, such as a new one where the volume was lost, has lost everything.
 */
import type { KnownPast, LogState } from '@commitments/event-store'

export interface KnownLog extends KnownPast {
  logId: string
  newest: LogState['newest']
  timeline: string | null
  /** When it last looked, on the clock of `performance`. */
  lookedAt: number
  /** How many erasures there were at the last look. */
  erasures: number
  /**
   * Grows with each other past that was found, and with each erasure: what was read before is then about events that may never have existed,
   * or has texts that are to be forgotten.
   */
  pasts: number
  /** Why nothing may be recorded before an operator has decided; null: it may. */
  lost: string | null
  /** Since when the signer is waited for on this timeline; null: it is not. */
  waitingSince: number | null
  /** What the signer has found meanwhile. */
  halt: string | null
}

/** Milliseconds for which the signer is waited for. If it does not come by then, it is away, and recording must not depend on it. */
export const usualConfirmation = 10_000

/** Nothing is compared before the first look. */
export function unknownLog(): KnownLog {
  const nothing = { newest: null, timeline: null, lost: null, waitingSince: null, halt: null }
  return { ...nothing, logId: '', lookedAt: -Infinity, pasts: 0, erasures: 0 }
}

/**
 * Takes in what a look has found.
 *
 * @param asked what was known of the newest event when the look began
 */
export function learn(known: KnownLog, asked: LogState['newest'], state: LogState, now: number): void {
  const { logId, timeline, newest } = state
  // It may be behind, and takes no writes in any case.
  if (state.isStandby && known.logId !== '') return void (known.lookedAt = now)
  const isAnother = logId !== known.logId
  if (isAnother && !state.succeeds) {
    known.pasts += 1
    return void Object.assign(known, { lookedAt: now, lost: lossOfLedger(known.logId, logId) })
  }
  if (isAnother || timeline !== known.timeline || state.erasures !== known.erasures) known.pasts += 1
  if (timeline !== known.timeline) known.waitingSince = null
  Object.assign(known, { logId, timeline, lookedAt: now, halt: state.halt, erasures: state.erasures })
  // An accepted restore: what was known of the log before it is given up.
  if (isAnother) known.newest = newest
  known.lost = isAnother ? lossOf(null, state) : lossOf(asked, state)
  if (known.lost === null && newest !== null) noteNewest(known, newest)
  known.waitingSince = isConfirmed(state) ? null : (known.waitingSince ?? now)
}

/** An event that is in the log, as the log said. */
export function noteNewest(known: KnownLog, event: { readonly position: number; readonly eventId: string }): void {
  if (event.position > (known.newest?.position ?? 0)) known.newest = event
}

/** Whether the signer is still waited for. */
export function isWaiting({ waitingSince }: KnownLog, limit: number, now: number): boolean {
  return waitingSince !== null && now - waitingSince < limit
}

/** What is not known to be otherwise counts as confirmed: a log that was never signed, and a server that does not tell its timeline. */
function isConfirmed({ isSigned, timeline, confirmed }: LogState): boolean {
  return !isSigned || timeline === null || confirmed === null || timeline === confirmed
}

function lossOf(asked: LogState['newest'], { newest, found, taken }: LogState): string | null {
  const head = newest?.position ?? 0
  if (asked !== null && found !== asked.eventId) return lossOfEvent(asked.position, head)
  return taken > head
    ? `The log ends at position ${head}, but ${taken} events of it are signed or in its tree. ${advice}`
    : null
}

function lossOfLedger(known: string, found: string): string {
  return (
    `The database holds another ledger: its log is ${found}, which no accepted restore has put in the place of ${known}. Lead this service back to its ` +
    'database, or restore that; if this ledger is meant, start the service again.'
  )
}

function lossOfEvent(position: number, head: number): string {
  const end = head < position ? ` The log ends at position ${head}.` : ''
  return `The event at position ${position}, which was acknowledged, is no longer in the log.${end} ${advice}`
}

const advice =
  'A failover or a restore has lost events. Go back to the server that has them or, to give them up, stop the services, run ' +
  '`npm run accept-restore -- --reason "…"` (a new Log-Id; the fork goes on record), and start them again.'
