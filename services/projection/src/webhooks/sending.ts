/** Webhooks, as the routes use them. */
import type { ApiKeys } from '@commitments/http-kit'
import type { Pool } from 'pg'
import { createSlots, type Slots } from '../slots.ts'
import type { Lookup } from './deliver.ts'
import type { WebhookTimes } from './sender.ts'
import type { WebhookSettings } from './settings.ts'

export interface Webhooks {
  readonly settings: WebhookSettings
  readonly times: WebhookTimes
  readonly keys: ApiKeys
  readonly readAccess: 'public' | 'key'
  readonly pool: Pool
  /** Tests that go on at the same time. */
  readonly tests: Slots
  readonly lookup: Lookup | undefined
}

const testsAtOnce = 8

export function createWebhooks(parts: Omit<Webhooks, 'tests'>): Webhooks {
  return { ...parts, tests: createSlots(testsAtOnce) }
}
