/** Builds the tree again from the log, in memory, and compares it with what is stored and with what was signed. */
import { readLog } from '@commitments/event-store'
import {
  emptyFrontier,
  encodeFrontier,
  type Frontier,
  grow,
  hashBytes,
  leafOfLine,
  rootOfFrontier,
  type TileGrowth,
} from '@commitments/transparency'
import type { Pool, PoolClient } from 'pg'
import { beginSnapshot } from '../transaction.ts'
import { readTreeState, type TreeState } from './tree-state.ts'

/** A difference. `position`: of the first affected event. */
interface TreeFinding {
  readonly what: string
  readonly position?: number
}

export interface TreeReport {
  /** Events in the stored tree; so many were read again. */
  readonly size: number
  /** The first 20. */
  readonly findings: readonly TreeFinding[]
  readonly found: number
}

const noLeaf = Buffer.alloc(0)

/** Lines that are read at once. */
const batchSize = 5_000
const kept = 20

interface Comparing {
  /** For the log, which never changes below a position. */
  readonly pool: Pool
  /** In one snapshot of tree and tiles. */
  readonly client: PoolClient
  readonly findings: TreeFinding[]
  found: number
  /** Of the last line that was read. */
  lastLeaf: Buffer | null
}

/**
 * Reads the log up to the size of the tree. Only the log is trusted: tiles, frontier, root, and the last signed root must follow from its
 * lines. Meanwhile writes, and the keeper of the tree, can continue.
 */
export async function compareTree(pool: Pool): Promise<TreeReport> {
  const client = await pool.connect()
  const comparing: Comparing = { pool, client, findings: [], found: 0, lastLeaf: null }
  try {
    await client.query(beginSnapshot)
    const standing = await readTreeState(client)
    await compareAll(comparing, standing)
    await client.query('COMMIT')
    return { size: standing.tree.size, findings: comparing.findings, found: comparing.found }
  } finally {
    client.release(true)
  }
}

async function compareAll(comparing: Comparing, { tree, signed, logId }: TreeState): Promise<void> {
  let frontier = emptyFrontier()
  // A tree of another identity is about to be rebuilt: a checkpoint of this identity says nothing about it.
  const isSigned = signed !== null && tree.logId === logId
  const stops = isSigned && signed.size < tree.size ? [signed.size, tree.size] : [tree.size]
  for (const stop of stops) {
    while (frontier.size < stop) {
      const grown = await compareBatch(comparing, frontier, stop)
      if (grown === null) return
      frontier = grown
    }
    if (isSigned && stop === signed.size && !rootOfFrontier(frontier).equals(signed.root)) {
      find(comparing, { what: `the log does not match the signed root of its first ${stop} events` })
    }
  }
  if (isSigned && signed.size > tree.size)
    find(comparing, { what: 'more was signed than the tree has, which is being made again' })
  compareRow(comparing, frontier, tree)
}

/** The next lines, and what the tiles gain from them. Null if the log is shorter than the tree. */
async function compareBatch(comparing: Comparing, before: Frontier, stop: number): Promise<Frontier | null> {
  const limit = Math.min(batchSize, stop - before.size)
  const rows = await readLog(comparing.pool, { after: before.size, limit })
  if (rows.length === 0) {
    find(comparing, { what: 'the log is shorter than the tree', position: before.size + 1 })
    return null
  }
  const leaves = rows.map(({ line }) => leafOfLine(Buffer.from(line)))
  comparing.lastLeaf = leaves.at(-1) ?? null
  const { frontier, tiles } = grow(before, leaves)
  // Leaves first, because they identify the event.
  await compareTiles(
    comparing,
    before.size,
    tiles.toSorted((one, other) => one.level - other.level),
  )
  return frontier
}

const partsQuery = {
  name: 'read-log-tile-parts',
  text: `SELECT substring(t.hashes FROM n.start + 1 FOR n.bytes) AS hashes
    FROM unnest($1::smallint[], $2::bigint[], $3::integer[], $4::integer[]) WITH ORDINALITY AS n(level, index, start, bytes, place)
    LEFT JOIN log_tiles t ON t.level = n.level AND t.index = n.index ORDER BY n.place`,
}

async function compareTiles(comparing: Comparing, size: number, tiles: readonly TileGrowth[]): Promise<void> {
  const starts = tiles.map(({ level, index }) => Math.max(0, Math.floor(size / 256 ** level) - index * 256))
  const { rows } = await comparing.client.query<{ hashes: Buffer | null }>({
    ...partsQuery,
    values: [
      tiles.map(({ level }) => level),
      tiles.map(({ index }) => index),
      starts.map((start) => start * hashBytes),
      tiles.map(({ hashes }) => hashes.length * hashBytes),
    ],
  })
  for (const [at, tile] of tiles.entries()) compareTile(comparing, tile, starts[at] as number, rows[at]?.hashes ?? null)
}

function compareTile(comparing: Comparing, tile: TileGrowth, start: number, stored: Buffer | null): void {
  const { level, index, hashes } = tile
  const at = hashes.findIndex(
    (hash, place) => !stored?.subarray(place * hashBytes, (place + 1) * hashBytes).equals(hash),
  )
  if (at === -1) return
  const first = (index * 256 + start + at) * 256 ** level + 1
  find(comparing, {
    what: `tile ${level}/${index} has a hash ${start + at} that differs from the log`,
    position: first,
  })
}

function compareRow(comparing: Comparing, frontier: Frontier, tree: TreeState['tree']): void {
  const isSame =
    tree.root.equals(rootOfFrontier(frontier)) &&
    tree.frontier !== null &&
    encodeFrontier(tree.frontier).equals(encodeFrontier(frontier))
  if (!isSame)
    find(comparing, { what: `the root of the log differs from that of the stored tree of ${tree.size} events` })
  if (!(tree.lastLeaf ?? noLeaf).equals(comparing.lastLeaf ?? noLeaf))
    find(comparing, { what: 'the stored tree has another last leaf than the log', position: tree.size })
}

function find(comparing: Comparing, finding: TreeFinding): void {
  comparing.found += 1
  if (comparing.findings.length < kept) comparing.findings.push(finding)
}
