import {
  decodeEntries,
  entriesPath,
  hashBytes,
  leafOfLine,
  type Tile,
  tilesOfTree,
  widthOfTile,
} from '@commitments/transparency'
import { type Leaves, leafAt, leafReader, readLeaves } from '../log/leaves.ts'
import { type PublishedLog, servedTile } from '../source/published-log.ts'
import { type Finding, held, leftOut, notChecked } from '../verdict.ts'
import { inParallel } from './parallel.ts'

/** Bundles of entries that are read again: all lines were already read from the feed. */
const bundlesAsked = 16

/**
 * Whether every tile, on each level, and some bundles of entries are served, and agree with the lines, which have the signed root.
 *
 * A tile or bundle that is missing or short proves nothing against the log, and without it this is not checked.
 *
 * @throws CannotCheck if one cannot be read now: a service may be making its tree again
 */
export async function compareTiles(
  log: PublishedLog,
  leaves: Leaves,
  { size }: { readonly size: number },
): Promise<Finding> {
  if (size === 0) return leftOut('An empty log has no tiles.')
  const hashes = hashesOfTiles(leaves)
  const tiles = [...tilesOfTree(size)]
  // Some are asked for at once. Of several faults, or failures, the first tile's counts.
  const found = new Map<number, () => Finding>()
  await inParallel(tiles.entries(), async ([order, tile]) => {
    try {
      const fault = tileFault(tile, await servedTile(log, tile.level, tile.index, size), hashes)
      if (fault !== null) found.set(order, () => fault)
    } catch (error) {
      found.set(order, () => {
        throw error
      })
    }
    return found.size === 0
  })
  if (found.size > 0) return (found.get(Math.min(...found.keys())) as () => Finding)()
  const bundle = await bundleFault(log, leaves, size)
  if (bundle !== null) return bundle
  return held(`All ${tiles.length} tiles, and some of the bundles of entries, are what the lines come to.`)
}

/** The right hashes of a tile, one after the other. */
type HashesOf = (tile: Tile) => Buffer

function hashesOfTiles(leaves: Leaves): HashesOf {
  const reader = leafReader(leaves)
  return ({ level, index, width }) => {
    const first = index * 256
    if (level === 0) return readLeaves(leaves, first, first + width)
    return Buffer.concat(Array.from({ length: width }, (_, place) => reader(level * 8, first + place)))
  }
}

function tileFault(tile: Tile, served: Buffer | null, hashes: HashesOf): Finding | null {
  const { level, index } = tile
  if (served === null)
    return notChecked(`tile ${level}/${index} is not served whole, although the signed log covers it`)
  const right = hashes(tile)
  if (served.equals(right)) return null
  let at = 0
  while (leafAt(served, at).equals(leafAt(right, at))) at += 1
  const position = (index * 256 + at) * 256 ** level + 1
  const because = `tile ${level}/${index} holds another hash for it than its line has: the line is right, it has the signed root, and the tile is not`
  return { outcome: 'broken', position, because }
}

async function bundleFault(log: PublishedLog, leaves: Leaves, size: number): Promise<Finding | null> {
  const bundles = Math.ceil(size / 256)
  const asked = new Set([0, bundles - 1])
  while (asked.size < Math.min(bundlesAsked, bundles)) asked.add(Math.floor(Math.random() * bundles))
  for (const index of asked) {
    const width = widthOfTile(0, index, size)
    const exact = await log.get(entriesPath(index, width))
    // If the log has grown since, only the full bundle need be served any more.
    const bytes = exact ?? (width < 256 ? await log.get(entriesPath(index)) : null)
    if (bytes === null)
      return notChecked(`the bundle of entries ${index} is not served, although the signed log covers it`)
    const entries = decodeEntries(bytes) ?? []
    const right = readLeaves(leaves, index * 256, Math.min((index + 1) * 256, size))
    for (let at = 0; at * hashBytes < right.length; at += 1) {
      const entry = entries[at]
      if (entry === undefined)
        return notChecked(`the bundle of entries ${index} is not served whole, although the signed log covers it`)
      if (leafOfLine(entry).equals(leafAt(right, at))) continue
      const because = `the bundle of entries ${index} holds another line for it than the feed`
      return { outcome: 'broken', position: index * 256 + at + 1, because }
    }
  }
  return null
}
