/** Grows the tree: leaves after its size, tiles and size in one transaction. */
import { collecting } from '@commitments/domain'
import { type Queryable, readLog } from '@commitments/event-store'
import { inTurns } from '@commitments/http-kit/slices'
import {
  emptyRoot,
  encodeFrontier,
  type Frontier,
  grow,
  leafOfLine,
  rootOfFrontier,
  type TileGrowth,
} from '@commitments/transparency'
import { type Refusal, refusal } from './refusals.ts'
import { readTreeState, type Tree, takeEpoch } from './tree-state.ts'

type Built =
  /** Committed; `more` if the batch was as large as allowed. */
  | { readonly outcome: 'built'; readonly tree: Tree; readonly more: boolean }
  | { readonly outcome: 'idle' }
  /** Another instance keeps the tree now, or the tree has changed since it was read. Nothing was written. */
  | { readonly outcome: 'superseded' }
  /** The log differs from the one that the tree was built from. Nothing was written. */
  | { readonly outcome: 'refused'; readonly refusal: Refusal }

/**
 * Adds the next events to the tree. The event at its end is read again with them: the tree is continued only if the log still has what the
 * tree took.
 *
 * @throws any error of the database; the tree is then unchanged, or grown by the whole batch
 */
export async function build(client: Queryable, epoch: number, tree: Tree, batchSize: number): Promise<Built> {
  const { frontier, size } = tree
  if (frontier === null || !rootOfFrontier(frontier).equals(tree.root))
    return { outcome: 'refused', refusal: refusal('tree-damaged', { size }) }
  const rows = await readLog(client, { after: Math.max(0, size - 1), limit: batchSize + 1 })
  const last = size > 0 ? rows.shift() : undefined
  if (size > 0 && last === undefined) return { outcome: 'refused', refusal: refusal('log-cut', { size }) }
  if (last !== undefined && !isLast(tree, last.line))
    return { outcome: 'refused', refusal: refusal('log-changed', { size }) }
  if (rows.length === 0) return { outcome: 'idle' }
  const irregular = rows.findIndex(({ position, line }, index) => !standsAt(size + index + 1, position, line))
  if (irregular >= 0) return { outcome: 'refused', refusal: refusal('log-irregular', { size: size + irregular }) }
  const leaves = await inTurns(collecting(rows, ({ line }) => [leafOfLine(Buffer.from(line))]))
  const { tiles, root, frontier: after } = grow(frontier, leaves)
  const grown = { logId: tree.logId, size: after.size, root, frontier: after, lastLeaf: leaves.at(-1) ?? null }
  if (!(await write(client, epoch, tree, grown, tiles))) return { outcome: 'superseded' }
  return { outcome: 'built', tree: grown, more: rows.length >= batchSize }
}

/** A leaf's index is its position minus one. With a gap, or a line of another position, we would sign a wrong index. */
function standsAt(expected: number, position: number, line: string): boolean {
  return position === expected && line.startsWith(`{"position":${expected},`)
}

function isLast(tree: Tree, line: string): boolean {
  return tree.lastLeaf !== null && leafOfLine(Buffer.from(line)).equals(tree.lastLeaf)
}

/**
 * The size is moved first, and tiles are written only for the moved size. As with the read model, synchronous_commit is off for this
 * transaction, because it can be repeated from the log. A signature is committed with it on.
 */
const writeQuery = {
  name: 'grow-log-tree',
  text: `WITH moved AS (
      UPDATE log_tree SET size = $4, root = $5, frontier = $6, last_leaf = $7
       WHERE epoch = $1 AND log_id = $2 AND size = $3 RETURNING 1
    ), written AS (
      INSERT INTO log_tiles AS t (level, index, hashes)
      SELECT n.* FROM moved, unnest($8::smallint[], $9::bigint[], $10::bytea[]) AS n(level, index, hashes)
      ON CONFLICT (level, index) DO UPDATE SET hashes = t.hashes || excluded.hashes
    )
    SELECT set_config('synchronous_commit', 'off', true) FROM moved`,
}

async function write(client: Queryable, epoch: number, from: Tree, to: Tree, tiles: TileGrowth[]): Promise<boolean> {
  const frontier = encodeFrontier(to.frontier as Frontier)
  const head = [epoch, from.logId, from.size, to.size, to.root, frontier, to.lastLeaf]
  const columns = [
    tiles.map(({ level }) => level),
    tiles.map(({ index }) => index),
    tiles.map(({ hashes }) => Buffer.concat(hashes)),
  ]
  const { rows } = await client.query({ ...writeQuery, values: [...head, ...columns] })
  return rows.length === 1
}

/** Empties the tree, to be rebuilt from the log's first event: for another identity, or if its tiles are damaged. */
export async function beginTree(client: Queryable, epoch: number, logId: string): Promise<void> {
  await client.query({ ...beginQuery, values: [epoch, logId, emptyRoot] })
}

const beginQuery = {
  name: 'begin-log-tree',
  text: `WITH moved AS (
      UPDATE log_tree SET log_id = $2, size = 0, root = $3, frontier = '', last_leaf = NULL WHERE epoch = $1 RETURNING 1
    )
    DELETE FROM log_tiles USING moved`,
}

/**
 * Empties the tree, whichever instance keeps it: that instance builds it again, and continues to sign if it still gives what was signed
 * before.
 */
export async function remakeTree(client: Queryable): Promise<void> {
  const epoch = await takeEpoch(client)
  await beginTree(client, epoch, (await readTreeState(client)).logId)
}
