import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { CannotCheck } from '../verdict.ts'
import { addLine, createPortion, judgeAll, type Looked, lookAtAll, memoryOf, type Portion } from './look.ts'
import { type LookJob, looking } from './look-thread.ts'

/** The build writes it in; it does not exist when the sources run directly. */
declare const COMMIT: string | null | undefined

/** Judges the next line. What is known of it alone is null if nobody has looked yet. False: no more. */
type Judge = (line: Buffer, looked: Looked | null) => boolean

/** A shorter log is checked before a thread has begun. */
const usuallyAlone = 20_000

/** Portions in memory, a megabyte each. */
const mostPortions = 6

/** Portions that the thread has been given: while it tells of one, it looks at the next. */
const mostGiven = 2

interface Filled {
  /** Without memory while it is given to the thread. */
  portion: Portion
  count: number
  state: 'filling' | 'not looked at' | 'given' | 'looked at'
}

/**
 * Looks at lines in two threads and judges them in this one, in their order: what is found does not depend on who looked. The first lines of a log,
 * and all of them where there is one processor or no thread can begin, are looked at as they are judged.
 */
export class LookAhead {
  readonly #judge: Judge
  readonly #alone: number
  readonly #queue: Filled[] = []
  readonly #free: Filled[] = []
  readonly #thread = new LookThread()
  #taken = availableParallelism() < 2 ? Number.NEGATIVE_INFINITY : 0
  #goesOn = true

  /** @param alone the first lines, which are judged without a thread */
  constructor(judge: Judge, alone = usuallyAlone) {
    this.#judge = judge
    this.#alone = alone
  }

  /** Takes the next line. False: take no more. */
  take(line: Buffer): boolean {
    this.#taken += 1
    if (this.#taken <= this.#alone) this.#goesOn &&= this.#judge(line, null)
    else this.#put(line)
    return this.#goesOn
  }

  /** To be waited for between two pieces of the source, so that memory stays bounded. False: take no more. */
  async rest(): Promise<boolean> {
    const queue = this.#queue
    while (this.#goesOn && (queue.length >= mostPortions || queue[0]?.state === 'looked at')) await this.#judgeFirst()
    return this.#goesOn
  }

  /** Judges what was taken and is not judged yet. */
  async finish(): Promise<void> {
    const last = this.#queue.at(-1)
    if (last?.state === 'filling') this.#passOn(last)
    while (this.#goesOn && this.#queue.length > 0) await this.#judgeFirst()
  }

  dispose(): Promise<void> {
    return this.#thread.end()
  }

  #put(line: Buffer): void {
    const last = this.#queue.at(-1)
    if (last?.state === 'filling' && addLine(last.portion, last.count, line)) {
      last.count += 1
      return
    }
    if (last?.state === 'filling') this.#passOn(last)
    const next: Filled = this.#free.pop() ?? { portion: createPortion(), count: 0, state: 'filling' }
    addLine(next.portion, 0, line)
    this.#queue.push(Object.assign(next, { count: 1, state: 'filling' }))
  }

  #passOn(filled: Filled): void {
    filled.state = 'not looked at'
    this.#thread.giveSome(this.#queue)
  }

  async #judgeFirst(): Promise<void> {
    const first = this.#queue[0] as Filled
    while (first.state !== 'looked at') {
      const own = this.#queue.find(({ state }) => state === 'not looked at')
      if (own) {
        lookAtAll(own.portion, own.count)
        own.state = 'looked at'
        // A turn, so that the thread is given more.
        await new Promise(setImmediate)
      } else await this.#thread.told()
      this.#thread.giveSome(this.#queue)
    }
    this.#goesOn = judgeAll(first.portion, first.count, this.#judge)
    this.#free.push(this.#queue.shift() as Filled)
  }
}

/** Begins when there is a first portion, and is given none before it can look: what it has is lost if it fails. */
class LookThread {
  readonly #given: Filled[] = []
  #worker: Worker | null = null
  #state: 'beginning' | 'ready' | 'ended' = 'beginning'
  /** Wakes who waits. */
  #wake: (() => void) | null = null

  /** Gives it portions that nobody has looked at, as long as it has few. */
  giveSome(queue: readonly Filled[]): void {
    if (this.#state !== 'ended') this.#worker ??= this.#begin()
    for (const filled of queue) {
      if (this.#state !== 'ready' || this.#given.length >= mostGiven) return
      if (filled.state !== 'not looked at') continue
      filled.state = 'given'
      this.#given.push(filled)
      const { portion, count } = filled
      this.#worker?.postMessage({ portion, count } satisfies LookJob, memoryOf(portion))
    }
  }

  /** Resolves when it has given one back. @throws CannotCheck if it has ended */
  async told(): Promise<void> {
    if (this.#state !== 'ended') await new Promise<void>((wake) => (this.#wake = wake))
    if (this.#isEnded()) throw new CannotCheck('a thread of this program has ended: try again')
  }

  async end(): Promise<void> {
    await this.#worker?.terminate()
  }

  #begin(): Worker {
    const worker = new Worker(fileOfThread(), { workerData: looking, execArgv: [] })
    worker.on('message', (portion: Portion | null) => {
      if (portion === null) this.#state = 'ready'
      else Object.assign(this.#given.shift() as Filled, { portion, state: 'looked at' })
      this.#wake?.()
    })
    const end = () => {
      this.#state = 'ended'
      this.#wake?.()
    }
    worker.on('error', end)
    worker.on('exit', end)
    return worker
  }

  /** It may end while one waits for it. */
  #isEnded(): boolean {
    return this.#state === 'ended'
  }
}

/** In the program for auditors there is only one file, which does both. */
function fileOfThread(): URL {
  return typeof COMMIT === 'undefined' ? new URL('look-thread.ts', import.meta.url) : new URL(import.meta.url)
}
