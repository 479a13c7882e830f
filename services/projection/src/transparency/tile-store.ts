/** Stored tiles, and what proofs need from them. */
import { type Queryable } from '@commitments/event-store'
import {
  consistencyProof,
  type HashReader,
  hashBytes,
  hashReader,
  inclusionProof,
  neededForConsistency,
  neededForInclusion,
  neededForRoot,
  type Place,
  rootOf,
  tilesFor,
} from '@commitments/transparency'

const tilesQuery = {
  name: 'read-log-tiles',
  text: `SELECT t.level, t.index, substring(t.hashes FROM 1 FOR n.bytes) AS hashes
    FROM unnest($1::smallint[], $2::bigint[], $3::integer[]) AS n(level, index, bytes)
    JOIN log_tiles t ON t.level = n.level AND t.index = n.index`,
}

interface StoredTile {
  readonly level: number
  readonly index: number
  readonly hashes: Buffer
}

/** Thrown if a tile of a tree of this size is not stored, or is too short. */
export class TileMissing extends Error {
  override readonly name = 'TileMissing'
}

/** Reads the hashes at these places of a tree of `size`. The returned function throws `TileMissing` if the tree is not stored yet. */
async function readHashes(client: Queryable, places: readonly Place[], size: number): Promise<HashReader> {
  const tiles = tilesFor(places, size)
  const values = [
    tiles.map(({ level }) => level),
    tiles.map(({ index }) => index),
    tiles.map(({ width }) => width * hashBytes),
  ]
  const { rows } = tiles.length === 0 ? { rows: [] } : await client.query<StoredTile>({ ...tilesQuery, values })
  const found = new Map<string, Buffer>(rows.map(({ level, index, hashes }) => [`${level}/${index}`, hashes]))
  for (const { level, index, width } of tiles) {
    if (found.get(`${level}/${index}`)?.length !== width * hashBytes) throw new TileMissing(`tile ${level}/${index}`)
  }
  return hashReader((level, index) => found.get(`${level}/${index}`) as Buffer)
}

/** Inclusion proofs for leaves of the tree of `size`, in the order of the indexes, and the tree's root. @throws TileMissing */
export async function proveInclusions(
  client: Queryable,
  indexes: readonly number[],
  size: number,
): Promise<{ proofs: Buffer[][]; root: Buffer }> {
  const places = indexes.flatMap((index) => neededForInclusion(index, size))
  const read = await readHashes(client, [...places, ...neededForRoot(size)], size)
  return { proofs: indexes.map((index) => inclusionProof(index, size, read)), root: rootOf(size, read) }
}

/** Proves that the tree of size `to` begins with that of size `from`. @throws TileMissing */
export async function proveConsistency(client: Queryable, from: number, to: number): Promise<Buffer[]> {
  return consistencyProof(from, to, await readHashes(client, neededForConsistency(from, to), to))
}

/** The roots of the trees of these sizes, from stored tiles. @throws TileMissing */
export async function rootsOf(client: Queryable, sizes: readonly number[]): Promise<Buffer[]> {
  const read = await readHashes(client, sizes.flatMap(neededForRoot), Math.max(...sizes))
  return sizes.map((size) => rootOf(size, read))
}
