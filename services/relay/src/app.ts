/** Health and metrics of the relay. It serves nothing else. */
import { buildApp, type Check, loadApiKeys } from '@commitments/http-kit'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { Counter, Gauge, Registry } from 'prom-client'
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
  const registers: Registry[] = []
  const metrics = [
    new Gauge({
      name: 'relay_published_position',
      help: 'The last position that the stream holds; NaN until the broker has told.',
      registers,
      collect() {
        this.set(state.published ?? Number.NaN)
      },
    }),
    new Gauge({
      name: 'relay_log_position',
      help: 'Where the log ended when it was last read; NaN until then.',
      registers,
      collect() {
        this.set(state.head ?? Number.NaN)
      },
    }),
    new Counter({
      name: 'relay_events_total',
      help: 'Events published since the start.',
      registers,
      collect() {
        this.reset()
        this.inc(state.events)
      },
    }),
    new Counter({
      name: 'relay_failures_total',
      help: 'How often it could not go on, and tried again.',
      registers,
      collect() {
        this.reset()
        this.inc(state.failures)
      },
    }),
  ]
  for (const metric of metrics) registry.registerMetric(metric)
}
