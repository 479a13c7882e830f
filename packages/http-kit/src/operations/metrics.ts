/** Prometheus: the process, the requests, and whatever the service registered. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { collectDefaultMetrics, Histogram, type Registry } from 'prom-client'
import { defineRoute, type RouteDefinition } from '../route/route.ts'
import { routePattern } from '../route/route-pattern.ts'
import { addGauge } from './gauge.ts'
import { lookShared, sharedFor } from './shared-look.ts'

const labels = ['method', 'route', 'status'] as const
type Child = { observe(seconds: number): void }

/** Seconds; from a status read in memory to a bulk import. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/**
 * Registers the metrics of requests, and those of the process. Call the returned function when a request is done.
 *
 * @param ledger the name of the ledger, where the process serves several: every metric has it as a label, and those of the process are left out
 */
export function observeRequests(
  registry: Registry,
  ledger?: string | null,
): (request: FastifyRequest, reply: FastifyReply) => void {
  if (ledger) registry.setDefaultLabels({ ledger })
  else collectDefaultMetrics({ register: registry })
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'From the end of the request head to the end of the answer.',
    labelNames: labels,
    buckets,
    registers: [registry],
  })
  // Finding a series by its labels builds a key each time; this reduces it to one lookup of a text.
  const children = new Map<string, Child>()
  return (request, reply) => {
    const url = routePattern(request) ?? 'none'
    const key = `${request.method} ${reply.statusCode} ${url}`
    let child = children.get(key)
    if (child === undefined) {
      child = durations.labels(request.method, url, String(reply.statusCode))
      children.set(key, child)
    }
    child.observe(reply.elapsedTime / 1000)
  }
}

/** Registers how far the clock of this machine is ahead of the database's. */
export function addClockMetric(registry: Registry, clock: { machineAhead(): number }): void {
  addGauge(
    registry,
    'machine_clock_ahead_seconds',
    'By how much the clock of this machine is ahead of the clock of the database; negative: behind.',
    () => clock.machineAhead(),
  )
}

/** @param make the text of the metrics */
export function metricsRoute(
  contentType: string,
  make: () => Promise<string>,
  shared: number | undefined = lookShared,
): RouteDefinition {
  const collect = sharedFor(shared, make)
  return defineRoute({
    method: 'GET',
    url: '/metrics',
    operationId: 'getMetrics',
    tag: 'Operations',
    summary: 'Metrics for Prometheus',
    description:
      'With `READ_ACCESS=key` the scraper also needs a key or a token: the counts reveal what is recorded and read.',
    access: { scope: 'read' },
    responses: { 200: { description: 'Text exposition format.', contentTypes: ['text/plain'] } },
    problems: [],
    uncounted: true,
    work: 'memory',
    handler: async () => ({ status: 200, type: contentType, body: await collect() }),
  })
}
