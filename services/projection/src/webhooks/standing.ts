/** What operators see of webhooks: an alarm for endpoints that get nothing, and metrics. */
import type { Check } from '@commitments/http-kit'
import type { Pool } from 'pg'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { WebhookSettings } from './settings.ts'
import type { Outcome } from './webhook-words.ts'

interface Standing {
  readonly name: string
  readonly paused: string | null
  readonly failures: number
  readonly keyId: string
  /** Events of the log after its place, whether they are for it or not. */
  readonly events: number
  /** The age of the first of them; 0: there is none. */
  readonly seconds: number
}

const standingQuery = {
  name: 'read-webhooks-standing',
  text: `SELECT w.name, w.paused, w.failures, w.key_id AS "keyId",
      greatest(0, (SELECT coalesce(max(position), 0) FROM events) - w.position) AS events,
      coalesce(greatest(0, extract(epoch FROM clock_timestamp() - (SELECT e.recorded_at FROM events e WHERE e.position = w.position + 1))), 0)::double precision AS seconds
    FROM webhooks w ORDER BY w.name`,
}

async function readStanding(pool: Pool): Promise<readonly Standing[]> {
  return (await pool.query<Standing>(standingQuery)).rows
}

/** Seconds that an endpoint may be behind. */
const farBehind = 3_600

/** An alarm: every instance sees the same, and whoever reads is not concerned. Endpoints that a caller has paused are left out. */
export function webhookCheck(pool: Pool, settings: WebhookSettings): Check {
  return { name: 'webhooks', isAlarm: true, check: async () => judge(await readStanding(pool), settings.keyId) }
}

function judge(all: readonly Standing[], keyId: string) {
  const active = all.filter(({ paused }) => paused !== 'by-hand')
  const faults = [
    sentence(
      active.filter((one) => one.keyId !== keyId),
      'are signed with another key than that of this instance (WEBHOOK_KEY_FILE)',
    ),
    sentence(
      active.filter(({ paused }) => paused !== null),
      'are paused, and wait for their owners',
    ),
    sentence(
      active.filter(({ paused, seconds }) => paused === null && seconds > farBehind),
      'are more than an hour behind',
    ),
  ].filter((one) => one !== null)
  if (faults.length > 0) return { ok: false, detail: `of the endpoints of webhooks, ${faults.join('; ')}` }
  return { ok: true, detail: `${all.length} endpoints of webhooks, none of which is far behind` }
}

function sentence(some: readonly Standing[], what: string): string | null {
  if (some.length === 0) return null
  const names = some.slice(0, 5).map(({ name }) => name)
  return `${some.length} ${what} (${names.join(', ')}${some.length > names.length ? ' …' : ''})`
}

/** Registers the metrics of endpoints. Call the returned function for each attempt of this instance. */
export function addWebhookMetrics(registry: Registry, pool: Pool): (outcome: Outcome) => void {
  const registers = [registry]
  const states: Gauge<'state'> = new Gauge({
    name: 'webhook_endpoints',
    help: 'Endpoints by what is done for them: sending, retrying, paused.',
    labelNames: ['state'],
    registers,
    collect: async () => {
      const all = await readStanding(pool).catch(() => null)
      for (const state of ['sending', 'retrying', 'paused']) {
        states.set({ state }, all === null ? Number.NaN : all.filter((one) => stateOf(one) === state).length)
      }
    },
  })
  lagGauge(registry, pool, 'webhook_lag_events', 'Events of the log after the place of each endpoint.', 'events')
  lagGauge(registry, pool, 'webhook_lag_seconds', 'Age of the first event after the place of each endpoint.', 'seconds')
  const attempts = new Counter({
    name: 'webhook_attempts_total',
    help: 'Attempts of this instance to deliver a message.',
    labelNames: ['outcome'],
    registers,
  })
  return (outcome) => attempts.inc({ outcome })
}

/** What is done for an endpoint. */
export function stateOf({
  paused,
  failures,
}: Pick<Standing, 'paused' | 'failures'>): 'sending' | 'retrying' | 'paused' {
  if (paused !== null) return 'paused'
  return failures > 0 ? 'retrying' : 'sending'
}

function lagGauge(registry: Registry, pool: Pool, name: string, help: string, of: 'events' | 'seconds'): void {
  const gauge: Gauge<'webhook'> = new Gauge({
    name,
    help,
    labelNames: ['webhook'],
    registers: [registry],
    collect: async () => {
      gauge.reset()
      for (const one of await readStanding(pool).catch(() => [])) gauge.set({ webhook: one.name }, one[of])
    },
  })
}
