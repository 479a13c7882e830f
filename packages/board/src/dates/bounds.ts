/** The range of a date, for drawing: an open side reaches to the end of the picture. */
import { boundsOf } from '@commitments/domain/when'

interface Span {
  readonly first: string | null
  readonly last: string | null
}

export function spanOf(when: string | null): Span {
  const { first, last } = boundsOf(when)
  return { first, last }
}

/** The first and the last day of some dates; null if none of them is bounded. */
export function reachOf(dates: readonly (string | null)[]): { readonly from: string; readonly to: string } | null {
  const days = dates
    .map(spanOf)
    .flatMap(({ first, last }) => [first, last])
    .filter((day) => day !== null)
    .toSorted()
  const [from, to] = [days[0], days.at(-1)]
  return from === undefined || to === undefined ? null : { from, to }
}

/** The last possible day, by which dates are sorted; null if there is none. */
export function lastDayOf(when: string | null): string | null {
  return boundsOf(when).last
}
