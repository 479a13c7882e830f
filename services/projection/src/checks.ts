import { clockCheck, isStuck, type Movement, unseen } from '@commitments/event-store'
import type { Check, CheckResult } from '@commitments/http-kit'
import type { Pool } from 'pg'
import { type ProjectionName, projectionNames } from './projection-names.ts'
import { type Lag, readLag } from './projections/lag.ts'

/**
 * The checks of `/health/ready`: the database, the projectors, and the clock. The clock is only an alarm, because it affects nothing but
 * recorded times.
 */
export function readinessChecks(pool: Pool): Check[] {
  return [
    ...projectionNames.map((name) => projectorCheck(pool, name)),
    { ...clockCheck(pool), isAlarm: true },
    guardCheck(pool),
  ]
}

const guardQuery = {
  name: 'read-log-guard',
  text: `SELECT
    ARRAY(SELECT wanted.name FROM (VALUES ('events', 'events_append_only'), ('events', 'events_halted'),
        ('log_identity', 'log_identity_append_only')) AS wanted(relation, name)
      WHERE NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = to_regclass(wanted.relation) AND t.tgname = wanted.name AND t.tgenabled = 'A')
      ORDER BY 1) AS triggers,
    ARRAY(SELECT DISTINCT coalesce(r.rolname::text, 'PUBLIC') FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
      LEFT JOIN pg_roles r ON r.oid = a.grantee
      WHERE c.oid IN (to_regclass('events'), to_regclass('log_identity')) AND a.grantee <> c.relowner
        AND a.privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER') ORDER BY 1) AS rights,
    ARRAY(SELECT g.projection || ' at ' || g.position FROM projection_generations g
      WHERE g.state = 'live' AND g.position > coalesce((SELECT max(position) FROM events), 0) ORDER BY 1) AS beyond,
    coalesce((SELECT max(position) FROM events), 0) AS head`,
}

interface Guard {
  readonly triggers: readonly string[]
  readonly rights: readonly string[]
  readonly beyond: readonly string[]
  readonly head: number
}

/**
 * Checks that the log's guards are in place and are the ones that the migrations applied: nothing else would show it. An alarm, because
 * every instance sees the same.
 */
function guardCheck(pool: Pool): Check {
  const check = async () => judgeGuard((await pool.query<Guard>(guardQuery)).rows[0] as Guard)
  return { name: 'log-guard', isAlarm: true, check }
}

function judgeGuard({ triggers, rights, beyond, head }: Guard): CheckResult {
  const faults = [
    triggers.length > 0 &&
      `triggers that keep the log as it is are missing or not ENABLE ALWAYS: ${triggers.join(', ')}. Find out who switched them off, and what was changed since; \`npm run replay-check\` compares everything`,
    rights.length > 0 &&
      `others than the owner may change or delete what was recorded: ${rights.join(', ')}. Revoke these rights, and find out what was done with them`,
    beyond.length > 0 &&
      `more was applied than the log has, which ends at position ${head}: ${beyond.join(', ')}. Events were removed from the log, or the database was restored without its events`,
  ].filter((fault) => fault !== false)
  if (faults.length > 0) return { ok: false, detail: faults.join('. ') }
  return { ok: true, detail: 'triggers and rights keep the log as it is, and no more was applied than it has' }
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
