/** Webhooks, as the routes use them, and the work that sends them. */
import type { Listener } from '@commitments/event-store'
import type { ApiKeys, ReadAccess } from '@commitments/http-kit'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { CloudEventsOrigin } from '../live/cloud-events.ts'
import { createSlots, type Slots } from '../slots.ts'
import type { Lookup } from './deliver.ts'
import { startSender, usualTimes, type WebhookTimes } from './sender.ts'
import type { WebhookSettings } from './settings.ts'
import { addWebhookMetrics } from './standing.ts'

export interface Webhooks {
  readonly settings: WebhookSettings
  readonly times: WebhookTimes
  readonly keys: ApiKeys
  readonly readAccess: ReadAccess
  readonly pool: Pool
  /** Tests that go on at the same time. */
  readonly tests: Slots
  readonly lookup: Lookup | undefined
}

const testsAtOnce = 8

interface WebhookParts extends Omit<Webhooks, 'settings' | 'times' | 'tests'> {
  /** Absent or null: no events are sent from here. */
  readonly settings: WebhookSettings | null | undefined
  /** Instead of the usual ones. */
  readonly times: Partial<WebhookTimes> | undefined
}

export function openWebhooks({ settings, times, ...parts }: WebhookParts): Webhooks | null {
  if (!settings) return null
  return { ...parts, settings, times: { ...usualTimes, ...times }, tests: createSlots(testsAtOnce) }
}

interface SendingParts {
  readonly webhooks: Webhooks | null
  readonly onlyReads: boolean
  /** Connections for what is sent, apart from those of readers. */
  readonly pool: Pool
  readonly origin: CloudEventsOrigin
  readonly timeZone: string
  readonly logger: Logger
  readonly registry: Registry
  readonly listener: () => Listener
}

/** Sends, unless another instance does or this one only reads. Returns the function that ends it. */
export function startWebhooks({
  webhooks,
  onlyReads,
  registry,
  listener,
  ...parts
}: SendingParts): () => Promise<void> {
  if (webhooks === null) return async () => {}
  const onAttempt = addWebhookMetrics(registry, parts.pool)
  if (onlyReads || !webhooks.settings.sends) return async () => {}
  return startSender({ ...webhooks, ...parts, onAttempt, listener: listener() })
}
