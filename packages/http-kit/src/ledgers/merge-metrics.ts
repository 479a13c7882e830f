import { AggregatorRegistry, type Registry } from 'prom-client'

/**
 * The metrics of several registries as one text, in which each name stands once. Their labels must tell them apart. A registry that cannot be read is
 * left out: it must not hide the others.
 */
export async function mergeMetrics(registries: readonly Registry[]): Promise<string> {
  const found = []
  // One after the other: each asks its database.
  for (const registry of registries) {
    const metrics = await registry.getMetricsAsJSON().catch(() => null)
    if (metrics !== null) found.push(metrics)
  }
  // Every value has labels of its own, so nothing is added up; the libraries' own choice would leave some out.
  const kept = found.map((metrics) => metrics.map((metric) => ({ ...metric, aggregator: 'sum' as const })))
  return AggregatorRegistry.aggregate(kept).metrics()
}
