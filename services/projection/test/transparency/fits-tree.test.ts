import { emptyFrontier, encodeFrontier, grow, hashBytes, leafHash, tilesOfTree } from '@commitments/transparency'
import t from 'tap'
import { fitsTree } from '../../src/transparency/fits-tree.ts'

/** The tiles of a tree of this size, as the database has them. */
function treeOf(size: number) {
  const leaves = Array.from({ length: size }, (_, index) => leafHash(Buffer.from(String(index))))
  const { frontier, tiles } = grow(emptyFrontier(), leaves)
  const stored = new Map(tiles.map(({ level, index, hashes }) => [`${level}/${index}`, Buffer.concat(hashes)]))
  const tileIn = (level: number, index: number) => {
    const above = stored.get(`${level + 1}/${Math.floor(index / 256)}`)
    const at = (index % 256) * hashBytes
    const hashes = stored.get(`${level}/${index}`) as Buffer
    return {
      level,
      index,
      hashes,
      above: above?.subarray(at, at + hashBytes) ?? null,
      size,
      frontier: encodeFrontier(frontier),
    }
  }
  return [...tilesOfTree(size)].map(({ level, index }) => tileIn(level, index))
}

t.test('every tile of a tree fits it, full or not, on each level; a changed, cut or longer one does not', async (t) => {
  for (const size of [1, 7, 255, 256, 257, 300, 511, 512, 1_000, 65_535, 65_536, 65_537, 65_800]) {
    for (const tile of treeOf(size)) {
      const name = `tile ${tile.level}/${tile.index} of ${size}`
      t.ok(fitsTree(tile), name)
      const place = (tile.hashes.length / hashBytes) >> 1
      const changed = Buffer.from(tile.hashes)
      changed[place * hashBytes] = (changed[place * hashBytes] ?? 0) ^ 1
      t.notOk(fitsTree({ ...tile, hashes: changed }), `${name}, changed`)
      t.notOk(fitsTree({ ...tile, hashes: tile.hashes.subarray(hashBytes) }), `${name}, cut`)
      t.notOk(fitsTree({ ...tile, hashes: Buffer.concat([tile.hashes, tile.hashes.subarray(0, hashBytes)]) }), name)
      if (tile.hashes.length === 256 * hashBytes) t.notOk(fitsTree({ ...tile, above: null }), `${name}, alone`)
      else t.notOk(fitsTree({ ...tile, frontier: tile.frontier.subarray(hashBytes) }), `${name}, without a frontier`)
    }
  }
})
