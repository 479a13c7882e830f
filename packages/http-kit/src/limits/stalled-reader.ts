/** Contract: a reader of a stream that takes nothing for so many milliseconds is cut off. */
export const usualStallLimitMs = 30_000

/**
 * Passes values on to a reader and notices when it stops taking them: between a value and the wish for the next lies
 * nothing but the reader, its network and a few kilobytes of buffers. Time that the source takes does not count.
 *
 * @param cut called once, when nothing was taken for `limitMs`; it must make the reader's side fail
 */
export async function* endWhenStalled<Value>(
  values: AsyncIterable<Value>,
  limitMs: number,
  cut: () => void,
): AsyncGenerator<Value> {
  for await (const value of values) {
    const timer = setTimeout(cut, limitMs)
    try {
      yield value
    } finally {
      clearTimeout(timer)
    }
  }
}
