import type { Follower } from '@commitments/event-store'
import { type ApiKeys, type Check, type Tokens, type Tracing, usualStallLimitMs } from '@commitments/http-kit'
import type { Settings } from '@commitments/iati'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { AuditFiles } from './audit/read-audit-files.ts'
import type { Board } from './board/read-board.ts'
import type { ProjectionConfig } from './config.ts'
import type { Pulse } from './pulse.ts'
import type { Signing } from './transparency/signing.ts'
import type { Lookup } from './webhooks/deliver.ts'
import type { WebhookTimes } from './webhooks/sender.ts'
import type { WebhookSettings } from './webhooks/settings.ts'

export interface ProjectionDeps {
  readonly config: ProjectionConfig
  /**
   * Connections as the projection role, for the service's own work (projectors, signer, checks). Their statements may have a time limit.
   */
  readonly pool: Pool
  /** For answers: one for each turn of the gate, and a few more; `pool` unless given. */
  readonly readPool?: Pool
  /** For downloads and the live feed; `pool` unless given. */
  readonly streamPool?: Pool
  /** One connection for health and metrics, so that looking at a quiet ledger takes no more; `pool` unless given. */
  readonly checkPool?: Pool
  /** For rebuilds that the admin call starts, whose statements take long; `pool` unless given. */
  readonly rebuildPool?: Pool
  /** Wakes projectors, signer and webhooks, and knows what is known against the log. Its statement is `pulseQuery`. */
  readonly follower: Follower<Pulse>
  readonly keys: ApiKeys
  /** The tokens of issuers that are taken beside keys; absent or null: none. */
  readonly tokens?: Tokens | null
  readonly logger: Logger
  /** The name of the ledger, where its process serves several; absent or null: it serves this one. */
  readonly ledger?: string | null
  /** Gets spans of requests, and of events that become visible; absent or null: nobody does. */
  readonly tracing?: Tracing | null
  /** Absent or null: this instance serves the transparency log, and another one builds and signs it. */
  readonly signing?: Signing | null
  /** The files of the board; absent or null: it is not built, and its page says how to build it. */
  readonly board?: Board | null
  /** How the ledger is published to IATI; absent or null: it is not. */
  readonly iati?: Settings | null
  /** How events are sent to the endpoints of others; absent or null: they are not. */
  readonly webhooks?: WebhookSettings | null
  /** Connections for that; `pool` unless given. */
  readonly webhookPool?: Pool
  /** Replaces how the addresses of receivers are looked up, and the usual times; for tests. */
  readonly webhookLookup?: Lookup
  readonly webhookTimes?: Partial<WebhookTimes>
  /** The auditor's command and its documents; absent or null: they are not built. */
  readonly audit?: AuditFiles | null
  /** Further checks that must pass before the service is ready. */
  readonly furtherChecks?: readonly Check[]
  /** Replaces the clock by which days are judged, which is the database's; for tests. */
  readonly clock?: () => Date
  /** The clock of this machine, in milliseconds since 1970; for tests. */
  readonly machineClock?: () => number
  /** Check our own answers against their schemas; for tests. */
  readonly strictAnswers?: boolean
  /** Milliseconds that a round of the comparison takes in a small ledger; for tests. */
  readonly shortestRound?: number
  /** Milliseconds between two looks of the signer if nothing has changed; for tests. */
  readonly longestRest?: number
  /** Milliseconds for which all callers share one result of the checks; for tests. */
  readonly lookShared?: number
  /** Milliseconds; see the defaults below. */
  readonly patience?: number
  readonly takeOverAfter?: number
  readonly stallLimit?: number
  readonly iatiPageTime?: number
  readonly heartbeatEvery?: number
  /** Events of one batch of the projector, at most. */
  readonly batchSize?: number
}

export const defaults = {
  patience: 5_000,
  takeOverAfter: 1_000,
  stallLimit: usualStallLimitMs,
  // Proxies commonly close a quiet connection after a minute, some after half a minute.
  heartbeatEvery: 15_000,
  batchSize: 1_000,
}
