import { Counter, Gauge, type Registry } from 'prom-client'
import type { Hub } from './hub.ts'

/** Registers the metrics of the live feed, which are read when somebody collects them. */
export function addLiveMetrics(registry: Registry, hub: Hub): void {
  const registers = [registry]
  const readers = new Gauge({
    name: 'live_feed_readers',
    help: 'Readers that follow the live feed.',
    collect: () => {
      readers.set(hub.slots.taken)
    },
    registers,
  })
  const cutOff = new Counter({
    name: 'live_feed_readers_cut_off_total',
    help: 'Readers of the live feed that were cut off because they took nothing any more.',
    collect: () => {
      cutOff.reset()
      cutOff.inc(hub.cutOff)
    },
    registers,
  })
}
