/** Long computations in pieces, between which everybody else is served. */

/** Milliseconds that one piece may take, about. */
const slice = 8

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

/** What `doOne` makes of each, in order. */
export async function inSlices<Item, Made>(items: Iterable<Item>, doOne: (item: Item) => Made): Promise<Made[]> {
  const made: Made[] = []
  let began = performance.now()
  for (const item of items) {
    made.push(doOne(item))
    if (performance.now() - began < slice) continue
    await breathe()
    began = performance.now()
  }
  return made
}
