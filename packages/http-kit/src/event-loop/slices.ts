/** Long computations in slices, between which everybody else is served. */
import type { Sliced } from '@commitments/domain'

/** Approximate milliseconds of one slice. A request that needs only memory waits for a few of them. */
const slice = 4

const waiting: (() => void)[] = []

/**
 * Lets other work go first: one computation continues in each turn of the event loop, however many there are. So a request that needs only
 * memory waits for one slice of one of them.
 */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve)
    if (waiting.length === 1) setImmediate(goOn)
  })
}

function goOn(): void {
  waiting[0]?.()
  waiting.shift()
  if (waiting.length > 0) setImmediate(goOn)
}

/**
 * The results of `doOne` for each item, in order. The first slice waits for its turn like every other: answers of the database often arrive
 * together, and otherwise all of them would be processed in one go.
 */
export async function inSlices<Item, Made>(items: Iterable<Item>, doOne: (item: Item) => Made): Promise<Made[]> {
  const made: Made[] = []
  await breathe()
  let began = performance.now()
  for (const item of items) {
    if (performance.now() - began >= slice) {
      await breathe()
      began = performance.now()
    }
    made.push(doOne(item))
  }
  return made
}

/** The result of sliced work. Work that takes longer than a turn lets others go in between; most work is done at once. */
export function inTurns<Result>(work: Sliced<Result>): Result | Promise<Result> {
  const next = oneTurn(work)
  return next.done ? next.value : goOnInTurns(work)
}

async function goOnInTurns<Result>(work: Sliced<Result>): Promise<Result> {
  for (;;) {
    await breathe()
    const next = oneTurn(work)
    if (next.done) return next.value
  }
}

function oneTurn<Result>(work: Sliced<Result>): IteratorResult<void, Result> {
  const begun = performance.now()
  for (;;) {
    const next = work.next()
    if (next.done || performance.now() - begun >= slice) return next
  }
}
