import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Sliced } from '@commitments/domain'

/** Milliseconds of work after which others get a turn. */
const atATime = 10

/** Does sliced work, and lets others of this process do theirs in between. */
export async function inTurns<Result>(work: Sliced<Result>): Promise<Result> {
  for (let began = performance.now(); ; ) {
    const { done, value } = work.next()
    if (done) return value
    if (performance.now() - began < atATime) continue
    await nextTurn()
    began = performance.now()
  }
}
