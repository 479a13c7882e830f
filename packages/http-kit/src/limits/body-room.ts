/** Limits how many bytes of bodies a service holds at the same time, counted as they were sent. */
import { problem } from '../problems/problem.ts'
import { onlyOnce } from './only-once.ts'

interface Waiting {
  readonly caller: string
  readonly bytes: number
  readonly start: () => void
}

/** Gives a part of the room back, once. */
export type GiveBack = () => void

/** Limits for the documents in work at once. */
export interface DocumentLimits {
  /** Bytes up to which a document needs no room: even eight thousand of them take little. */
  readonly small: number
  /** For all larger ones. */
  readonly room: BodyRoom
  /** Milliseconds that a document waits for room. */
  readonly patience: number
}

/**
 * Room for bodies, from before they are read until they are answered. Parsed, encoded and on their way to the database they take about four
 * times their bytes, so a process with a bounded heap needs a bound for all of them together.
 *
 * A caller that needs more than is left waits, in the order of arrival. A caller has at most half of the room, so a slow sender does not
 * lock out the others.
 */
export class BodyRoom {
  readonly #limit: number
  #held = 0
  readonly #heldBy = new Map<string, number>()
  #waiting: Waiting[] = []

  /** @param limit bytes */
  constructor(limit: number) {
    this.#limit = limit
  }

  /**
   * Takes a part of the room as soon as there is one; a larger body gets all of the caller's half.
   *
   * @param patience milliseconds after which waiting ends
   * @throws Problem 503 `unavailable` after that, or at once if many already wait: the part of a waiting body that a socket has brought is
   * kept in memory too
   */
  async take(caller: string, wanted: number, patience = Number.POSITIVE_INFINITY): Promise<GiveBack> {
    const taken = this.takeNow(caller, wanted)
    if (taken !== null) return taken
    if (this.#waiting.length >= mostWaiting && Number.isFinite(patience)) throw busy()
    const bytes = this.#atMost(wanted)
    await this.#wait(caller, bytes, patience)
    return this.#givingBack(caller, bytes)
  }

  /** The same for a caller to whom a promise for each part is too much; null if it would have to wait. */
  takeNow(caller: string, wanted: number): GiveBack | null {
    const bytes = this.#atMost(wanted)
    if (this.#waiting.length > 0 || !this.#hasRoom(caller, bytes)) return null
    this.#hold(caller, bytes)
    return this.#givingBack(caller, bytes)
  }

  #atMost(wanted: number): number {
    return Math.min(wanted, this.#limit / 2)
  }

  #givingBack(caller: string, bytes: number): GiveBack {
    return onlyOnce(() => {
      this.#hold(caller, -bytes)
      if (this.#waiting.length > 0) this.#startWaiting()
    })
  }

  #hasRoom(caller: string, bytes: number): boolean {
    return this.#held + bytes <= this.#limit && (this.#heldBy.get(caller) ?? 0) + bytes <= this.#limit / 2
  }

  #hold(caller: string, bytes: number): void {
    this.#held += bytes
    const own = (this.#heldBy.get(caller) ?? 0) + bytes
    if (own === 0) this.#heldBy.delete(caller)
    else this.#heldBy.set(caller, own)
  }

  #wait(caller: string, bytes: number, patience: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const giveUp = () => {
      this.#waiting = this.#waiting.filter((one) => one !== waiting)
      reject(busy())
      this.#startWaiting()
    }
    const timer = Number.isFinite(patience) ? setTimeout(giveUp, patience) : undefined
    const start = () => {
      clearTimeout(timer)
      resolve()
    }
    const waiting: Waiting = { caller, bytes, start }
    this.#waiting.push(waiting)
    // Those before this one may be waiting only for their own half.
    this.#startWaiting()
    return promise
  }

  /** In the order of arrival. Callers that wait because of their own half are passed over; nobody overtakes one that waits for the room. */
  #startWaiting(): void {
    const left: Waiting[] = []
    let full = false
    for (const one of this.#waiting) {
      if (!full && this.#hasRoom(one.caller, one.bytes)) {
        this.#hold(one.caller, one.bytes)
        one.start()
        continue
      }
      left.push(one)
      full ||= this.#held + one.bytes > this.#limit
    }
    this.#waiting = left
  }
}

/** With the 64 KB that one read of a socket brings, 16 MiB. */
const mostWaiting = 256

function busy() {
  const detail =
    'The service is busy: it already holds as many bytes of request bodies as it can. It read nothing of this one; send it again.'
  return problem('unavailable', detail, { headers: { 'retry-after': '10' } })
}
