/** Days as IATI wants them: one day each, however little is known. The rest is said in words. */
import { boundsOf, type Day, firstDay, lastDay, type When } from '@commitments/domain'

/** What happened, with the last day on which it may be written: today in UTC, or the day that is asked for. */
export interface Happening {
  readonly occurredOn: When | null
  /** When it was recorded: by then it had happened. */
  readonly recordedAt: string
}

/** The day that is written, or why none can be. */
type DayFound = { readonly day: Day } | { readonly why: 'undated' | 'not-yet' }

/**
 * The last possible day of something that happened: but no later than the day of its recording, and no later than `limit`. IATI compares with now in
 * UTC, so what happened today in Hanoi is written once the day has begun in UTC.
 */
export function dayOfHappening({ occurredOn, recordedAt }: Happening, limit: Day): DayFound {
  const { first, last } = boundsOf(occurredOn)
  if (last === null) return { why: 'undated' }
  return within(first, last, recordedAt, limit)
}

/** The first possible day of something that lasts; otherwise its last possible day. */
export function dayOfBeginning(happening: Happening, limit: Day): DayFound {
  const { occurredOn } = happening
  if (occurredOn?.includes('/') !== true) return dayOfHappening(happening, limit)
  const first = firstDay(occurredOn)
  if (first === null) return { why: 'undated' }
  return first > limit ? { why: 'not-yet' } : { day: first }
}

function within(first: Day | null, last: Day, recordedAt: string, limit: Day): DayFound {
  if (first !== null && first > limit) return { why: 'not-yet' }
  const recorded = recordedAt.slice(0, 10)
  const known = first !== null && first > recorded ? first : recorded
  return { day: [last, known, limit].reduce((least, day) => (day < least ? day : least)) }
}

/** Whether a date is one exact day, so that no words are needed. */
export function isExact(when: When): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(when)
}

/** The first and the last day of a plan; null where nothing bounds it. */
export function planBounds(when: When | null): { readonly first: Day | null; readonly last: Day | null } {
  return { first: firstDay(when), last: lastDay(when) }
}
