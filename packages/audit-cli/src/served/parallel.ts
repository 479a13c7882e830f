/** Concurrent requests. */
const atOnce = 8

/** Works through the items, some at once; it begins no more of them once `work` returns false. */
export async function inParallel<One>(
  items: Iterable<One>,
  work: (one: One) => Promise<boolean | undefined>,
): Promise<void> {
  const waiting = items[Symbol.iterator]()
  let goesOn = true
  const worker = async () => {
    for (let { value, done } = waiting.next(); !done && goesOn; { value, done } = waiting.next())
      if ((await work(value as One)) === false) goesOn = false
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
