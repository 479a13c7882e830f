/**
 * Limits how much a caller can request in a period: counted by key, by the caller of a token, and by address for callers without either; in memory, for each instance. A
 * request, a line of an import, and every 256 KiB of an answer, as it is sent, count as one.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import { type Caller, hasToken } from '../keys/key-entries.ts'
import { type Problem, problem } from '../problems/problem.ts'
import { placeOf } from './address.ts'

export interface RateLimit {
  requests: number
  /** Milliseconds. */
  window: number
}

/** Bytes of an answer that count as one request. */
const bytesOfOne = 256 * 1024

/** The number of addresses that are remembered, and of callers with a token. */
const addresses = 10_000
const tokenCallers = 10_000

/**
 * The share of one caller. As many requests as the limit can come at once. Each uses up its part of the period, which is restored as time
 * passes. A request larger than the whole limit is accepted if nothing was requested lately, and counts from then on.
 */
interface Share {
  /** When everything requested so far will be restored, in milliseconds of `performance.now()`. */
  settled: number
}

export interface Rates {
  readonly limit: RateLimit
  /** Of each configured key. */
  readonly ofKeys: Map<string, Share>
  /** Of callers with a token, however many tokens each of them has. */
  readonly ofTokenCallers: LRUCache<string, Share>
  readonly ofAddresses: LRUCache<string, Share>
}

export function createRates(limit: RateLimit | undefined): Rates | null {
  if (limit === undefined) return null
  return {
    limit,
    ofKeys: new Map(),
    ofTokenCallers: new LRUCache({ max: tokenCallers }),
    ofAddresses: new LRUCache({ max: addresses }),
  }
}

/** What is left of the caller's share for one request. */
export class Allowance {
  readonly #limit: RateLimit
  readonly #share: Share
  readonly #request: FastifyRequest
  readonly #sentBefore: number

  constructor(limit: RateLimit, share: Share, request: FastifyRequest) {
    this.#limit = limit
    this.#share = share
    this.#request = request
    this.#sentBefore = request.raw.socket.bytesWritten ?? 0
  }

  /** Null, and they are taken; or the 429 that says when to retry. */
  take(count: number): Problem | null {
    return this.#takeAfter(this.#dueIn(count), count)
  }

  /** Null, or the 429 for an import whose parts cannot come one by one, as far as it has arrived. Takes nothing. */
  refuseWhole(more: number): Problem | null {
    const due = this.#dueOfWhole(more)
    return due > 0 ? this.#tooMany(due) : null
  }

  /** The same, and takes it. */
  takeWhole(more: number): Problem | null {
    return this.#takeAfter(this.#dueOfWhole(more), more)
  }

  /** Takes so many as soon as they are allowed. For requests that can be slowed down instead of refused. Stops if the caller has left. */
  async takeInTime(count: number): Promise<void> {
    for (let due = this.#dueIn(count); due > 0; due = this.#dueIn(count)) {
      if (this.#request.raw.socket.destroyed) return
      await wait(Math.min(due, 1_000))
    }
    this.#charge(count)
  }

  /** The size of the answer is known only when it has been sent, and counts then. */
  chargeAnswer(): void {
    const bytes = (this.#request.raw.socket.bytesWritten ?? 0) - this.#sentBefore
    this.#charge(Math.floor(bytes / bytesOfOne))
  }

  #takeAfter(due: number, count: number): Problem | null {
    if (due > 0) return this.#tooMany(due)
    this.#charge(count)
    return null
  }

  /** Milliseconds until so many are allowed; 0: now. */
  #dueIn(count: number): number {
    const { requests, window } = this.#limit
    const owed = Math.max(this.#share.settled - performance.now(), 0)
    // In this order a whole share is exactly the window: a rounded remainder would refuse the first request.
    return Math.max(0, Math.ceil(owed + (Math.min(count, requests) * window) / requests - window))
  }

  /** If nothing is used up except by the request itself, a whole of any size is allowed; otherwise the largest never could be. */
  #dueOfWhole(more: number): number {
    const { requests, window } = this.#limit
    const owed = this.#share.settled - performance.now()
    return owed <= window / requests ? 0 : this.#dueIn(more)
  }

  #charge(count: number): void {
    const { requests, window } = this.#limit
    this.#share.settled = Math.max(this.#share.settled, performance.now()) + count * (window / requests)
  }

  #tooMany(due: number): Problem {
    const { requests, window } = this.#limit
    const { caller } = this.#request
    const who = caller === null ? 'One address' : hasToken(caller) ? 'One caller' : 'One key'
    const seconds = window / 1_000
    const detail = `${who} may make ${requests} requests in ${seconds} seconds; each line of an import and every 256 KiB of an answer count as one.`
    const retryAfter = String(Math.ceil(due / 1_000))
    return problem('too-many-requests', detail, {
      headers: {
        'retry-after': retryAfter,
        'ratelimit-policy': `"caller";q=${requests};w=${seconds}`,
        ratelimit: `"caller";r=0;t=${retryAfter}`,
      },
    })
  }
}

/** The allowance of a request: for its caller, or for its address without one. */
export function allowanceOf(
  { limit, ofKeys, ofTokenCallers, ofAddresses }: Rates,
  request: FastifyRequest,
  caller: Caller | null,
): Allowance {
  const shares = caller === null ? ofAddresses : hasToken(caller) ? ofTokenCallers : ofKeys
  const share = shareOf(shares, caller === null ? placeOf(request) : caller.name)
  return new Allowance(limit, share, request)
}

function shareOf(shares: Map<string, Share> | LRUCache<string, Share>, who: string): Share {
  const known = shares.get(who)
  if (known !== undefined) return known
  const share = { settled: 0 }
  shares.set(who, share)
  return share
}
