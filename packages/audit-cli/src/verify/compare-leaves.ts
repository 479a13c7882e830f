import { append, emptyFrontier, type Hash, hashBytes, rootOfFrontier } from '@commitments/transparency'
import { type Leaves, leafAt, leafReader, readLeaves, rootOfLeaves } from '../log/leaves.ts'
import { type PublishedLog, readTile } from '../source/published-log.ts'
import type { Anchor } from './anchors.ts'

/** The first difference between the leaves that were read and other leaves. */
export interface LeafDifference {
  readonly position: number
  readonly found: Hash
  readonly expected: Hash
}

const atOnce = 8_192

/** The first of `count` leaves that differs from the kept one. */
export function differenceFromKept(read: Leaves, kept: Leaves, count: number): LeafDifference | null {
  for (let from = 0; from < count; from += atOnce) {
    const to = Math.min(from + atOnce, count)
    const difference = firstDifference(readLeaves(read, from, to), readLeaves(kept, from, to), from)
    if (difference) return difference
  }
  return null
}

/** Whether the kept leaves are still those that the kept checkpoint was signed over. */
export function isWhole(kept: Leaves, { size, root }: Anchor): boolean {
  return kept.size >= size && rootOfLeaves(kept, size).equals(root)
}

function firstDifference(read: Buffer, expected: Buffer, from: number): LeafDifference | null {
  const count = Math.min(read.length, expected.length) / hashBytes
  for (let at = 0; at < count; at += 1) {
    const [found, right] = [leafAt(read, at), leafAt(expected, at)]
    if (!found.equals(right))
      return { position: from + at + 1, found: Buffer.from(found), expected: Buffer.from(right) }
  }
  return null
}

/** What the served tiles say about the lines that were read. */
export interface TileComparison {
  /** All tiles of level 0 were available. */
  readonly complete: boolean
  /** They belong to the signed tree: then a difference shows the line that was changed. */
  readonly authentic: boolean
  readonly difference: LeafDifference | null
  /** Roots over the requested numbers of served leaves: what the served tree says about its own past. */
  readonly roots: ReadonlyMap<number, Hash>
}

/** Compares the first `count` leaves with the tiles of level 0 of a signed tree. Only used if something is wrong. */
export async function compareWithTiles(
  read: Leaves,
  count: number,
  log: PublishedLog,
  { size, root }: Anchor,
  sizes: readonly number[],
): Promise<TileComparison> {
  const frontier = emptyFrontier()
  const roots = new Map<number, Hash>()
  let difference: LeafDifference | null = null
  for (let index = 0; index * 256 < size; index += 1) {
    const tile = await readTile(log, 0, index, size)
    if (tile === null) return { complete: false, authentic: false, difference, roots }
    const from = index * 256
    difference ??= firstDifference(readLeaves(read, from, Math.min(from + 256, count)), tile, from)
    for (let at = 0; at < tile.length; at += hashBytes) {
      append(frontier, tile.subarray(at, at + hashBytes))
      if (sizes.includes(frontier.size)) roots.set(frontier.size, rootOfFrontier(frontier))
    }
  }
  return { complete: true, authentic: rootOfFrontier(frontier).equals(root), difference, roots }
}

/**
 * If the leaves agree with the tiles of level 0, but those are not of the signed tree, the tiles above may be: finds the first run of 256,
 * or 65,536 … lines whose hash is not the served one.
 */
export async function suspectRange(
  read: Leaves,
  count: number,
  log: PublishedLog,
  { size }: Anchor,
): Promise<{ from: number; upTo: number } | null> {
  const reader = leafReader(read)
  for (let level = 1; 256 ** level <= count; level += 1) {
    const lines = 256 ** level
    for (let index = 0; (index + 1) * lines <= count; index += 1) {
      const tile = await readTile(log, level, Math.floor(index / 256), size)
      if (tile === null) break
      if (!reader(level * 8, index).equals(leafAt(tile, index % 256)))
        return { from: index * lines + 1, upTo: (index + 1) * lines }
    }
  }
  return null
}
