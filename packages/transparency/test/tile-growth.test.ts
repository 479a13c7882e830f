import { createHash } from 'node:crypto'
import { emptyFrontier, type Frontier, grow, hashReader, rootOf, tilesOfTree } from '@commitments/transparency'
import t from 'tap'

const leaves = Array.from({ length: 65_537 }, (_, index) => createHash('sha256').update(`leaf ${index}`).digest())

/** Tiles as their table would hold them, grown in batches. */
function growInBatches(size: number, batch: number) {
  const tiles = new Map<string, Buffer>()
  let frontier: Frontier = emptyFrontier()
  let root: Buffer = Buffer.alloc(0)
  for (let start = 0; start < size; start += batch) {
    const grown = grow(frontier, leaves.slice(start, Math.min(size, start + batch)))
    frontier = grown.frontier
    root = grown.root
    for (const { level, index, hashes } of grown.tiles) {
      const key = `${level}/${index}`
      tiles.set(key, Buffer.concat([tiles.get(key) ?? Buffer.alloc(0), ...hashes]))
    }
  }
  return { tiles, root }
}

t.test('tiles grow as defined, at and around 65,536 leaves, whatever the batches', (t) => {
  for (const [size, batch] of [
    [65_535, 1_000],
    [65_536, 2_000],
    [65_537, 257],
    [65_537, 65_537],
  ] as const) {
    const { tiles, root } = growInBatches(size, batch)
    const expected = [...tilesOfTree(size)]
    t.equal(tiles.size, expected.length, `no tile of ${size} is missing, and none is there besides`)
    for (const { level, index, width } of expected) {
      if (tiles.get(`${level}/${index}`)?.length !== width * 32)
        t.fail(`${level}/${index} of ${size} has another width`)
    }
    const read = hashReader((level, index) => tiles.get(`${level}/${index}`) as Buffer)
    t.same(root, rootOf(size, read), `the root of ${size}`)
    t.ok(tiles.get('0/0')?.equals(Buffer.concat(leaves.slice(0, 256))))
  }
  t.end()
})

t.test('a hash is in a tile of level 1 when its tile of level 0 is full, and not before', (t) => {
  t.same([...growInBatches(255, 100).tiles.keys()], ['0/0'])
  t.same([...growInBatches(256, 100).tiles.keys()].toSorted(), ['0/0', '1/0'])
  t.same(
    [...growInBatches(65_536, 5_000).tiles.keys()].filter((key) => key.startsWith('2/')),
    ['2/0'],
  )
  t.same(
    [...growInBatches(65_535, 5_000).tiles.keys()].filter((key) => key.startsWith('2/')),
    [],
  )
  t.end()
})
