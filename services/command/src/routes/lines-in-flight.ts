import type { GiveBack } from '@commitments/http-kit'
import type { Asker } from '../recorder/recorder.ts'
import type { RecordResult } from '../recorder/requests.ts'

/** What became of a line, or why that cannot be said. */
export type Outcome = RecordResult | { readonly fault: unknown }

/** A line that was begun, and its part of the room for imports, which it holds until its outcome is known. */
export class LineInFlight implements Asker {
  readonly number: number
  outcome: Outcome | null = null
  readonly #giveBack: GiveBack
  readonly #landed: (line: LineInFlight) => void

  constructor(number: number, giveBack: GiveBack, landed: (line: LineInFlight) => void) {
    this.number = number
    this.#giveBack = giveBack
    this.#landed = landed
  }

  answered(result: RecordResult): void {
    this.#land(result)
  }

  failed(fault: unknown): void {
    this.#land({ fault })
  }

  #land(outcome: Outcome): void {
    this.outcome = outcome
    this.#giveBack()
    this.#landed(this)
  }
}

/**
 * The lines of an import from their beginning until their results are taken, in the order in which they were begun. One side begins lines, the
 * other takes their results; each waits for the other only where there is nothing to do, so hundreds of lines cost one promise.
 */
export class LinesInFlight {
  /** The last line that was begun here. */
  lastLine = 0
  /** The line that was expected when the last chunk had been read: blank ones lie before it. */
  nextLine = 1
  readonly #atOnce: number
  #lines: LineInFlight[] = []
  /** So many of `#lines` were taken. */
  #taken = 0
  #ended: { readonly fault: unknown } | null = null
  #closed = false
  #wakeTaker: (() => void) | null = null
  #wakeBeginner: (() => void) | null = null

  /** @param atOnce the most lines whose results were not taken yet */
  constructor(atOnce: number) {
    this.#atOnce = atOnce
  }

  get isFull(): boolean {
    return !this.#closed && this.#lines.length - this.#taken >= this.#atOnce
  }

  /** Whether nobody will take results any more. */
  get isClosed(): boolean {
    return this.#closed
  }

  /** Why no further line was begun, if something ended it too early; to be reported after the results. */
  get fault(): unknown {
    return this.#ended?.fault ?? null
  }

  /** The line on which reading ended too early. */
  get lineOfFault(): number {
    return Math.max(this.lastLine + 1, this.nextLine)
  }

  begin(number: number, giveBack: GiveBack): LineInFlight {
    const line = new LineInFlight(number, giveBack, this.#landed)
    this.#lines.push(line)
    return line
  }

  /** No further line begins. */
  end(fault: unknown): void {
    this.#ended = { fault }
    this.#wake()
  }

  /** No further result is taken. */
  close(): void {
    this.#closed = true
    this.#wakeBeginner?.()
  }

  /** Resolves when there is room for another line, or when no result is taken any more. */
  async untilRoom(): Promise<void> {
    await new Promise<void>((wake) => {
      this.#wakeBeginner = wake
    })
    this.#wakeBeginner = null
  }

  /** Resolves with true when `next` has a line, and with false when there will be none. */
  async untilLanded(): Promise<boolean> {
    while (!this.#first?.outcome) {
      if (this.#ended !== null && this.#first === undefined) return false
      await new Promise<void>((wake) => {
        this.#wakeTaker = wake
      })
    }
    return true
  }

  /** The next line, in order, if its outcome is known. */
  next(): { readonly number: number; readonly outcome: Outcome } | null {
    const line = this.#first
    if (!line?.outcome) return null
    this.#taken += 1
    if (this.#taken === this.#lines.length || this.#taken >= this.#atOnce) {
      this.#lines = this.#lines.slice(this.#taken)
      this.#taken = 0
    }
    this.#wakeBeginner?.()
    return { number: line.number, outcome: line.outcome }
  }

  get #first(): LineInFlight | undefined {
    return this.#lines[this.#taken]
  }

  readonly #landed = (line: LineInFlight): void => {
    if (line === this.#first) this.#wake()
  }

  #wake(): void {
    this.#wakeTaker?.()
    this.#wakeTaker = null
  }
}
