import type { Queryable } from './queryable.ts'
import { clockSkew } from './read-log.ts'

/**
 * How many seconds the newest event may be ahead of the database's clock before somebody has to look at it (docs/architecture.md, The
 * line).
 */
const toleratedSeconds = 5

/** For `/health/ready`: whether the clock of the database was set back behind recorded times. */
export function clockCheck(client: Queryable) {
  return { name: 'clock', check: async () => judgeClock(await clockSkew(client)) }
}

/** @param ahead seconds */
function judgeClock(ahead: number): { ok: boolean; detail: string } {
  if (ahead <= toleratedSeconds) return { ok: true, detail: 'the newest event is not ahead of the database clock' }
  return { ok: false, detail: `the newest event is ${ahead.toFixed(1)} s ahead of the database clock` }
}
