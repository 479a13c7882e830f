import type { FastifyRequest } from 'fastify'

/** The pattern of the route, for log, metrics and traces: a URL can contain what should not be kept. Null if there is no route. */
export function routePattern({ definition, routeOptions }: FastifyRequest): string | null {
  return definition?.url ?? routeOptions.url ?? null
}
