/**
 * Work in slices: it gives way at each `yield`, so that a service can do other work in between. Code with nothing else to do drains it
 * ({@link drained}).
 */
export type Sliced<Result> = Generator<void, Result>

/** Events that are read in one slice: at most a few milliseconds. */
export const eventsASlice = 50

/** What `make` gives for each item, one after the other, in slices. */
export function* collecting<Item, Made>(items: Iterable<Item>, make: (item: Item) => readonly Made[]): Sliced<Made[]> {
  const made: Made[] = []
  let count = 0
  for (const item of items) {
    made.push(...make(item))
    if (++count % eventsASlice === 0) yield
  }
  return made
}

/** The result of sliced work, in one go. */
export function drained<Result>(work: Sliced<Result>): Result {
  for (;;) {
    const next = work.next()
    if (next.done) return next.value
  }
}
