/** One answer for all who ask at about the same time. */

/** Milliseconds for which one look is the answer to all who ask. */
export const lookShared = 1_000

/** Makes it at most so often (milliseconds; 0: for each who asks); who asks in between, or while it is being made, gets what the others get. */
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
