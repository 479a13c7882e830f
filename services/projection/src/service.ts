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
import type { AuditFiles } from './audit/read-audit-files.ts'
import type { Drift } from './drift/drift.ts'
import type { Iati } from './iati/iati.ts'
import type { Recent, SeenOnDay } from './lists/recent.ts'
import type { CloudEventsOrigin } from './live/cloud-events.ts'
import type { Hub } from './live/hub.ts'
import type { FoldMemory } from './past/dense.ts'
import type { RebuildRunner } from './projections/rebuild/runner.ts'
import { type View } from './projections/view.ts'
import type { Slots } from './slots.ts'
import type { KnownDays } from './streams/counting-days.ts'
import type { Webhooks } from './webhooks/sending.ts'

export interface Service {
  /** `PROJECTION_MODE=read`: other instances apply the log, and connections may lead to standbys that have seen less than others. */
  readonly onlyReads: boolean
  /** For reads in a turn; `db` is the same. */
  readonly pool: Pool
  /** For downloads and for readers of the live feed, which keep a connection for as long as they read. */
  readonly streams: Pool
  readonly db: Kysely<Database>
  /** How far the statuses have got. */
  readonly view: StatusView
  /** How far the moments have got. */
  readonly moments: View<null>
  readonly today: () => Day
  readonly timeZone: string
  readonly rules: string
  readonly status: StatusReader
  /** Portfolios of now that were requested recently, by their filters as JSON. */
  readonly portfolios: LRUCache<string, Recent<KeptPortfolio>>
  /** Dense proposals at requested moments. */
  readonly folds: FoldMemory
  /** The days from which events count, for requested histories. */
  readonly knownDays: KnownDays
  readonly downloads: Slots
  /** Milliseconds after which a reader of a download that takes nothing is disconnected. */
  readonly stallLimit: number
  /** Readers that follow the feed as it grows. */
  readonly live: Hub
  readonly cloudEvents: CloudEventsOrigin
  /** The address of the licence under which the ledger is published, if the operator names one. */
  readonly dataLicence: string | undefined
  readonly rebuilds: RebuildRunner
  readonly drift: Drift
  /** How the ledger is published to IATI; null if it is not. */
  readonly iati: Iati | null
  readonly alarms: Alarms
  /** Null: no events are sent from here. */
  readonly webhooks: Webhooks | null
  /** The auditor's command and its documents; null if they are not built. */
  readonly audit: AuditFiles | null
  /** `no-cache`: caches may keep an answer, but must check each time whether it is still valid. With keys, only the caller may keep it. */
  readonly cacheControl: 'no-cache' | 'private, no-cache'
  /** Milliseconds for which a read waits for the requested position. */
  readonly patience: number
  readonly logger: Logger
}

export interface KeptPortfolio extends SeenOnDay {
  readonly body: string
  readonly etag: string
}
