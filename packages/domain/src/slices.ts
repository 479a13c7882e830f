/**
 * Work that can be done in slices: it gives the turn back at each `yield`, so that a service does others' work in between. Whoever has nothing
 * else to do drains it ({@link drained}).
 */
export type Sliced<Result> = Generator<void, Result>

/** Events that are read in one slice: a few milliseconds at most. */
export const eventsASlice = 50

/** The result of sliced work, all at once. */
export function drained<Result>(work: Sliced<Result>): Result {
  for (;;) {
    const next = work.next()
    if (next.done) return next.value
  }
}
