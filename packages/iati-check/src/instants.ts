/** Days and instants of a document, for comparisons. */

const day = /^(\d{4}-\d{2}-\d{2})(?:Z|[+-]\d{2}:\d{2})?$/

/**
 * Milliseconds. A day is its beginning in UTC: this is how IATI compares days with now, so that a day has begun in Hanoi seven hours before it may
 * be written. A time without an offset is one of UTC. NaN for anything else.
 */
export function instant(text: string): number {
  const [, plain] = day.exec(text.trim()) ?? []
  if (plain !== undefined) return Date.parse(`${plain}T00:00:00Z`)
  const whole = text.trim()
  return Date.parse(/(?:Z|[+-]\d{2}:\d{2})$/.test(whole) ? whole : `${whole}Z`)
}

/** Whether a period is longer than a year: from 1 January to 1 January of the next year is one, and one more day is too long. */
export function longerThanYear(start: number, end: number): boolean {
  const limit = new Date(start)
  limit.setUTCFullYear(limit.getUTCFullYear() + 1)
  return end > limit.getTime()
}
