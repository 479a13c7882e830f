import type { AppendLimits } from './append.ts'
import type { KnownIdentity } from './identity.ts'
import type { Log } from './log.ts'
import type { RecorderMetrics } from './metrics.ts'
import type { StreamCache } from './streams.ts'

/** What the parts of the recorder work with. Their functions take this as the first argument. */
export interface RecorderState {
  readonly log: Log
  readonly identity: KnownIdentity
  readonly cache: StreamCache
  readonly clock: () => Date
  /** Of the ledger: decides on which day something is recorded. */
  readonly timeZone: string
  readonly limits: AppendLimits
  readonly metrics: RecorderMetrics
  /** Tells those who follow the log that it now reaches this position. A hint: it may get lost. */
  readonly announce: (position: number) => void
  /** Told of faults that no caller's answer can carry. */
  readonly warn: (detail: object, message: string) => void
}
