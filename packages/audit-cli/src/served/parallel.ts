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
    for (let next = waiting.next(); next.done !== true && goesOn; next = waiting.next())
      if ((await work(next.value)) === false) goesOn = false
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
