import { clockSkew } from '@commitments/event-store'
import type { Check, CheckResult } from '@commitments/http-kit'
import type { Pool } from 'pg'
import { type Lag, readLag } from './read-model/lag.ts'

/** The newest event may be so many seconds ahead of the database's clock before somebody has to look at it. */
const clockTolerance = 5

/** Milliseconds in which a projector that has something to do must have moved. */
const stuckAfter = 10_000

/** What `/health/ready` asks: the database, the projector, the clock. */
export function readinessChecks(pool: Pool): Check[] {
  const movement: Movement = { position: -1, since: 0 }
  return [
    { name: 'projector', check: async () => judge(movement, await readLag(pool), performance.now()) },
    { name: 'clock', check: async () => judgeClock((await clockSkew(pool)) ?? 0) },
  ]
}

/** Where the checkpoint was last seen, and since when it has been there with something left to do. */
export interface Movement {
  position: number
  since: number
}

/** A projector may lag; it is stuck when it does not move although there is more to apply. */
export function judge(movement: Movement, { position, head, events, seconds }: Lag, now: number): CheckResult {
  if (position !== movement.position || events === 0) Object.assign(movement, { position, since: now })
  if (events === 0) return { ok: true, detail: `the log is applied up to its head, ${head}` }
  const behind = `${events} events and ${seconds.toFixed(1)} s behind, at position ${position} of ${head}`
  if (now - movement.since < stuckAfter) return { ok: true, detail: behind }
  return { ok: false, detail: `the projector does not move: ${behind}` }
}

function judgeClock(ahead: number): CheckResult {
  if (ahead <= clockTolerance) return { ok: true, detail: 'the newest event is not ahead of the database clock' }
  return { ok: false, detail: `the newest event is ${ahead.toFixed(1)} s ahead of the database clock` }
}
