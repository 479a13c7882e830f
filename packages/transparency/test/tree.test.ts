import {
  append,
  consistencyProof,
  copyFrontier,
  decodeFrontier,
  emptyFrontier,
  encodeFrontier,
  frontierOf,
  type Hash,
  inclusionProof,
  leafHash,
  neededForConsistency,
  neededForInclusion,
  neededForRoot,
  type Place,
  rootOf,
  rootOfFrontier,
  verifyConsistency,
  verifyInclusion,
} from '@commitments/transparency'
import t from 'tap'
import { numbered, rootByTheBook, treeOver } from './trees.ts'

const most = 300
const entries = numbered(most)
const { leaves, read } = treeOver(entries)
const roots = Array.from({ length: most + 1 }, (_, size) => rootOf(size, read))

t.test('the root of every size from 0 to 300 is the one that RFC 6962 defines', async (t) => {
  const wrong = roots.flatMap((root, size) =>
    root.toString('hex') === rootByTheBook(entries.slice(0, size)) ? [] : [size],
  )
  t.strictSame(wrong, [])
})

t.test('every leaf of every size up to 300 is proved to be included', async (t) => {
  const refused: string[] = []
  for (let size = 1; size <= most; size += 1) {
    for (let index = 0; index < size; index += 1) {
      const proof = inclusionProof(index, size, read)
      const claim = { leaf: leaves[index] as Hash, index, size, proof, root: roots[size] as Hash }
      if (!verifyInclusion(claim)) refused.push(`${index} of ${size}`)
    }
  }
  t.strictSame(refused, [])
})

t.test('every size up to 300 is proved to be consistent with every later one', async (t) => {
  const refused: string[] = []
  for (let to = 0; to <= most; to += 1) {
    for (let from = 0; from <= to; from += 1) {
      const proof = consistencyProof(from, to, read)
      const claim = { from, fromRoot: roots[from] as Hash, to, toRoot: roots[to] as Hash, proof }
      if (!verifyConsistency(claim)) refused.push(`${from} to ${to}`)
    }
  }
  t.strictSame(refused, [])
})

t.test('the reader is asked exactly for the hashes that were named beforehand', async (t) => {
  const asked = (ask: (read: (level: number, index: number) => Hash) => unknown) => {
    const places: Place[] = []
    ask((level, index) => {
      places.push({ level, index })
      return read(level, index)
    })
    return places
  }
  for (const size of [0, 1, 2, 3, 7, 8, 9, 255, 256, 257, 300]) {
    t.strictSame(
      asked((read) => rootOf(size, read)),
      neededForRoot(size),
    )
    for (const from of [0, 1, Math.floor(size / 2), size - 1, size].filter((from) => from >= 0 && from <= size)) {
      t.strictSame(
        asked((read) => consistencyProof(from, size, read)),
        neededForConsistency(from, size),
      )
      if (from === size) continue
      t.strictSame(
        asked((read) => inclusionProof(from, size, read)),
        neededForInclusion(from, size),
      )
    }
  }
})

t.test('a request that no tree can answer is refused before anything is read', async (t) => {
  const unread = () => t.fail('nothing is to be read')
  t.throws(() => inclusionProof(5, 5, unread as never), RangeError)
  t.throws(() => inclusionProof(-1, 5, unread as never), RangeError)
  t.throws(() => inclusionProof(0.5, 5, unread as never), RangeError)
  t.throws(() => consistencyProof(6, 5, unread as never), RangeError)
  t.throws(() => rootOf(-1, unread as never), RangeError)
  t.throws(() => rootOf(Number.NaN, unread as never), RangeError)
})

t.test('sizes beyond 32 bits are counted exactly', async (t) => {
  const size = 2 ** 40 + 3
  t.strictSame(neededForRoot(size), [
    { level: 40, index: 0 },
    { level: 1, index: 2 ** 39 },
    { level: 0, index: 2 ** 40 + 2 },
  ])
  // For checking the arithmetic of proofs, a tree whose subtrees all have invented roots is as good as any.
  const made = (level: number, index: number) => leafHash(Buffer.from(`${level} ${index}`))
  const index = size - 1
  const proof = inclusionProof(index, size, made)
  t.ok(verifyInclusion({ leaf: made(0, index), index, size, proof, root: rootOf(size, made) }))
  const young = consistencyProof(2 ** 40, size, made)
  t.ok(verifyConsistency({ from: 2 ** 40, fromRoot: made(40, 0), to: size, toRoot: rootOf(size, made), proof: young }))
})

t.test('a frontier has the root of the tree at every size, and reports each perfect subtree once', async (t) => {
  const frontier = emptyFrontier()
  const told = new Map<string, Hash>()
  let differences = 0
  for (const leaf of leaves) {
    append(frontier, leaf, (level, index, hash) => told.set(`${level} ${index}`, hash))
    if (!rootOfFrontier(frontier).equals(roots[frontier.size] as Hash)) differences += 1
  }
  t.equal(differences, 0)
  t.equal(frontier.size, most)
  const wrong = [...told].filter(([place, hash]) => {
    const [level, index] = place.split(' ').map(Number) as [number, number]
    return !read(level, index).equals(hash)
  })
  t.strictSame(wrong, [])
  t.equal(
    told.size,
    [0, 1, 2, 3, 4, 5, 6, 7, 8].reduce((sum, level) => sum + Math.floor(most / 2 ** level), 0),
  )
})

t.test('a frontier restored from a copy or from stored hashes grows like the original', async (t) => {
  for (const size of [0, 1, 6, 7, 8, 255, 256]) {
    const kept = decodeFrontier(size, encodeFrontier(frontierOf(size, read)))
    if (!kept) throw new Error(`The frontier of ${size} was not read back`)
    const copy = copyFrontier(kept)
    for (const leaf of leaves.slice(size)) append(kept, leaf)
    t.ok(rootOfFrontier(kept).equals(roots[most] as Hash), `from ${size}`)
    t.ok(rootOfFrontier(copy).equals(roots[size] as Hash), 'and its copy stayed behind')
  }
  t.equal(decodeFrontier(3, Buffer.alloc(32)), null, 'three leaves leave two subtrees')
  t.equal(decodeFrontier(-1, Buffer.alloc(0)), null)
})

t.test('entries of any length are hashed the same way', async (t) => {
  for (const length of [0, 1, 65_534, 65_535, 65_536, 200_000]) {
    const entry = Buffer.alloc(length, 0x61)
    t.equal(leafHash(entry).toString('hex'), rootByTheBook([entry]), `${length} bytes`)
  }
})
