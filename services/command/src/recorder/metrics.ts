import type { Appended } from '@commitments/event-store'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** What operators see of the recorder. */
export interface RecorderMetrics {
  /** How many events wait or are being written. */
  queued(events: number): void
  startAppend(events: number): { end(outcomes: readonly { outcome: Appended['outcome'] | 'failed' }[]): void }
}

export function recorderMetrics(registry: Registry): RecorderMetrics {
  const registers = [registry]
  const queue = new Gauge({ name: 'commitments_record_queue_events', help: 'Events waiting to be recorded', registers })
  const size = new Histogram({
    name: 'commitments_append_batch_events',
    help: 'Events in one batch given to the log',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000],
    registers,
  })
  const latency = new Histogram({
    name: 'commitments_append_seconds',
    help: 'Time from sending a batch until the log has answered for all of it',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    registers,
  })
  const outcomes = new Counter({
    name: 'commitments_append_events_total',
    help: 'Events given to the log, by outcome: appended, repeated, key-exists, version-conflict (decided again), not-appended, failed',
    labelNames: ['outcome'],
    registers,
  })
  return {
    queued: (events) => queue.set(events),
    startAppend(events) {
      size.observe(events)
      const endTimer = latency.startTimer()
      return {
        end(all) {
          endTimer()
          const counts = new Map<string, number>()
          for (const { outcome } of all) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
          for (const [outcome, count] of counts) outcomes.inc({ outcome }, count)
        },
      }
    },
  }
}
