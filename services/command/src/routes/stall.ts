/**
 * Detects a reader that takes nothing although nothing else could continue. A client can send all its lines before it reads the first
 * answer, so silence counts only when everything has arrived, or when no more can be held for it.
 */
export class StallWatch {
  readonly #limitMs: number
  readonly #cut: () => void
  readonly #counts: () => boolean
  #timer: NodeJS.Timeout | null = null
  #offered = false

  /** @param cut called when the reader has taken nothing for `limitMs` while `counts` held */
  constructor(limitMs: number, counts: () => boolean, cut: () => void) {
    this.#limitMs = limitMs
    this.#counts = counts
    this.#cut = cut
  }

  /** Passes the values on, and notices which of them wait for the reader. */
  async *watch<Value>(values: AsyncIterable<Value>): AsyncGenerator<Value, void, undefined> {
    for await (const value of values) {
      this.#offered = true
      this.look()
      try {
        yield value
      } finally {
        this.#offered = false
        this.#stop()
      }
    }
  }

  /** Call it when `counts` may have become true. */
  look(): void {
    if (this.#timer === null && this.#offered && this.#counts()) this.#timer = setTimeout(this.#cut, this.#limitMs)
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}
