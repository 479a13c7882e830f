import { clockChecks, type DatabaseClock, isStuck, type Movement, unseen } from '@commitments/event-store'
import type { Check, CheckResult } from '@commitments/http-kit'
import { hashBytes, widthOfTile } from '@commitments/transparency'
import type { Pool } from 'pg'
import { guardCheck } from './log-guard.ts'
import { type ProjectionName, projectionNames } from './projection-names.ts'
import { type Lag, readLag } from './projections/lag.ts'
import { fitsTree, type TileInTree } from './transparency/fits-tree.ts'

/**
 * The checks of `/health/ready`: the database, the projectors, and the clocks.
 *
 * @param onMissing called when events of the tree are not in the log any more
 */
export function readinessChecks(pool: Pool, clock: DatabaseClock, onMissing: () => Promise<void>): Check[] {
  return [
    ...projectionNames.map((name) => projectorCheck(pool, name)),
    ...clockChecks(pool, clock),
    guardCheck(pool),
    tileCheck(pool, onMissing),
  ]
}

/** A tile, what the rest of the tree holds for it, and how many events the log has of a tile of level 0. */
const tileQuery = {
  name: 'read-tile-to-look-at',
  text: `SELECT r.size, r.frontier, t.hashes, substring(u.hashes FROM ($2::bigint % 256)::integer * 32 + 1 FOR 32) AS above,
      (SELECT count(*) FROM events e WHERE e.position > $2::bigint * 256 AND e.position <= least(r.size, $2::bigint * 256 + 256)) AS events
    FROM log_tree r LEFT JOIN log_tiles t ON t.level = $1::smallint AND t.index = $2::bigint
      LEFT JOIN log_tiles u ON u.level = $1::smallint + 1 AND u.index = $2::bigint / 256
    WHERE r.log_id = (SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1)`,
}

interface TileRow {
  readonly size: number
  readonly frontier: Buffer
  readonly hashes: Buffer | null
  readonly above: Buffer | null
  readonly events: number
}

type TilePlace = Pick<TileInTree, 'level' | 'index'>

const noFault = { ok: true, detail: 'no tile was found that does not fit; each time the next one is looked at' }

const firstTile: TilePlace = { level: 0, index: 0 }

/**
 * Each time one tile of the tree, in turn: it is there, it fits the rest of the tree, and the log has its events. One that does not is looked
 * at again until it does.
 */
function tileCheck(pool: Pool, onMissing: () => Promise<void>): Check {
  let place = firstTile
  const check = async (): Promise<CheckResult> => {
    const { rows } = await pool.query<TileRow>({ ...tileQuery, values: [place.level, place.index] })
    const [row] = rows
    if (row === undefined) return noFault
    const missing = missingOf(place, row)
    if (missing > 0) await onMissing()
    const fault = missing > 0 ? missingSentence(place, row, missing) : faultOfTile(place, row)
    if (fault !== null) return { ok: false, detail: fault }
    place = tileAfter(place, row.size)
    return noFault
  }
  return { name: 'log-tiles', isAlarm: true, check }
}

/** The next tile of the level, or the first one of the next level; after the last one, the first of all. */
function tileAfter({ level, index }: TilePlace, size: number): TilePlace {
  if (widthOfTile(level, index + 1, size) > 0) return { level, index: index + 1 }
  return widthOfTile(level + 1, 0, size) > 0 ? { level: level + 1, index: 0 } : firstTile
}

function missingOf({ level, index }: TilePlace, { size, events }: TileRow): number {
  return level === 0 ? widthOfTile(level, index, size) - events : 0
}

function missingSentence({ index }: TilePlace, { size }: TileRow, missing: number): string {
  const first = index * 256 + 1
  return (
    `of the events from position ${first} to ${Math.min(first + 255, size)}, which are in the tree, ${missing} are missing: they were removed from the log. ` +
    'Find out who wrote to the table of events, and put the recorded lines back from a backup or an export'
  )
}

function faultOfTile({ level, index }: TilePlace, { size, frontier, hashes, above }: TileRow): string | null {
  const width = widthOfTile(level, index, size)
  if (width === 0) return null
  if (hashes !== null && fitsTree({ level, index, hashes, above, size, frontier })) return null
  const what =
    hashes?.length === width * hashBytes
      ? `tile ${level}/${index} of the tree does not fit the rest of the tree: one of them was changed`
      : `tile ${level}/${index} of the tree has ${(hashes?.length ?? 0) / hashBytes} hashes of ${width}: some were removed`
  return (
    `${what}. Find out who wrote to them; then \`npm run rebuild -- --tree\` rebuilds the tree from the log and compares it with the ` +
    'signed checkpoints'
  )
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
