import { decodeEntries, entriesPath, hashBytes, leafHash, widthOfTile } from '@commitments/transparency'
import { type Leaves, leafAt, leafReader, readLeaves } from '../log/leaves.ts'
import { type PublishedLog, servedTile } from '../source/published-log.ts'
import { type Finding, held, leftOut, notChecked } from '../verdict.ts'

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
  const reader = leafReader(leaves)
  let count = 0
  for (let level = 0; 256 ** level <= size; level += 1)
    for (let index = 0; widthOfTile(level, index, size) > 0; index += 1) {
      const tile = await servedTile(log, level, index, size)
      if (tile === null)
        return notChecked(`tile ${level}/${index} is not served whole, although the signed log covers it`)
      count += 1
      const at = firstOther(tile, (place) =>
        level === 0
          ? leafAt(readLeaves(leaves, index * 256 + place, index * 256 + place + 1), 0)
          : reader(level * 8, index * 256 + place),
      )
      if (at === -1) continue
      const position = (index * 256 + at) * 256 ** level + 1
      const because = `tile ${level}/${index} holds another hash for it than its line has: the line is right, it has the signed root, and the tile is not`
      return { outcome: 'broken', position, because }
    }
  const bundle = await bundleFault(log, leaves, size)
  if (bundle !== null) return bundle
  return held(`All ${count} tiles, and some of the bundles of entries, are what the lines come to.`)
}

function firstOther(tile: Buffer, right: (place: number) => Buffer): number {
  for (let place = 0; place * hashBytes < tile.length; place += 1)
    if (!leafAt(tile, place).equals(right(place))) return place
  return -1
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
      if (leafHash(entry).equals(leafAt(right, at))) continue
      const because = `the bundle of entries ${index} holds another line for it than the feed`
      return { outcome: 'broken', position: index * 256 + at + 1, because }
    }
  }
  return null
}
