import type { RecordedEvent } from '../event-types.ts'

/** A point in what we knew: a position of the log, or an instant in the form of {@link instantOf}. */
type Knowledge = { readonly position: number } | { readonly instant: string }

/** The part of a stream that was recorded up to then: a prefix, perhaps all of it, perhaps nothing. */
export function knownAt(events: readonly RecordedEvent[], knowledge: Knowledge): readonly RecordedEvent[] {
  // Neither goes back along a stream, so the first later event ends it.
  const end = events.findIndex((event) =>
    'position' in knowledge ? event.position > knowledge.position : event.recordedAt > knowledge.instant,
  )
  return end < 0 ? events : events.slice(0, end)
}

const instantPattern =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d+))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/i

/**
 * An instant (RFC 3339, with any offset and precision, `t` and `z` in either case) in the form of `recordedAt`, UTC with microseconds, so
 * that the two can be compared as text. Digits beyond a microsecond are cut off; no comparison with our own instants can notice that.
 * Second 60 is the next second. Null for anything that is not an instant, or not in the years 1 to 9999 in UTC.
 */
export function instantOf(text: string): string | null {
  const match = instantPattern.exec(text)
  if (!match) return null
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHours = 0, offsetMinutes = 0] = match
  const time = new Date(0)
  // Not Date.UTC, which reads the year 24 as 1924.
  time.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  if (time.getUTCMonth() !== Number(month) - 1) return null
  const offset = (sign === '-' ? -1 : 1) * (Number(offsetHours) * 60 + Number(offsetMinutes))
  time.setUTCHours(Number(hour), Number(minute) - offset, Number(second))
  const utcYear = time.getUTCFullYear()
  if (utcYear < 1 || utcYear > 9999) return null
  // The fraction never goes through a Date, which has only milliseconds.
  return `${time.toISOString().slice(0, 19)}.${fraction.slice(0, 6).padEnd(6, '0')}Z`
}
