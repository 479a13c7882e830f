/** When each caller was admitted last, as a metric: a key or a client that nobody uses can be withdrawn. */
import { LRUCache } from 'lru-cache'
import { Gauge, type Registry } from 'prom-client'
import { type Caller, hasToken } from './key-entries.ts'

/** Callers with a token that the metric names, those of the latest use. There are as many names of keys as are configured. */
const namedTokens = 500

export interface CallerUses {
  note(caller: Caller): void
}

/** Registers the metric. */
export function observeCallers(registry: Registry): CallerUses {
  const ofKeys = new Map<string, number>()
  const ofTokens = new LRUCache<string, number>({ max: namedTokens })
  const gauge = new Gauge({
    name: 'caller_last_used_timestamp_seconds',
    help: `When each caller (recordedBy) was admitted last by this instance, in seconds since 1970; of callers with a token, the last ${namedTokens}.`,
    labelNames: ['caller'],
    registers: [],
    collect() {
      this.reset()
      for (const uses of [ofKeys, ofTokens]) for (const [caller, at] of uses.entries()) this.set({ caller }, at / 1_000)
    },
  })
  registry.registerMetric(gauge)
  return {
    note(caller) {
      const uses = hasToken(caller) ? ofTokens : ofKeys
      uses.set(caller.recordedBy, Date.now())
    },
  }
}
