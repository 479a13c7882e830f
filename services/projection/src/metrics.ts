import { clockSkew } from '@commitments/event-store'
import type { Pool } from 'pg'
import { Counter, Gauge, type Registry } from 'prom-client'
import { projectionNames } from './projection-names.ts'
import { readGenerations } from './projections/generations.ts'
import { type Lag, readLag } from './projections/lag.ts'

export interface ProjectionMetrics {
  readonly applied: Counter<'projection'>
  readonly parked: Counter<'projection'>
  readonly faults: Counter<'projection'>
  readonly failures: Counter<'projection'>
}

const labelNames = ['projection'] as const

/** Registers the metrics of the projectors. Lag and rebuild are read when the metrics are collected. */
export function projectionMetrics(registry: Registry, pool: Pool): ProjectionMetrics {
  const registers = [registry]
  addLag(registry, pool)
  return {
    applied: new Counter({
      name: 'projector_events_applied_total',
      help: 'Events applied by this instance.',
      labelNames,
      registers,
    }),
    parked: new Counter({
      name: 'projector_proposals_parked_total',
      help: 'Proposals parked by this instance.',
      labelNames,
      registers,
    }),
    faults: new Counter({
      name: 'projector_faults_total',
      help: 'Of the parked proposals, those on whose events the rules of this service failed: a mistake of ours, which its log tells with its stack.',
      labelNames,
      registers,
    }),
    failures: new Counter({
      name: 'projector_failures_total',
      help: 'Batches that failed and are tried again.',
      labelNames,
      registers,
    }),
  }
}

function addLag(registry: Registry, pool: Pool): void {
  const events = 'Events in the log that are not applied.'
  lagGauge(registry, pool, { name: 'projector_lag_events', help: events, of: (lag) => lag.events })
  const seconds = 'Age of the first event that is not applied; 0 if there is none.'
  lagGauge(registry, pool, { name: 'projector_lag_seconds', help: seconds, of: (lag) => lag.seconds })
  const clock: Gauge = new Gauge({
    name: 'log_clock_ahead_seconds',
    help: 'By how much the newest event is ahead of the clock of the database; 0 where it is not.',
    collect: async () => clock.set(Math.max(0, await clockSkew(pool).catch(() => Number.NaN))),
    registers: [registry],
  })
  const rebuild: Gauge<'what'> = new Gauge({
    name: 'projector_rebuild_events',
    help: 'Of a rebuild: events folded so far, and of how many.',
    labelNames: ['what'],
    collect: async () => {
      const generations = await readGenerations(pool).catch(() => [])
      const building = generations.find(({ state }) => state === 'building')
      rebuild.set({ what: 'done' }, building?.done ?? 0)
      rebuild.set({ what: 'target' }, building?.target ?? 0)
    },
    registers: [registry],
  })
}

interface LagGauge {
  readonly name: string
  readonly help: string
  readonly of: (lag: Lag) => number
}

/** Each gauge collects for itself: they are collected concurrently, so none can rely on what another has read. */
function lagGauge(registry: Registry, pool: Pool, { name, help, of }: LagGauge): void {
  const gauge: Gauge<'projection'> = new Gauge({
    name,
    help,
    labelNames,
    collect: async () => {
      for (const projection of projectionNames) {
        // If the database is away, the other metrics must still be collected.
        const lag = await readLag(pool, projection).catch(() => null)
        gauge.set({ projection }, lag === null ? Number.NaN : of(lag))
      }
    },
    registers: [registry],
  })
}
