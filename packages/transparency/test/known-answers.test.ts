import {
  append,
  consistencyProof,
  emptyFrontier,
  emptyRoot,
  type Hash,
  inclusionProof,
  leafHash,
  nodeHash,
  rootOf,
  rootOfFrontier,
  verifyConsistency,
  verifyInclusion,
  writeLeafHash,
} from '@commitments/transparency'
import t from 'tap'
import { treeOver } from './trees.ts'

// Known answers published with Certificate Transparency (google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc) and repeated
// by transparency-dev/merkle (rfc6962/rfc6962_test.go): the tree of eight entries with which every implementation is checked.

const hex = (hash: Hash) => hash.toString('hex')
const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const entries = inputs.map((input) => Buffer.from(input, 'hex'))
const { read, leaves } = treeOver(entries)
const root = (size: number) => Buffer.from(roots[size - 1] as string, 'hex')

const leaf2 = '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7'
const pair34 = '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e'
const half58 = '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4'
const leaf5 = 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b'
const pair78 = 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0'
const pair56 = '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a'

t.test('leaves, nodes and the empty tree hash as published', async (t) => {
  t.equal(hex(emptyRoot), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  t.equal(hex(leafHash(Buffer.alloc(0))), roots[0])
  t.equal(hex(leafHash(Buffer.from('L123456'))), '395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56')
  const written = Buffer.alloc(96)
  writeLeafHash(written, 32, Buffer.from('\0L123456'))
  t.equal(
    hex(written),
    `${'00'.repeat(32)}395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56${'00'.repeat(32)}`,
  )
  // The published node is over eight bytes instead of two hashes; ours takes hashes, so it is built from the level below instead.
  t.equal(hex(nodeHash(leafHash(entries[0] as Buffer), leafHash(entries[1] as Buffer))), roots[1])
})

t.test('the tree and the frontier give the published roots of one to eight entries', async (t) => {
  const frontier = emptyFrontier()
  t.equal(hex(rootOf(0, read)), hex(emptyRoot))
  t.equal(hex(rootOfFrontier(frontier)), hex(emptyRoot))
  for (const [at, leaf] of leaves.entries()) {
    append(frontier, leaf)
    t.equal(hex(rootOf(at + 1, read)), roots[at])
    t.equal(hex(rootOfFrontier(frontier)), roots[at])
  }
})

t.test('the published inclusion proofs are made and accepted', async (t) => {
  // The publication counts leaves from 1.
  const published: [leaf: number, size: number, proof: string[]][] = [
    [1, 1, []],
    [1, 8, [leaf2, pair34, half58]],
    [6, 8, [leaf5, pair78, roots[3] as string]],
    [3, 3, [roots[1] as string]],
    [2, 5, [roots[0] as string, pair34, leaf5]],
  ]
  for (const [number, size, expected] of published) {
    const index = number - 1
    const proof = inclusionProof(index, size, read)
    t.strictSame(proof.map(hex), expected, `leaf ${index} of ${size}`)
    t.ok(verifyInclusion({ leaf: leaves[index] as Hash, index, size, proof, root: root(size) }))
  }
})

t.test('the published consistency proofs are made and accepted', async (t) => {
  const published: [from: number, to: number, proof: string[]][] = [
    [1, 1, []],
    [1, 8, [leaf2, pair34, half58]],
    [6, 8, [pair56, pair78, roots[3] as string]],
    [2, 5, [pair34, leaf5]],
  ]
  for (const [from, to, expected] of published) {
    const proof = consistencyProof(from, to, read)
    t.strictSame(proof.map(hex), expected, `${from} to ${to}`)
    t.ok(verifyConsistency({ from, fromRoot: root(from), to, toRoot: root(to), proof }))
  }
})
