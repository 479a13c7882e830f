/** Counting requests in memory, per instance: failed authentication always, requests of a key where it is configured. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { RateLimit } from './config.ts'
import { type Problem, problem } from './problem.ts'

type Count = (request: FastifyRequest) => Promise<Problem | null>

export interface Limits {
  /** Null or the 429 for the address of a request that failed to authenticate. */
  failedAuthentication: Count
  /** Null or the 429 for the key of a request; null altogether where there is no limit. */
  requests: Count | null
}

/**
 * Wrong keys from one address in one minute. They are answered with 429 beyond it. A right key passes even then: behind
 * a proxy all callers share an address, and one with an outdated key must not lock out the others.
 */
const wrongKeys: RateLimit = { requests: 30, window: 60_000 }

/** Needs @fastify/rate-limit on the app. */
export function createLimits(app: FastifyInstance, rateLimit: RateLimit | undefined): Limits {
  const failed = counter(app, wrongKeys, (request) => request.ip, 'Too many wrong keys came from this address.')
  if (rateLimit === undefined) return { failedAuthentication: failed, requests: null }
  const detail = `This key may make ${rateLimit.requests} requests in ${rateLimit.window / 1000} seconds.`
  return { failedAuthentication: failed, requests: counter(app, rateLimit, keyName, detail) }
}

function keyName(request: FastifyRequest): string {
  return request.caller?.name ?? ''
}

function counter(
  app: FastifyInstance,
  limit: RateLimit,
  key: (request: FastifyRequest) => string,
  detail: string,
): Count {
  const count = app.createRateLimit({ max: limit.requests, timeWindow: limit.window, keyGenerator: key })
  return async (request) => {
    const result = await count(request)
    if (result.isAllowed || !result.isExceeded) return null
    return problem('too-many-requests', detail, {
      headers: { 'retry-after': String(Math.max(1, result.ttlInSeconds)) },
    })
  }
}
