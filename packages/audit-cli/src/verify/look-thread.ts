/** What this program does in its second thread: it looks at the lines that it is given, until it is ended. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { lookAtAll, memoryOf, type Portion } from './look.ts'

/** Says to a file that is both the program and the program of its thread which of the two it is. */
export const looking = 'looking at lines'

export interface LookJob {
  readonly portion: Portion
  readonly count: number
}

if (!isMainThread && workerData === looking) {
  parentPort?.on('message', ({ portion, count }: LookJob) => {
    lookAtAll(portion, count)
    parentPort?.postMessage(portion, memoryOf(portion))
  })
  // From now on, portions are in good hands.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(null)
}
