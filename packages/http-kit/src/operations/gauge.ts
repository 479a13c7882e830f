import { Gauge, type Registry } from 'prom-client'

/** Registers a metric whose value is looked up each time the metrics are read. */
export function addGauge(registry: Registry, name: string, help: string, value: () => number): void {
  const gauge: Gauge = new Gauge({ name, help, registers: [registry], collect: () => gauge.set(value()) })
}
