/** Shares one result among all callers that ask at about the same time. */

/** Milliseconds for which one result is shared. */
export const lookShared = 1_000

/**
 * Calls `make` at most once in so many milliseconds (0: for each caller). Callers in between, or while the result is being made, share it.
 */
export function sharedFor<T>(milliseconds: number, make: () => Promise<T>): () => Promise<T> {
  if (milliseconds === 0) return make
  let made: { value: Promise<T>; until: number } | null = null
  return () => {
    if (made !== null && performance.now() < made.until) return made.value
    const one = { value: make(), until: Number.POSITIVE_INFINITY }
    const settled = () => {
      one.until = performance.now() + milliseconds
    }
    one.value.then(settled, settled)
    made = one
    return one.value
  }
}
