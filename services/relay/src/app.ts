/** Health and metrics of the relay. It serves nothing else. */
import { addGauge, buildApp, type Check, loadApiKeys } from '@commitments/http-kit'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { Counter, Registry } from 'prom-client'
import type { RelayState } from './relay.ts'

export function buildRelayApp(state: RelayState, logger: Logger): Promise<FastifyInstance> {
  const metrics = new Registry()
  observe(state, metrics)
  return buildApp({
    name: 'commitments-relay',
    title: 'Commitments: relay',
    description: 'Publishes the log to a message broker. What it offers over HTTP is its health and its metrics.',
    routes: [],
    keys: loadApiKeys({}),
    readAccess: 'public',
    logger,
    checks: [publishing(state)],
    metrics,
  })
}

function publishing(state: RelayState): Check {
  return {
    name: 'publishing',
    async check() {
      if (state.fault !== null) return { ok: false, detail: state.fault }
      if (state.published === null)
        return { ok: false, detail: 'the feed and the end of the stream have not been read yet' }
      return { ok: true, detail: `the stream holds the log up to position ${state.published} of ${state.head}` }
    },
  }
}

function observe(state: RelayState, registry: Registry): void {
  const published = 'The last position that the stream holds; NaN until the broker has told.'
  addGauge(registry, 'relay_published_position', published, () => state.published ?? Number.NaN)
  const head = 'Where the log ended when it was last read; NaN until then.'
  addGauge(registry, 'relay_log_position', head, () => state.head ?? Number.NaN)
  addCounter(registry, 'relay_events_total', 'Events published since the start.', () => state.events)
  const failures = 'How often it could not go on, and tried again.'
  addCounter(registry, 'relay_failures_total', failures, () => state.failures)
}

function addCounter(registry: Registry, name: string, help: string, value: () => number): void {
  const counter: Counter = new Counter({
    name,
    help,
    registers: [registry],
    collect: () => {
      counter.reset()
      counter.inc(value())
    },
  })
}
