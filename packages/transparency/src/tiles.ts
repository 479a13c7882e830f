import { append, emptyFrontier, rootOfFrontier } from './grow.ts'
import { type Hash, hashBytes } from './hash.ts'
import { tileWidth } from './tile-path.ts'
import type { HashReader, Place } from './tree.ts'

/** One tile of a tree: its level counts tiles (0 holds leaves), `width` the hashes in it, at most 256. */
export interface Tile {
  readonly level: number
  readonly index: number
  readonly width: number
}

/** Where the root of a perfect subtree is in the tiles: it is the root of `count` hashes of one tile, the first of them at `offset`. */
export interface TilePlace {
  readonly tileLevel: number
  readonly tileIndex: number
  readonly offset: number
  readonly count: number
}

/** Returns the bytes of a tile: its hashes, one after the other. Throws if it does not have them. */
export type TileReader = (tileLevel: number, tileIndex: number) => Uint8Array

/**
 * The place of a perfect subtree's root. Level 8·L is a hash of a tile of level L itself; the levels between are computed by hashing (C2SP
 * tlog-tiles, Merkle Tree: "The Merkle Tree levels between those expressed by the tile hashes are reconstructed by hashing the leaves").
 */
export function tileOf(level: number, index: number): TilePlace {
  const count = 2 ** (level % 8)
  const first = index * count
  return {
    tileLevel: Math.floor(level / 8),
    tileIndex: Math.floor(first / tileWidth),
    offset: first % tileWidth,
    count,
  }
}

/** How many hashes a tile has in a tree of `size`: 256 when full, 0 if there is no such tile (C2SP tlog-tiles, Partial Tiles). */
export function widthOfTile(tileLevel: number, tileIndex: number, size: number): number {
  const hashes = Math.floor(size / tileWidth ** tileLevel)
  return Math.max(0, Math.min(tileWidth, hashes - tileIndex * tileWidth))
}

/** Every tile of a tree of `size`, level by level; the last of each level may be partial. Empty tiles are left out. */
export function* tilesOfTree(size: number): Generator<Tile> {
  for (let level = 0; tileWidth ** level <= size; level += 1) {
    for (let index = 0; widthOfTile(level, index, size) > 0; index += 1) {
      yield { level, index, width: widthOfTile(level, index, size) }
    }
  }
}

/** The tiles that contain these places in a tree of `size`, each once: what has to be fetched before a proof can be made. */
export function tilesFor(places: readonly Place[], size: number): Tile[] {
  const tiles = new Map<string, Tile>()
  for (const { level, index } of places) {
    const { tileLevel, tileIndex } = tileOf(level, index)
    const width = widthOfTile(tileLevel, tileIndex, size)
    tiles.set(`${tileLevel}/${tileIndex}`, { level: tileLevel, index: tileIndex, width })
  }
  return [...tiles.values()]
}

/** Reads perfect subtrees from tiles. RangeError if a tile is too short. */
export function hashReader(readTile: TileReader): HashReader {
  return (level, index) => {
    const { tileLevel, tileIndex, offset, count } = tileOf(level, index)
    return rootInTile(readTile(tileLevel, tileIndex), offset, count)
  }
}

/** The root over `count` (a power of two) hashes of a tile, from `offset`. RangeError if the tile is too short. */
export function rootInTile(tile: Uint8Array, offset: number, count: number): Hash {
  if ((offset + count) * hashBytes > tile.length) {
    throw new RangeError(`A tile of ${tile.length / hashBytes} hashes has no hash ${offset + count - 1}`)
  }
  const frontier = emptyFrontier()
  for (let at = offset; at < offset + count; at += 1) {
    append(frontier, Buffer.from(tile.subarray(at * hashBytes, (at + 1) * hashBytes)))
  }
  return rootOfFrontier(frontier)
}
