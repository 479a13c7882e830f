import { clockCheck } from '@commitments/event-store'
import type { Check, CheckResult } from '@commitments/http-kit'
import type { Pool } from 'pg'
import { type ProjectionName, projectionNames } from './projector/projection.ts'
import { type Lag, readLag } from './read-model/lag.ts'

/** Milliseconds in which a projector that has something to do must have moved. */
const stuckAfter = 10_000

/** What `/health/ready` asks: the database, the projectors, the clock. */
export function readinessChecks(pool: Pool): Check[] {
  return [...projectionNames.map((name) => projectorCheck(pool, name)), clockCheck(pool)]
}

function projectorCheck(pool: Pool, name: ProjectionName): Check {
  const movement: Movement = { position: -1, since: null }
  return { name, check: async () => judge(movement, await readLag(pool, name), performance.now()) }
}

/** Where the checkpoint was last seen, and when it was first seen there with something left to do (null: never). */
export interface Movement {
  position: number
  since: number | null
}

/**
 * A projector may lag; it is stuck when it does not move although there is more to apply. Whatever time passes between
 * two looks: only what was seen both times counts.
 */
export function judge(movement: Movement, { position, head, events, seconds }: Lag, now: number): CheckResult {
  if (position !== movement.position || events === 0) Object.assign(movement, { position, since: null })
  if (events === 0) return { ok: true, detail: `the log is applied up to its head, ${head}` }
  const behind = `${events} events and ${seconds.toFixed(1)} s behind, at position ${position} of ${head}`
  movement.since ??= now
  if (now - movement.since < stuckAfter) return { ok: true, detail: behind }
  return { ok: false, detail: `the projector does not move: ${behind}` }
}
