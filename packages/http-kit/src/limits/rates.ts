/**
 * How much a caller may ask for in a time: counted by key, and by address for those without one; in memory, per instance. What counts as one is a
 * request, a line of an import, and every 256 KiB of an answer.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import type { Caller } from '../keys/key-entries.ts'
import { type Problem, problem } from '../problems/problem.ts'
import { placeOf } from './address.ts'

export interface RateLimit {
  requests: number
  /** Milliseconds. */
  window: number
}

/** Bytes of an answer that count as much as a request. */
const bytesOfOne = 256 * 1024

/** Addresses that are remembered. */
const addresses = 10_000

/**
 * The share of one caller. As many as the limit says may come at once; each that comes takes its part of the time, which passes by itself. What is larger
 * than the limit as a whole is let in where nothing was asked for lately, and is owed from then on.
 */
interface Share {
  /** When all that was asked for will have been made up for, in milliseconds of `performance.now()`. */
  settled: number
}

export interface Rates {
  readonly limit: RateLimit
  readonly ofKeys: Map<string, Share>
  readonly ofAddresses: LRUCache<string, Share>
}

export function createRates(limit: RateLimit | undefined): Rates | null {
  return limit === undefined ? null : { limit, ofKeys: new Map(), ofAddresses: new LRUCache({ max: addresses }) }
}

/** What is left to one request of its caller's share. */
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

  /** Null, and they are taken; or the 429 that says when to come again. */
  take(count: number): Problem | null {
    return this.#takeAfter(this.#dueIn(count), count)
  }

  /** Null, or the 429 of an import whose parts cannot come one by one, as far as it has come. Takes nothing. */
  refuseWhole(more: number): Problem | null {
    const due = this.#dueOfWhole(more)
    return due > 0 ? this.#tooMany(due) : null
  }

  /** The same, and takes it. */
  takeWhole(more: number): Problem | null {
    return this.#takeAfter(this.#dueOfWhole(more), more)
  }

  /** Takes so many as soon as they may come. For what can be slowed down and need not be refused. Gives up where the caller has left. */
  async takeInTime(count: number): Promise<void> {
    for (let due = this.#dueIn(count); due > 0; due = this.#dueIn(count)) {
      if (this.#request.raw.socket.destroyed) return
      await wait(Math.min(due, 1_000))
    }
    this.#charge(count)
  }

  /** What the answer was is known only when it is out, and is owed then. */
  chargeAnswer(): void {
    const bytes = (this.#request.raw.socket.bytesWritten ?? 0) - this.#sentBefore
    this.#charge(Math.floor(bytes / bytesOfOne))
  }

  #takeAfter(due: number, count: number): Problem | null {
    if (due > 0) return this.#tooMany(due)
    this.#charge(count)
    return null
  }

  /** Milliseconds until so many may come; 0: now. */
  #dueIn(count: number): number {
    const { requests, window } = this.#limit
    const owed = Math.max(this.#share.settled - performance.now(), 0)
    // In this order the whole of a share is exactly the window: a rounded remainder would refuse the first of all requests.
    return Math.max(0, Math.ceil(owed + (Math.min(count, requests) * window) / requests - window))
  }

  /** Where nothing is owed but the request that brings it, a whole of any size may come, or the largest never could. */
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
    const who = this.#request.caller === null ? 'One address' : 'One key'
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

/** The allowance of a request: of its key, or of its address where it has none. */
export function allowanceOf(
  { limit, ofKeys, ofAddresses }: Rates,
  request: FastifyRequest,
  caller: Caller | null,
): Allowance {
  const share = caller === null ? shareOf(ofAddresses, placeOf(request)) : shareOf(ofKeys, caller.name)
  return new Allowance(limit, share, request)
}

function shareOf(shares: Map<string, Share> | LRUCache<string, Share>, who: string): Share {
  const known = shares.get(who)
  if (known !== undefined) return known
  const share = { settled: 0 }
  shares.set(who, share)
  return share
}
