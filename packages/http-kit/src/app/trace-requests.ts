/** A span for each request, from its head to the end of its answer. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { parseTraceparent } from '../headers/request-identity.ts'
import { hasToken } from '../keys/key-entries.ts'
import { routePattern } from '../route/route-pattern.ts'
import type { Tracing } from '../tracing/tracing.ts'

/** Health and metrics are asked every second, and tell nothing of what callers wait for. */
const untraced = /^\/(health\/|metrics$)/

export function traceRequests(app: FastifyInstance, tracing: Tracing): void {
  app.addHook('onRequest', (request, _reply, done) => {
    if (!untraced.test(request.routeOptions.url ?? '')) {
      request.span = tracing.begin(request.method, parseTraceparent(request.headers.traceparent))
    }
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { span } = request
    if (span !== null)
      span.end(`${request.method} ${routePattern(request) ?? 'none'}`, reply.statusCode, attributesOf(request))
    done()
  })
}

function attributesOf(request: FastifyRequest): Record<string, string | number> {
  const { caller, notes } = request
  return {
    'http.request.method': request.method,
    'http.route': routePattern(request) ?? 'none',
    'commitments.request_id': request.id,
    ...(caller === null ? {} : { [`commitments.${hasToken(caller) ? 'caller' : 'key'}`]: caller.name }),
    ...(typeof notes?.['position'] === 'number' ? { 'commitments.position': notes['position'] } : {}),
  }
}
