import type { Pool } from 'pg'
import { Counter, Gauge, type Registry } from 'prom-client'
import { readGenerations } from './read-model/generations.ts'
import { readLag } from './read-model/lag.ts'

export interface ProjectionMetrics {
  readonly applied: Counter
  readonly parked: Counter
  readonly failures: Counter
}

/** Registers the metrics of the projector. Those of lag and rebuild are read when somebody collects them. */
export function projectionMetrics(registry: Registry, pool: Pool): ProjectionMetrics {
  const registers = [registry]
  addLag(registry, pool)
  return {
    applied: new Counter({
      name: 'projector_events_applied_total',
      help: 'Events applied by this instance.',
      registers,
    }),
    parked: new Counter({
      name: 'projector_proposals_parked_total',
      help: 'Proposals parked by this instance.',
      registers,
    }),
    failures: new Counter({
      name: 'projector_failures_total',
      help: 'Batches that failed and are tried again.',
      registers,
    }),
  }
}

function addLag(registry: Registry, pool: Pool): void {
  const registers = [registry]
  const seconds = new Gauge({
    name: 'projector_lag_seconds',
    help: 'Age of the first event that is not applied; 0 where there is none.',
    registers,
  })
  const rebuild = new Gauge({
    name: 'projector_rebuild_events',
    help: 'Of a rebuild: events folded so far, and of how many.',
    labelNames: ['what'],
    registers,
  })
  const events = new Gauge({
    name: 'projector_lag_events',
    help: 'Events in the log that are not applied.',
    collect: async () => {
      // A database that is away must not take the other metrics with it.
      const lag = await readLag(pool).catch(() => null)
      events.set(lag?.events ?? Number.NaN)
      seconds.set(lag?.seconds ?? Number.NaN)
      const generations = await readGenerations(pool).catch(() => [])
      const building = generations.find(({ state }) => state === 'building')
      rebuild.set({ what: 'done' }, building?.done ?? 0)
      rebuild.set({ what: 'target' }, building?.target ?? 0)
    },
    registers,
  })
}
