import { clockCheck, isStuck, type Movement, unseen } from '@commitments/event-store'
import type { Check, CheckResult } from '@commitments/http-kit'
import type { Pool } from 'pg'
import { type ProjectionName, projectionNames } from './projection-names.ts'
import { type Lag, readLag } from './projections/lag.ts'

/** What `/health/ready` asks: the database, the projectors, and, as an alarm, the clock: only what is recorded by it would be wrong. */
export function readinessChecks(pool: Pool): Check[] {
  return [...projectionNames.map((name) => projectorCheck(pool, name)), { ...clockCheck(pool), isAlarm: true }]
}

function projectorCheck(pool: Pool, name: ProjectionName): Check {
  const movement = unseen()
  return { name, check: async () => judge(movement, await readLag(pool, name), performance.now()) }
}

/** A projector may lag; it is stuck when it does not move although there is more to apply. */
export function judge(movement: Movement, { position, head, events, seconds }: Lag, now: number): CheckResult {
  const stuck = isStuck(movement, position, events === 0, now)
  if (events === 0) return { ok: true, detail: `the log is applied up to its head, ${head}` }
  const behind = `${events} events and ${seconds.toFixed(1)} s behind, at position ${position} of ${head}`
  return stuck ? { ok: false, detail: `the projector does not move: ${behind}` } : { ok: true, detail: behind }
}
