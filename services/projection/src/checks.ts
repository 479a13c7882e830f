import { clockChecks, type DatabaseClock, isStuck, type Movement, unseen } from '@commitments/event-store'
import type { Check, CheckResult } from '@commitments/http-kit'
import { append, emptyFrontier, hashBytes, rootOfFrontier } from '@commitments/transparency'
import type { Pool } from 'pg'
import { type ProjectionName, projectionNames } from './projection-names.ts'
import { type Lag, readLag } from './projections/lag.ts'

/** The checks of `/health/ready`: the database, the projectors, and the clocks. */
export function readinessChecks(pool: Pool, clock: DatabaseClock): Check[] {
  return [
    ...projectionNames.map((name) => projectorCheck(pool, name)),
    ...clockChecks(pool, clock),
    guardCheck(pool),
    tileCheck(pool),
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

/** The next full tile after one, whether the log has all events of a tile of level 0, and what the tile above holds for it. */
const tileQuery = {
  name: 'read-next-full-tile',
  text: `SELECT t.level, t.index, t.hashes,
      substring(u.hashes FROM (t.index % 256)::integer * 32 + 1 FOR 32) AS above,
      CASE WHEN t.level = 0 THEN 256 - (SELECT count(*) FROM events e WHERE e.position BETWEEN t.index * 256 + 1 AND t.index * 256 + 256)
        ELSE 0 END AS missing
    FROM log_tiles t LEFT JOIN log_tiles u ON u.level = t.level + 1 AND u.index = t.index / 256
    WHERE (t.level, t.index) > ($1::smallint, $2::bigint) AND octet_length(t.hashes) = 8192
      AND EXISTS (SELECT FROM log_tree r WHERE r.log_id = (SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1))
    ORDER BY t.level, t.index LIMIT 1`,
}

interface FullTile {
  readonly level: number
  readonly index: number
  readonly hashes: Buffer
  readonly above: Buffer | null
  readonly missing: number
}

/**
 * Each time one tile, in turn: it fits the tile above it, and the log has its events. One that does not is looked at again until it does.
 */
function tileCheck(pool: Pool): Check {
  let after = { level: 0, index: -1 }
  const check = async (): Promise<CheckResult> => {
    const { rows } = await pool.query<FullTile>({ ...tileQuery, values: [after.level, after.index] })
    const [tile] = rows
    const fault = tile === undefined ? null : faultOfTile(tile)
    if (fault !== null) return { ok: false, detail: fault }
    after = tile ?? { level: 0, index: -1 }
    return { ok: true, detail: 'no tile was found that does not fit; each time the next one is looked at' }
  }
  return { name: 'log-tiles', isAlarm: true, check }
}

function faultOfTile({ level, index, hashes, above, missing }: FullTile): string | null {
  if (missing > 0) {
    const first = index * 256 + 1
    return (
      `of the events from position ${first} to ${first + 255}, which are in the tree, ${missing} are missing: they were removed from the log. ` +
      'Find out who wrote to the table of events, and put the recorded lines back from a back-up or an export'
    )
  }
  const frontier = emptyFrontier()
  for (let at = 0; at < hashes.length; at += hashBytes) append(frontier, hashes.subarray(at, at + hashBytes))
  if (above !== null && rootOfFrontier(frontier).equals(above)) return null
  return (
    `tile ${level}/${index} of the tree does not fit the tile above it: one of them was changed. Find out who wrote to them; then ` +
    '`npm run rebuild -- --tree` rebuilds the tree from the log and compares it with the signed checkpoints'
  )
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
