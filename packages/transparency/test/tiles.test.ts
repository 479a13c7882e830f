import { holds } from '@commitments/test-kit/domain'
import {
  append,
  consistencyProof,
  decodeEntries,
  emptyFrontier,
  encodeEntries,
  entriesPath,
  hashReader,
  inclusionProof,
  leafHash,
  neededForConsistency,
  neededForInclusion,
  parseTilePath,
  rootOf,
  type Tile,
  tileOf,
  tilePath,
  tilesFor,
  tilesOfTree,
  widthOfTile,
} from '@commitments/transparency'
import * as fc from 'fast-check'
import t from 'tap'

t.test('the example paths of the specification and its predecessor are reproduced', async (t) => {
  // C2SP tlog-tiles: "index 1234067 will be encoded as x001/x234/067".
  t.equal(tilePath(0, 1234067), 'tile/0/x001/x234/067')
  t.equal(tilePath(0, 0), 'tile/0/000')
  t.equal(tilePath(1, 999), 'tile/1/999')
  t.equal(tilePath(1, 1000), 'tile/1/x001/000')
  t.equal(tilePath(63, 5, 112), 'tile/63/005.p/112')
  t.equal(entriesPath(273, 112), 'tile/entries/273.p/112')
  t.strictSame(parseTilePath('tile/0/x003/x057/500'), { kind: 'hashes', level: 0, index: 3057500, width: 256 })
  t.strictSame(parseTilePath('tile/entries/x123/x456/078.p/2'), { kind: 'entries', index: 123456078, width: 2 })
})

t.test('anything that is not exactly the path of a tile is refused', async (t) => {
  const paths = [
    ' tile tile/ tile/0 tile/0/ /tile/0/000 tile/0/000/ tile/0/0 tile/0/00 tile/0/0000 tile/00/000 tile/64/000 tile/-1/000 tile/+1/000',
    'tile/1.0/000 tile/data/000 tile/entries/0 tile/0/001/234 tile/0/x001/x234 tile/0/x000/001 tile/0/X001/234 tile/0/x001//234',
    'tile/0/x001x234/067 tile/0/000.p/0 tile/0/000.p/256 tile/0/000.p/01 tile/0/000.p/ tile/0/000.p tile/0/000.p/1/ tile/0/000.p/1000',
    'tile/0/x999/x999/x999/x999/x999/999 tile/0/000\n tile/0/٠٠٠ tile/0/.. tile/0/x001/../000 tile/0/000?x=1',
  ].flatMap((line) => line.split(' '))
  for (const path of paths) t.equal(parseTilePath(path), null, JSON.stringify(path))
})

t.test('a path is read back as the tile it was made for', async (t) => {
  const tile = fc.record({ level: fc.nat(63), index: fc.maxSafeNat(), width: fc.integer({ min: 1, max: 256 }) })
  holds(
    t,
    fc.property(tile, ({ level, index, width }) => {
      const hashes = parseTilePath(tilePath(level, index, width))
      const entries = parseTilePath(entriesPath(index, width))
      return (
        JSON.stringify(hashes) === JSON.stringify({ kind: 'hashes', level, index, width }) &&
        JSON.stringify(entries) === JSON.stringify({ kind: 'entries', index, width })
      )
    }),
  )
})

t.test('every path that is read is written the same way again', async (t) => {
  const piece = fc.constantFrom(
    'tile',
    '/',
    'entries',
    '0',
    '7',
    '63',
    'x',
    'x001',
    '000',
    '234',
    '.p',
    '/5',
    '255',
    '256',
  )
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join('')),
  )
  holds(
    t,
    fc.property(text, (path) => {
      const named = parseTilePath(path)
      if (named === null) return true
      const again =
        named.kind === 'entries'
          ? entriesPath(named.index, named.width)
          : tilePath(named.level, named.index, named.width)
      return again === path
    }),
    { numRuns: 5000 },
  )
})

t.test('no path is made for an impossible tile', async (t) => {
  for (const wrong of [-1, 0.5, 64, Number.NaN]) t.throws(() => tilePath(wrong, 0), RangeError)
  for (const wrong of [-1, 0.5, Number.NaN, 2 ** 53]) t.throws(() => tilePath(0, wrong), RangeError)
  for (const wrong of [0, 257, 1.5]) t.throws(() => entriesPath(0, wrong), RangeError)
})

t.test('a tree of 70,000 has the tiles that the specification counts', async (t) => {
  // C2SP tlog-tiles, Partial Tiles.
  const tiles = [...tilesOfTree(70_000)]
  const at = (level: number) => tiles.filter((tile) => tile.level === level)
  t.equal(at(0).filter(({ width }) => width === 256).length, 273)
  t.strictSame(at(0).at(-1), { level: 0, index: 273, width: 112 })
  t.strictSame(at(1), [
    { level: 1, index: 0, width: 256 },
    { level: 1, index: 1, width: 17 },
  ])
  t.strictSame(at(2), [{ level: 2, index: 0, width: 1 }])
  t.equal(tiles.length, 273 + 1 + 2 + 1)
})

t.test('a tree of 256 has a full tile of leaves and a tile of one hash above it; an empty tree has none', async (t) => {
  t.strictSame(
    [...tilesOfTree(256)],
    [
      { level: 0, index: 0, width: 256 },
      { level: 1, index: 0, width: 1 },
    ],
  )
  t.strictSame([...tilesOfTree(1)], [{ level: 0, index: 0, width: 1 }])
  t.strictSame([...tilesOfTree(0)], [])
  t.equal(widthOfTile(0, 1, 256), 0)
  t.equal(widthOfTile(5, 0, 256), 0)
})

t.test('a perfect subtree is found in a tile at most eight levels below it', async (t) => {
  t.strictSame(tileOf(0, 300), { tileLevel: 0, tileIndex: 1, offset: 44, count: 1 })
  t.strictSame(tileOf(3, 33), { tileLevel: 0, tileIndex: 1, offset: 8, count: 8 })
  t.strictSame(tileOf(8, 1), { tileLevel: 1, tileIndex: 0, offset: 1, count: 1 })
  t.strictSame(tileOf(7, 1), { tileLevel: 0, tileIndex: 0, offset: 128, count: 128 })
  t.strictSame(tileOf(40, 1), { tileLevel: 5, tileIndex: 0, offset: 1, count: 1 })
})

t.test('proofs made from the named tiles alone equal those of the tree', async (t) => {
  // Three levels of tiles, the upper ones partial.
  const size = 70_000
  const tiles = new Map<string, Buffer[]>()
  const hashes = new Map<string, Buffer>()
  const frontier = emptyFrontier()
  for (let at = 0; at < size; at += 1) {
    append(frontier, leafHash(Buffer.from(String(at))), (level, index, hash) => {
      hashes.set(`${level} ${index}`, hash)
      const { tileLevel, tileIndex } = tileOf(level, index)
      if (level % 8 === 0)
        tiles.set(`${tileLevel} ${tileIndex}`, [...(tiles.get(`${tileLevel} ${tileIndex}`) ?? []), hash])
    })
  }
  const whole = (level: number, index: number) => hashes.get(`${level} ${index}`) as Buffer
  const from = (named: Tile[]) =>
    hashReader((tileLevel, tileIndex) => {
      const tile = named.find(({ level, index }) => level === tileLevel && index === tileIndex)
      if (!tile) throw new Error(`Tile ${tileIndex} of level ${tileLevel} was not named`)
      return Buffer.concat((tiles.get(`${tileLevel} ${tileIndex}`) as Buffer[]).slice(0, tile.width))
    })
  for (const [index, then] of [
    [0, 70_000],
    [69_999, 70_000],
    [65_535, 65_536],
    [65_536, 69_888],
    [40_000, 69_889],
    [255, 256],
    [256, 300],
  ] as const) {
    const inclusion = from(tilesFor(neededForInclusion(index, then), then))
    t.strictSame(inclusionProof(index, then, inclusion), inclusionProof(index, then, whole), `${index} of ${then}`)
    const consistency = from(tilesFor(neededForConsistency(index, then), then))
    t.strictSame(
      consistencyProof(index, then, consistency),
      consistencyProof(index, then, whole),
      `${index} to ${then}`,
    )
    t.ok(rootOf(then, from([...tilesOfTree(then)])).equals(rootOf(then, whole)))
  }
})

t.test('a tile that is too short is not read beyond its end', async (t) => {
  t.throws(() => hashReader(() => Buffer.alloc(31))(0, 0), RangeError)
  t.throws(() => hashReader(() => Buffer.alloc(64))(2, 0), RangeError)
})

t.test('entries are read back from their bundle', async (t) => {
  holds(
    t,
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 256 }), (entries) => {
      const read = decodeEntries(encodeEntries(entries))
      return read?.length === entries.length && read.every((entry, at) => entry.equals(entries[at] as Uint8Array))
    }),
  )
  const longest = Buffer.alloc(65_535, 'x')
  t.strictSame(decodeEntries(encodeEntries([longest]))?.[0], longest)
  t.throws(() => encodeEntries([Buffer.alloc(65_536)]), RangeError)
})

t.test('a bundle is big-endian lengths and entries, and a truncated one is refused', async (t) => {
  t.equal(
    encodeEntries([Buffer.from('ab'), Buffer.alloc(0), Buffer.alloc(257, 'c')])
      .subarray(0, 8)
      .toString('hex'),
    '0002616200000101',
  )
  t.equal(decodeEntries(Buffer.of(0)), null)
  t.equal(decodeEntries(Buffer.of(0, 2, 97)), null)
  t.strictSame(decodeEntries(Buffer.alloc(0)), [])
  holds(
    t,
    fc.property(
      fc.uint8Array(),
      (bytes) => decodeEntries(bytes) === null || encodeEntries(decodeEntries(bytes) ?? []).equals(bytes),
    ),
  )
})
