/**
 * Compares the lines of the log with the tree that was built from them, and the rows of the log with their lines: a fold of changed lines
 * would agree with a changed read model.
 */
import { hashBytes, leafOfLine } from '@commitments/transparency'
import type { PoolClient } from 'pg'
import { type Findings, report } from '../projections/check/findings.ts'
import type { Generation } from '../projections/generations.ts'
import { fitsTree } from '../transparency/fits-tree.ts'

interface OddRow {
  readonly proposalId: string
  readonly position: number
  readonly line: string
  /** Whether the columns say what the line says. */
  readonly fits: boolean
  /** The tile of level 0, and its hash in the tile above: null if the tree does not have them yet. */
  readonly tile: Buffer | null
  readonly above: Buffer | null
  readonly inTree: boolean
  /** Of the tree; null if the position is not in it. */
  readonly size: number | null
  readonly frontier: Buffer | null
}

/** The beginning of findings about the log, and of those about its tree; the other findings are about what is served. */
export const logChanged = 'the log was changed: '
export const treeChanged = 'the tree was changed: '

/**
 * The database hashes and compares. It returns only rows that differ from their leaf in the tree, or from the beginning of their own line.
 */
const oddRows = {
  name: 'read-odd-rows',
  text: `SELECT * FROM (
    SELECT e.proposal_id AS "proposalId", e.position, e.line, r.log_id IS NOT NULL AS "inTree", r.size, r.frontier, t.hashes AS tile,
        substring(u.hashes FROM ((e.position - 1) / 256 % 256)::integer * 32 + 1 FOR 32) AS above,
        e.line LIKE '{"position":' || e.position || ',"recordedAt":"' || recorded_at_text(e.recorded_at) || '","eventId":"' || e.event_id
          || '","nonce":"______________________","proposalId":"' || e.proposal_id || '","version":' || e.version || ',%'
        OR e.line LIKE '{"position":' || e.position || ',"erased":{"by":"____________________________________"},"leafHash":"____________________________________________","recordedAt":"'
          || recorded_at_text(e.recorded_at) || '","eventId":"' || e.event_id || '","proposalId":"' || e.proposal_id || '","version":' || e.version || ',%' AS fits,
        substring(t.hashes FROM ((e.position - 1) % 256)::integer * 32 + 1 FOR 32) AS leaf
      FROM unnest($1::text[]) AS wanted(id)
      -- + 0 keeps the planner from using the index of positions, which would search the whole log for each of them.
      CROSS JOIN LATERAL (SELECT * FROM events WHERE proposal_id = wanted.id AND position + 0 <= $2) e
      LEFT JOIN log_tree r ON e.position <= r.size
        AND r.log_id = (SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1)
      LEFT JOIN log_tiles t ON r.log_id IS NOT NULL AND t.level = 0 AND t.index = (e.position - 1) / 256
      LEFT JOIN log_tiles u ON r.log_id IS NOT NULL AND u.level = 1 AND u.index = (e.position - 1) / 65536
    ) o
   WHERE NOT fits OR "inTree" AND leaf_of_line(line) IS DISTINCT FROM leaf
   ORDER BY position + 0 LIMIT 100`,
}

/**
 * Events that were there: the last one that was applied to a proposal, whose position is in the tree and not in the log any more, and
 * versions that later ones follow. The log gives neither a position nor a version without an event.
 */
const missingEvents = {
  name: 'read-missing-events',
  text: `SELECT s.proposal_id AS "proposalId", 'the event at position ' || s.position || ', which was applied and is in the tree' AS what
      FROM proposal_status s
      JOIN log_tree r ON s.position <= r.size AND r.log_id = (SELECT log_id FROM log_identity ORDER BY generation DESC LIMIT 1)
     WHERE s.generation = $3 AND s.proposal_id = ANY($1) AND NOT EXISTS (SELECT FROM events e WHERE e.position = s.position)
    UNION ALL
    SELECT proposal_id, (max(version) - count(*)) || ' of the versions up to ' || max(version)
      FROM events WHERE proposal_id = ANY($1) AND position + 0 <= $2 GROUP BY proposal_id HAVING count(*) < max(version)`,
}

/** Says for each differing row which side is wrong. */
export async function compareLines(
  client: PoolClient,
  ids: readonly string[],
  { position: upTo, generation }: Pick<Generation, 'position' | 'generation'>,
  findings: Findings,
): Promise<void> {
  const { rows } = await client.query<OddRow>({ ...oddRows, values: [ids, upTo] })
  for (const row of rows) report(findings, { what: faultOf(row), proposalId: row.proposalId, position: row.position })
  const missing = await client.query<{ proposalId: string; what: string }>({
    ...missingEvents,
    values: [ids, upTo, generation],
  })
  for (const { proposalId, what } of missing.rows)
    report(findings, { what: `${logChanged}${what}, is missing`, proposalId })
}

function faultOf(row: OddRow): string {
  const { position, inTree, tile, fits } = row
  if (inTree && !isLeafOf(row)) {
    if (tile === null) return `${treeChanged}it has no tile for position ${position}`
    return isTileRight(row)
      ? `${logChanged}the line at position ${position} is not the one that was taken into the tree`
      : `${treeChanged}the tile of position ${position} fits neither its line nor the rest of the tree`
  }
  return fits
    ? ''
    : `${logChanged}the row at position ${position} has another time, id, version or proposal than its line`
}

function isLeafOf({ tile, position, line }: OddRow): boolean {
  const start = ((position - 1) % 256) * hashBytes
  return tile?.subarray(start, start + hashBytes).equals(leafOfLine(Buffer.from(line))) ?? false
}

function isTileRight({ position, tile, above, size, frontier }: OddRow): boolean {
  if (tile === null || size === null || frontier === null) return false
  const index = Math.floor((position - 1) / 256)
  return fitsTree({ level: 0, index, hashes: tile, above, size, frontier })
}
