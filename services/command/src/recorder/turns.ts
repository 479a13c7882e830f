import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Sliced } from '@commitments/domain'

/** Milliseconds for which sliced work holds the event loop before others get a turn. */
const turnMs = 10

/** The result of sliced work. Work that takes longer than a turn gives others theirs in between; most takes none, and is done at once. */
export function inTurns<Result>(work: Sliced<Result>): Result | Promise<Result> {
  const next = oneTurn(work)
  return next.done ? next.value : goOn(work)
}

async function goOn<Result>(work: Sliced<Result>): Promise<Result> {
  for (;;) {
    await nextTurn()
    const next = oneTurn(work)
    if (next.done) return next.value
  }
}

function oneTurn<Result>(work: Sliced<Result>): IteratorResult<void, Result> {
  const begun = performance.now()
  for (;;) {
    const next = work.next()
    if (next.done || performance.now() - begun >= turnMs) return next
  }
}
