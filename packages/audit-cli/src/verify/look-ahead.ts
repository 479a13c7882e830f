import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { CannotCheck } from '../verdict.ts'
import { addLine, createPortion, judgeAll, type Looked, lookAtAll, memoryOf, type Portion } from './look.ts'
import { type LookJob, looking } from './look-thread.ts'

/** The build writes it in; it does not exist when the sources run directly. */
declare const COMMIT: string | null | undefined

/** Judges the next line. What is known of it alone is null if nobody has looked yet. False: no more. */
type Judge = (line: Buffer, looked: Looked | null) => boolean

/** Lines that are judged one after the other, while those that follow are looked at. */
interface Ahead {
  /** Takes the next line. False: take no more. */
  readonly take: (line: Buffer) => boolean
  /** To be waited for between two pieces of the source, so that memory stays bounded. False: take no more. */
  readonly rest: () => Promise<boolean>
  /** Judges what was taken and is not judged yet. */
  readonly finish: () => Promise<void>
  readonly dispose: () => Promise<void>
}

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
export function lookAhead(judge: Judge, alone = usuallyAlone): Ahead {
  const queue: Filled[] = []
  const free: Filled[] = []
  const thread = createThread()
  let taken = availableParallelism() < 2 ? Number.NEGATIVE_INFINITY : 0
  let goesOn = true

  const take = (line: Buffer): boolean => {
    taken += 1
    if (taken <= alone) goesOn &&= judge(line, null)
    else put(line)
    return goesOn
  }
  const put = (line: Buffer) => {
    const last = queue.at(-1)
    if (last?.state === 'filling' && addLine(last.portion, last.count, line)) last.count += 1
    else {
      if (last?.state === 'filling') passOn(last)
      const next: Filled = free.pop() ?? { portion: createPortion(), count: 0, state: 'filling' }
      addLine(next.portion, 0, line)
      queue.push(Object.assign(next, { count: 1, state: 'filling' }))
    }
  }
  const passOn = (filled: Filled) => {
    filled.state = 'not looked at'
    thread.giveSome(queue)
  }
  const judgeFirst = async () => {
    const first = queue[0] as Filled
    while (first.state !== 'looked at') {
      const own = queue.find(({ state }) => state === 'not looked at')
      if (own) {
        lookAtAll(own.portion, own.count)
        own.state = 'looked at'
        // A turn, so that the thread is given more.
        await new Promise(setImmediate)
      } else await thread.told()
      thread.giveSome(queue)
    }
    goesOn = judgeAll(first.portion, first.count, judge)
    free.push(queue.shift() as Filled)
  }
  return {
    take,
    rest: async () => {
      while (goesOn && (queue.length >= mostPortions || queue[0]?.state === 'looked at')) await judgeFirst()
      return goesOn
    },
    finish: async () => {
      const last = queue.at(-1)
      if (last?.state === 'filling') passOn(last)
      while (goesOn && queue.length > 0) await judgeFirst()
    },
    dispose: () => thread.end(),
  }
}

interface Thread {
  /** Gives it portions that nobody has looked at, as long as it has few. */
  readonly giveSome: (queue: readonly Filled[]) => void
  /** Resolves when it has given one back. @throws CannotCheck if it has ended */
  readonly told: () => Promise<void>
  readonly end: () => Promise<void>
}

/** Begins when there is a first portion, and is given none before it can look: what it has is lost if it fails. */
function createThread(): Thread {
  const given: Filled[] = []
  let worker: Worker | null = null
  let state: 'beginning' | 'ready' | 'ended' = 'beginning'
  let wake = () => {}
  const begin = () => {
    const begun = new Worker(fileOfThread(), { workerData: looking, execArgv: [] })
    begun.on('message', (portion: Portion | null) => {
      if (portion === null) state = 'ready'
      else Object.assign(given.shift() as Filled, { portion, state: 'looked at' })
      wake()
    })
    const end = () => {
      state = 'ended'
      wake()
    }
    begun.on('error', end)
    begun.on('exit', end)
    return begun
  }
  return {
    giveSome: (queue) => {
      if (state !== 'ended') worker ??= begin()
      for (const filled of queue) {
        if (state !== 'ready' || given.length >= mostGiven) return
        if (filled.state !== 'not looked at') continue
        filled.state = 'given'
        given.push(filled)
        const { portion, count } = filled
        worker?.postMessage({ portion, count } satisfies LookJob, memoryOf(portion))
      }
    },
    told: async () => {
      const { promise, resolve } = promiseToResolve()
      wake = resolve
      if (state !== 'ended') await promise
      if (state === 'ended') throw new CannotCheck('a thread of this program has ended: try again')
    },
    end: async () => {
      await worker?.terminate()
    },
  }
}

function promiseToResolve() {
  let resolve = () => {}
  const promise = new Promise<void>((call) => (resolve = call))
  return { promise, resolve }
}

/** In the program for auditors there is only one file, which does both. */
function fileOfThread(): URL {
  return typeof COMMIT === 'undefined' ? new URL('look-thread.ts', import.meta.url) : new URL(import.meta.url)
}
