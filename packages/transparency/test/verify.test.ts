import { holds } from '@commitments/test-kit/domain'
import {
  consistencyProof,
  emptyRoot,
  type Hash,
  inclusionProof,
  leafHash,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '@commitments/transparency'
import * as fc from 'fast-check'
import t from 'tap'
import { numbered, treeOver } from './trees.ts'

const most = 300
const { leaves, read } = treeOver(numbered(most))
const rootAt = (size: number) => rootOf(size, read)
const leafAt = (index: number) => leaves[index] as Hash

/** A way to corrupt a list of hashes. Returns null if it would change nothing. */
type Spoil = (proof: readonly Hash[], at: number, bit: number) => Hash[] | null

const spoils: Record<string, Spoil> = {
  'a bit turned': (proof, at, bit) =>
    proof.length === 0 ? null : proof.with(at % proof.length, turned(proof[at % proof.length] as Hash, bit)),
  'one left out': (proof, at) => (proof.length === 0 ? null : proof.toSpliced(at % proof.length, 1)),
  'one doubled': (proof, at) =>
    proof.length === 0 ? null : proof.toSpliced(at % proof.length, 0, proof[at % proof.length] as Hash),
  'one put in': (proof, at, bit) => proof.toSpliced(at % (proof.length + 1), 0, turned(emptyRoot, bit)),
  'one added at the end': (proof, _at, bit) => [...proof, turned(emptyRoot, bit)],
  'two exchanged': (proof, at) => exchanged(proof, at),
  'turned round': (proof) => (proof.length < 2 ? null : proof.toReversed()),
  'one cut short': (proof, at) => (proof.length === 0 ? null : proof.with(at % proof.length, Buffer.alloc(31))),
}

function turned(hash: Hash, bit: number): Hash {
  const other = Buffer.from(hash)
  other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7))
  return other
}

function exchanged(proof: readonly Hash[], at: number): Hash[] | null {
  if (proof.length < 2) return null
  const first = at % (proof.length - 1)
  const [one, other] = [proof[first] as Hash, proof[first + 1] as Hash]
  return proof.with(first, other).with(first + 1, one)
}

const spoil = fc.record({ how: fc.constantFrom(...Object.keys(spoils)), at: fc.nat(20), bit: fc.nat(255) })
const spoiled = (proof: readonly Hash[], { how, at, bit }: { how: string; at: number; bit: number }) =>
  spoils[how]?.(proof, at, bit) ?? null

t.test('a damaged inclusion proof is refused', async (t) => {
  const place = fc
    .integer({ min: 1, max: most })
    .chain((size) => fc.record({ size: fc.constant(size), index: fc.nat(size - 1) }))
  holds(
    t,
    fc.property(place, spoil, ({ size, index }, change) => {
      const proof = spoiled(inclusionProof(index, size, read), change)
      fc.pre(proof !== null)
      return !verifyInclusion({ leaf: leafAt(index), index, size, proof, root: rootAt(size) })
    }),
    { numRuns: 2000 },
  )
})

t.test('a proof holds for no other leaf, at no other index and under no other root', async (t) => {
  const place = fc
    .integer({ min: 2, max: most })
    .chain((size) =>
      fc.record({ size: fc.constant(size), index: fc.nat(size - 1), other: fc.nat(size - 1), bit: fc.nat(255) }),
    )
  holds(
    t,
    fc.property(place, ({ size, index, other, bit }) => {
      const claim = { leaf: leafAt(index), index, size, proof: inclusionProof(index, size, read), root: rootAt(size) }
      const elsewhere =
        other === index
          ? false
          : verifyInclusion({ ...claim, index: other }) || verifyInclusion({ ...claim, leaf: leafAt(other) })
      return (
        !elsewhere &&
        !verifyInclusion({ ...claim, root: turned(claim.root, bit) }) &&
        !verifyInclusion({ ...claim, leaf: turned(claim.leaf, bit) })
      )
    }),
    { numRuns: 1000 },
  )
})

t.test('a damaged consistency proof is refused', async (t) => {
  const sizes = fc.integer({ min: 1, max: most }).chain((to) => fc.record({ to: fc.constant(to), from: fc.nat(to) }))
  holds(
    t,
    fc.property(sizes, spoil, ({ from, to }, change) => {
      const proof = spoiled(consistencyProof(from, to, read), change)
      fc.pre(proof !== null)
      return !verifyConsistency({ from, fromRoot: rootAt(from), to, toRoot: rootAt(to), proof })
    }),
    { numRuns: 2000 },
  )
})

t.test('no proof of a tree that differs in one old leaf shows consistency with the old tree', async (t) => {
  const sizes = fc
    .integer({ min: 2, max: most })
    .chain((to) =>
      fc
        .integer({ min: 1, max: to - 1 })
        .chain((from) => fc.record({ to: fc.constant(to), from: fc.constant(from), changed: fc.nat(from - 1) })),
    )
  holds(
    t,
    fc.property(sizes, ({ from, to, changed }) => {
      const forged = treeOver(numbered(to).with(changed, Buffer.from('another')))
      const roots = { fromRoot: rootAt(from), toRoot: rootOf(to, forged.read) }
      const proofs = [consistencyProof(from, to, read), consistencyProof(from, to, forged.read)]
      return proofs.every((proof) => !verifyConsistency({ from, to, ...roots, proof }))
    }),
    { numRuns: 300 },
  )
})

t.test(
  'equal sizes need equal roots and no proof; nothing is proved to be consistent with a smaller tree',
  async (t) => {
    const [five, six] = [rootAt(5), rootAt(6)]
    t.ok(verifyConsistency({ from: 5, fromRoot: five, to: 5, toRoot: five, proof: [] }))
    t.notOk(verifyConsistency({ from: 5, fromRoot: five, to: 5, toRoot: six, proof: [] }))
    t.notOk(verifyConsistency({ from: 5, fromRoot: five, to: 5, toRoot: five, proof: [five] }))
    t.notOk(verifyConsistency({ from: 6, fromRoot: six, to: 5, toRoot: five, proof: consistencyProof(5, 6, read) }))
    t.notOk(verifyConsistency({ from: 5, fromRoot: five, to: 6, toRoot: six, proof: [] }))
  },
)

t.test(
  'every tree is consistent with the empty tree without a proof, but the empty tree has only one root',
  async (t) => {
    t.ok(verifyConsistency({ from: 0, fromRoot: emptyRoot, to: 6, toRoot: rootAt(6), proof: [] }))
    t.ok(verifyConsistency({ from: 0, fromRoot: emptyRoot, to: 0, toRoot: emptyRoot, proof: [] }))
    t.notOk(verifyConsistency({ from: 0, fromRoot: rootAt(1), to: 6, toRoot: rootAt(6), proof: [] }))
    t.notOk(verifyConsistency({ from: 0, fromRoot: emptyRoot, to: 6, toRoot: rootAt(6), proof: [rootAt(6)] }))
    t.notOk(verifyConsistency({ from: 0, fromRoot: rootAt(1), to: 0, toRoot: rootAt(1), proof: [] }))
  },
)

t.test('the verifiers answer no to any input, and do not throw', async (t) => {
  const junk = fc.oneof(
    fc.anything(),
    fc.integer(),
    fc.double(),
    fc.uint8Array({ minLength: 30, maxLength: 34 }),
    fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 70 }),
  )
  const claim = fc.record({
    leaf: junk,
    index: junk,
    size: junk,
    proof: junk,
    root: junk,
    from: junk,
    fromRoot: junk,
    to: junk,
    toRoot: junk,
  })
  holds(
    t,
    fc.property(
      claim,
      (claim) => !verifyInclusion(claim as never) && isTrivial(claim) === verifyConsistency(claim as never),
    ),
    { numRuns: 3000 },
  )
})

/** The only valid case for random bytes: the same tree twice. */
function isTrivial({ from, to, fromRoot, toRoot, proof }: Record<string, unknown>): boolean {
  const equal = fromRoot instanceof Uint8Array && toRoot instanceof Uint8Array && Buffer.compare(fromRoot, toRoot) === 0
  return (
    equal &&
    from === to &&
    Number.isSafeInteger(from) &&
    (from as number) > 0 &&
    Array.isArray(proof) &&
    proof.length === 0 &&
    fromRoot.length === 32
  )
}

t.test('sizes that are not exact whole numbers in range are refused', async (t) => {
  const claim = { leaf: leafAt(0), index: 0, size: 1, proof: [], root: leafAt(0) }
  t.ok(verifyInclusion(claim))
  for (const size of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
    t.notOk(verifyInclusion({ ...claim, size }), `size ${size}`)
  for (const index of [1, -1, 0.5, Number.NaN, 2 ** 53]) t.notOk(verifyInclusion({ ...claim, index }), `index ${index}`)
})

// The published attack on immudb: CVE-2022-36111, GHSA-672p-m5jq-mrh8, "linear fake". Its proof between two states had a linear part in
// addition to the Merkle tree, and only the ends of that part were compared with the newer tree. A server could show a client one
// transaction 2, lead it over 3 to 5 with valid proofs, and then prove another transaction 2 under state 5. In our terms: the state is a
// root, and whatever a proof consists of, what was under the old root must be under the new one. The attacker here may use every hash that
// exists in both worlds, in any order.

const genuine = ['tx 1', 'valid-key-0', 'valid-key-1', 'tx 4', 'key-after-1'].map((text) => Buffer.from(text))
const forged = genuine.with(1, Buffer.from('fake-key'))

/** Every hash of a tree of five entries that can occur in a proof, including roots of all sizes. */
function everyHash(entries: readonly Buffer[]): Hash[] {
  const { leaves, read } = treeOver(entries)
  const roots = entries.map((_, at) => rootOf(at + 1, read))
  return [...leaves, ...roots, read(1, 0), read(1, 1), read(2, 0)]
}

function* sequences(hashes: readonly Hash[], length: number): Generator<Hash[]> {
  if (length === 0) yield []
  else for (const rest of sequences(hashes, length - 1)) for (const hash of hashes) yield [hash, ...rest]
}

const known = [
  ...new Map([...everyHash(genuine), ...everyHash(forged)].map((hash) => [hash.toString('hex'), hash])).values(),
]

/** The number of valid ones among all proofs of at most four hashes (honest proofs between these sizes have no more). */
function holding(accepts: (proof: Hash[]) => boolean): number {
  let held = 0
  for (let length = 0; length <= 4; length += 1) {
    for (const proof of sequences(known, length)) if (accepts(proof)) held += 1
  }
  return held
}

const rootsOf = (entries: readonly Buffer[]) => entries.map((_, at) => rootOf(at + 1, treeOver(entries).read))

t.test(
  'a client that saw transaction 2 accepts no later state in which it differs (immudb, linear fake)',
  async (t) => {
    const [old, young] = [rootsOf(genuine), rootsOf(forged)]
    for (const [from, to] of [
      [2, 3],
      [2, 5],
      [3, 4],
      [3, 5],
    ] as const) {
      const claim = { from, fromRoot: old[from - 1] as Hash, to, toRoot: young[to - 1] as Hash }
      t.equal(
        holding((proof) => verifyConsistency({ ...claim, proof })),
        0,
        `from ${from} to ${to}`,
      )
    }
  },
)

t.test('under one state only one transaction 2 can be proved (immudb, linear fake)', async (t) => {
  const root = rootsOf(genuine)[4] as Hash
  const held = (text: string) => {
    const leaf = leafHash(Buffer.from(text))
    return holding((proof) => verifyInclusion({ leaf, index: 1, size: 5, proof, root }))
  }
  t.equal(held('valid-key-0'), 1, 'the one that is in it, by its one proof')
  t.equal(held('fake-key'), 0)
})

t.test('the one proof between two states of one history is its own (immudb, linear fake)', async (t) => {
  const roots = rootsOf(genuine)
  const claim = { from: 3, fromRoot: roots[2] as Hash, to: 5, toRoot: roots[4] as Hash }
  t.ok(verifyConsistency({ ...claim, proof: consistencyProof(3, 5, treeOver(genuine).read) }))
  t.equal(
    holding((proof) => verifyConsistency({ ...claim, proof })),
    1,
  )
})
