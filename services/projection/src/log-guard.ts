import { guardFaults } from '@commitments/event-store'
import type { Check, CheckResult } from '@commitments/http-kit'
import type { Pool } from 'pg'
import type { Logger } from 'pino'

/**
 * Checks that what keeps the log as it is, is as the migrations made it: triggers, functions, owner and rights; and that no more was applied
 * than the log has. Nothing else would show it. An alarm, because every instance sees the same.
 */
export function guardCheck(pool: Pool): Check {
  return { name: 'log-guard', isAlarm: true, check: () => judgeGuard(pool) }
}

/** Looks once, so that a fault is in the log of the service from its start, also where nobody asks for readiness. */
export async function lookAtGuard(pool: Pool, logger: Logger): Promise<void> {
  const { ok, detail } = await judgeGuard(pool)
  if (!ok) logger.error(detail)
}

async function judgeGuard(pool: Pool): Promise<CheckResult> {
  const [guards, applied] = [await guardFaults(pool), await pool.query<Applied>(appliedQuery)]
  const faults = [...guards, ...beyondFaults(applied.rows[0] as Applied)]
  if (faults.length > 0) return { ok: false, detail: faults.join('. ') }
  return {
    ok: true,
    detail: 'triggers, functions, owner and rights keep the log as it is, and no more was applied than it has',
  }
}

const appliedQuery = {
  name: 'read-applied-beyond',
  text: `SELECT h.head, ARRAY(SELECT g.projection || ' at ' || g.position FROM projection_generations g
      WHERE g.state = 'live' AND g.position > h.head ORDER BY 1) AS beyond
    FROM (SELECT coalesce(max(position), 0) AS head FROM events) h`,
}

interface Applied {
  readonly head: number
  readonly beyond: readonly string[]
}

function beyondFaults({ head, beyond }: Applied): string[] {
  if (beyond.length === 0) return []
  return [
    `more was applied than the log has, which ends at position ${head}: ${beyond.join(', ')}. Events were removed from the log, or the database was restored without its events`,
  ]
}
