/** Instants in queries: one form and one set of bounds for every parameter. */
import { instantOf } from '@commitments/domain'
import { z } from 'zod'

/** Minutes between UTC and the farthest time zone, that of the Line Islands. */
const farthestOffset = 14 * 60

const example = '2026-03-01T00:00:00Z'
const accepted = 'must be an instant (RFC 3339) of the years 1 to 9999 in UTC, with an offset of at most 14 hours'

/** Text that `instantOf` reads; digits beyond microseconds are cut off. */
export const Instant = z
  .string()
  .max(60, { error: `${accepted}, such as ${example}` })
  .refine(isInstant, { error: ({ input }) => fault(String(input)) })
  .meta({ format: 'date-time' })

export function isInstant(text: string): boolean {
  const [, hours = 0, minutes = 0] = /[+-](\d\d):(\d\d)$/.exec(text) ?? []
  return Number(hours) * 60 + Number(minutes) <= farthestOffset && instantOf(text) !== null
}

function fault(text: string): string {
  if (!/:\d\d(?:\.\d+)? \d\d:\d\d$/.test(text)) return `${accepted}, such as ${example}`
  return 'must have %2B in place of the space (a + in a URL means a space), such as 2026-03-01T07:00:00%2B07:00'
}
