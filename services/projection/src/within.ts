/** Thrown by `within`. */
export class TookTooLong extends Error {
  override readonly name = 'TookTooLong'
}

/**
 * What the promise gives, or a `TookTooLong` after so many milliseconds. The work itself is not ended: this is for
 * questions to a database whose connection is half-open, where no answer and no error would ever come.
 */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new TookTooLong(`No answer within ${milliseconds} ms.`)), milliseconds)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
