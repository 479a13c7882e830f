import { type BodyRoom, type GiveBack, Problem, problem } from '@commitments/http-kit'
import { eventLimit } from './conditions.ts'

export interface BegunLimits {
  /** Room for the lines that have begun and not ended, of all imports together. */
  readonly begun: BodyRoom
  /** Milliseconds that a line waits for it. */
  readonly begunMs: number
  /** Milliseconds after which a line that has room must have ended. */
  readonly lineMs: number
}

/** Bytes that every import may hold of a line that has not ended: thousands of them take little. */
const withoutRoom = 16 * 1024

/** The line of one import that has begun and not ended. A long one needs room, because it is held until its end arrives and a sender may take its time. */
export class BegunLine {
  readonly #caller: string
  readonly #limits: BegunLimits
  #giveBack: GiveBack | null = null
  #roomSince = 0

  constructor(caller: string, limits: BegunLimits) {
    this.#caller = caller
    this.#limits = limits
  }

  /**
   * Called after each chunk; the next one may be read when the promise, if there is one, has resolved.
   *
   * @param bytes that are held; 0 if the last line has ended
   * @throws Problem 503 `unavailable` if there is no room in time, 408 `request-timeout` if the line does not end in time
   */
  holds(bytes: number): Promise<void> | undefined {
    if (bytes <= withoutRoom) this.release()
    else if (this.#giveBack === null) return this.#takeRoom()
    else if (performance.now() - this.#roomSince > this.#limits.lineMs) throw tooSlow(this.#limits)
    return undefined
  }

  /** Nothing is held any more. */
  release(): void {
    this.#giveBack?.()
    this.#giveBack = null
  }

  async #takeRoom(): Promise<void> {
    const { begun, begunMs } = this.#limits
    try {
      this.#giveBack = await begun.take(this.#caller, eventLimit, begunMs)
      this.#roomSince = performance.now()
    } catch (fault) {
      throw fault instanceof Problem ? noRoom() : fault
    }
  }
}

function noRoom(): Problem {
  const detail =
    'The service is busy: it holds as many long lines of imports whose ends have not arrived as it can. Nothing from this line on was recorded; send it again, with fewer imports at once.'
  return problem('unavailable', detail, { headers: { 'retry-after': '10' } })
}

function tooSlow({ lineMs }: BegunLimits): Problem {
  const detail = `The line did not arrive in time: a long one must be complete within ${lineMs / 1000} seconds. Nothing from this line on was recorded.`
  return problem('request-timeout', detail)
}
