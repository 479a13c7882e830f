/** Long computations in pieces, between which everybody else is served. */
import type { Sliced } from '@commitments/domain'

/** Milliseconds that one piece may take, about: of those a request that needs nothing but memory waits for a few. */
const slice = 4

const waiting: (() => void)[] = []

/**
 * Lets others go first: one computation goes on in each turn of the event loop, however many there are. So a request that needs nothing but
 * memory waits for one piece of one of them.
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
 * What `doOne` makes of each, in order. The first piece waits for its turn as every other does: answers of the database often come together, and
 * what is made of each of them would be done in one go.
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

/** The result of sliced work. Work that takes longer than a turn gives others theirs in between; most takes none, and is done at once. */
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
