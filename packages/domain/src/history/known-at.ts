import type { RecordedEvent } from '../event-types.ts'

/** A point in what we knew: a position of the log, or an instant in the form of {@link instantOf}. */
export type Knowledge = { readonly position: number } | { readonly instant: string }

/** What was recorded of a stream up to then: its beginning, perhaps all of it, perhaps nothing. */
export function knownAt(events: readonly RecordedEvent[], knowledge: Knowledge): readonly RecordedEvent[] {
  // Neither falls along a stream, so that the first that is later ends it.
  const end = events.findIndex((event) =>
    'position' in knowledge ? event.position > knowledge.position : event.recordedAt > knowledge.instant,
  )
  return end < 0 ? events : events.slice(0, end)
}

const instantPattern = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})$/i

/**
 * An instant (RFC 3339, with any offset and precision) in the form of `recordedAt`, UTC with microseconds: as text it compares with it. What
 * is finer than a microsecond is cut off, which no comparison with our own instants can tell. Null for what is no instant.
 */
export function instantOf(text: string): string | null {
  const match = instantPattern.exec(text)
  if (!match) return null
  const [, second = '', fraction = '', offset = ''] = match
  // The fraction never goes through a Date, which has milliseconds only.
  const milliseconds = Date.parse(`${second}${offset.toUpperCase()}`)
  if (Number.isNaN(milliseconds)) return null
  const utc = new Date(milliseconds).toISOString()
  // Outside of the years 0000 to 9999 it has another form, and compares with nothing.
  return utc.length === 24 ? `${utc.slice(0, 19)}.${fraction.slice(0, 6).padEnd(6, '0')}Z` : null
}
