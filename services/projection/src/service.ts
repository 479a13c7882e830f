/** What the routes share. */

import type { Day } from '@commitments/domain'
import type { Database } from '@commitments/event-store'
import type { Kysely } from 'kysely'
import type { LRUCache } from 'lru-cache'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Alarms } from './alarms.ts'
import type { StatusReader } from './answers/read-status.ts'
import type { StatusView } from './answers/status-cache.ts'
import type { Drift } from './drift/drift.ts'
import type { Recent, SeenOnDay } from './lists/recent.ts'
import type { CloudEventsOrigin } from './live/cloud-events.ts'
import type { Hub } from './live/hub.ts'
import type { FoldMemory } from './past/dense.ts'
import type { RebuildRunner } from './projections/rebuild/runner.ts'
import { type View } from './projections/view.ts'
import type { Slots } from './slots.ts'
import type { KnownDays } from './streams/counting-days.ts'

export interface Service {
  /** For reads in a turn; `db` is the same. */
  readonly pool: Pool
  /** For downloads and for readers of the live feed, who hold a connection for as long as they take. */
  readonly streams: Pool
  readonly db: Kysely<Database>
  /** How far the statuses are. */
  readonly view: StatusView
  /** How far the moments are. */
  readonly moments: View<null>
  readonly today: () => Day
  readonly timeZone: string
  readonly rules: string
  readonly status: StatusReader
  /** Of now, by the filters as JSON: those that were asked for lately. */
  readonly portfolios: LRUCache<string, Recent<KeptPortfolio>>
  /** How dense proposals stood at moments that were asked for. */
  readonly folds: FoldMemory
  /** From which days the events of histories count that were asked for. */
  readonly knownDays: KnownDays
  readonly downloads: Slots
  /** Milliseconds after which a reader of a download that takes nothing is cut off. */
  readonly stallLimit: number
  /** Readers that follow the feed as it grows. */
  readonly live: Hub
  readonly cloudEvents: CloudEventsOrigin
  readonly rebuilds: RebuildRunner
  readonly drift: Drift
  readonly alarms: Alarms
  /** `no-cache`: keep it, but ask each time whether it is still right. With keys nobody but the caller may keep it. */
  readonly cacheControl: 'no-cache' | 'private, no-cache'
  /** Milliseconds for which a read waits for the position that it was asked for. */
  readonly patience: number
  readonly logger: Logger
}

export interface KeptPortfolio extends SeenOnDay {
  readonly body: string
  readonly etag: string
}
