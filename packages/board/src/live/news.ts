/** What one tab hears and tells the others: how far the log is known, and what was recorded. */
import type { LogPoint } from '@commitments/client'

export interface Change {
  readonly proposalId: string
  readonly position: number
  /** Null if it is not known. */
  readonly type: string | null
}

/** How news come: at once, or by asking every few seconds. */
export type Way = 'live' | 'polling'

export interface News extends LogPoint {
  readonly way: Way
  /** In the order of the log; empty for a sign of life. */
  readonly changes: readonly Change[]
}
