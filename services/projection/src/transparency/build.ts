/** Growing the tree: leaves after its size, tiles and size in one transaction. */
import { type Queryable, readLog } from '@commitments/event-store'
import { emptyRoot, encodeFrontier, type Frontier, grow, leafHash, type TileGrowth } from '@commitments/transparency'
import { type Refusal, refusal } from './refusals.ts'
import { readTreeState, type Tree, takeEpoch } from './tree-state.ts'

type Built =
  /** Committed; `more` where the batch was as large as one may be. */
  | { readonly outcome: 'built'; readonly tree: Tree; readonly more: boolean }
  | { readonly outcome: 'idle' }
  /** Somebody else keeps the tree by now, or it is no longer where it was read. Nothing was written. */
  | { readonly outcome: 'superseded' }
  /** The log differs from the one from which the tree was built. Nothing was written. */
  | { readonly outcome: 'refused'; readonly refusal: Refusal }

/**
 * Takes the next events into the tree. The event at its end is read again with them: only a log that still says there what the
 * tree took is built upon.
 * @throws what the database throws; the tree is then as it was, or grown by the whole batch
 */
export async function build(client: Queryable, epoch: number, tree: Tree, batchSize: number): Promise<Built> {
  const { frontier, size } = tree
  if (frontier === null) return { outcome: 'refused', refusal: refusal('tree-damaged', { size }) }
  const rows = await readLog(client, { after: Math.max(0, size - 1), limit: batchSize + 1 })
  const last = size > 0 ? rows.shift() : undefined
  if (size > 0 && last === undefined) return { outcome: 'refused', refusal: refusal('log-cut', { size }) }
  if (last !== undefined && !isLast(tree, last.line))
    return { outcome: 'refused', refusal: refusal('log-changed', { size }) }
  if (rows.length === 0) return { outcome: 'idle' }
  const irregular = rows.findIndex(({ position, line }, index) => !standsAt(size + index + 1, position, line))
  if (irregular >= 0) return { outcome: 'refused', refusal: refusal('log-irregular', { size: size + irregular }) }
  const leaves = rows.map(({ line }) => leafHash(Buffer.from(line)))
  const { tiles, root, frontier: after } = grow(frontier, leaves)
  const grown = { logId: tree.logId, size: after.size, root, frontier: after, lastLeaf: leaves.at(-1) ?? null }
  if (!(await write(client, epoch, tree, grown, tiles))) return { outcome: 'superseded' }
  return { outcome: 'built', tree: grown, more: rows.length >= batchSize }
}

/** A leaf's index is its position less one: a gap, or a line that says another position, would be signed as what it is not. */
function standsAt(expected: number, position: number, line: string): boolean {
  return position === expected && line.startsWith(`{"position":${expected},`)
}

function isLast(tree: Tree, line: string): boolean {
  return tree.lastLeaf !== null && leafHash(Buffer.from(line)).equals(tree.lastLeaf)
}

/**
 * The size is moved first, and tiles are written only for the size that was moved. As with the read model synchronous_commit is
 * off for this transaction: what it writes can be had again from the log. What is signed of it is committed with it on.
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

/** Empties the tree, to be built anew over the log from its first event: for another identity, or where its tiles are damaged. */
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

/** Empties the tree, whoever keeps it: that one builds it again, and goes on signing where it still comes to what was signed before. */
export async function remakeTree(client: Queryable): Promise<void> {
  const epoch = await takeEpoch(client)
  await beginTree(client, epoch, (await readTreeState(client)).logId)
}
