import { generateKeyPairSync } from 'node:crypto'
import { holds } from '@commitments/test-kit/domain'
import {
  formatCheckpoint,
  formatOfflineProof,
  type Hash,
  inclusionProof,
  makeCosigner,
  makeSigner,
  makeVerifier,
  parseOfflineProof,
  parseWitnessKey,
  rootOf,
  signNote,
  verifyOfflineProof,
  witnessKey,
} from '@commitments/transparency'
import * as fc from 'fast-check'
import t from 'tap'
import { numbered, treeOver } from './trees.ts'

const origin = 'log.example/a'
const { leaves, read } = treeOver(numbered(11))
const [logKey, witnessSecret] = [generateKeyPairSync('ed25519').privateKey, generateKeyPairSync('ed25519').privateKey]
const verifier = makeVerifier({ name: origin, publicKey: logKey })
const witness = parseWitnessKey(witnessKey('witness.example/w1', witnessSecret))
if (!witness) throw new Error('A key of our own is read back')
const cosigner = makeCosigner({ name: 'witness.example/w1', privateKey: witnessSecret, now: () => 1679315147 })
const checkpoint = signNote(formatCheckpoint({ origin, size: 11, root: rootOf(11, read) }), [
  makeSigner({ name: origin, privateKey: logKey }),
  cosigner,
])
const proof = { index: 6, hashes: inclusionProof(6, 11, read), checkpoint }
const trust = { leaf: leaves[6] as Hash, origin, verifiers: [verifier], witnesses: [witness] }

t.test('a proof is written line by line as specified', async (t) => {
  const [first, second, ...rest] = formatOfflineProof(proof).split('\n')
  t.strictSame([first, second], ['c2sp.org/tlog-proof@v1', 'index 6'])
  t.strictSame(
    rest.slice(0, 4),
    proof.hashes.map((hash) => hash.toString('base64')),
  )
  t.equal(rest[4], '')
  t.equal(rest.slice(5).join('\n'), checkpoint)
  t.equal(formatOfflineProof({ ...proof, extra: Buffer.from('abc') }).split('\n')[1], 'extra YWJj')
})

t.test('a proof is read back as it was, with and without extra data, with and without hashes', async (t) => {
  for (const given of [
    proof,
    { ...proof, extra: Buffer.from('extra') },
    { ...proof, extra: Buffer.alloc(0) },
    { index: 0, hashes: [], checkpoint },
  ]) {
    t.strictSame(parseOfflineProof(formatOfflineProof(given)), given)
    t.strictSame(parseOfflineProof(Buffer.from(formatOfflineProof(given))), given)
  }
})

t.test('anything that is not a proof is refused', async (t) => {
  const file = formatOfflineProof(proof)
  const files = [
    '',
    'wrong-header\nindex 0\n\ncheckpoint\n',
    file.replace('@v1', '@v2'),
    file.replace('index 6', 'index 06'),
    file.replace('index 6', 'index -6'),
    file.replace('index 6', 'index notanumber'),
    file.replace('index 6\n', ''),
    file.replace('index 6', 'extra !!notbase64!!\nindex 6'),
    file.replace('index 6', 'index 6\nextra YWJj'),
    file.replace('index 6', `index 6\n${Buffer.alloc(64).toString('base64')}`),
    file.replace('index 6', `index 6\n${'A'.repeat(44)}`),
    file.replace('index 6', `index 6\n${`${Buffer.alloc(32).toString('base64')}\n`.repeat(64)}`.trimEnd()),
    file.slice(0, file.lastIndexOf('—')).replace(/—.*\n/, ''),
    file.replaceAll('\n', '\r\n'),
    'c2sp.org/tlog-proof@v1\nindex 0\n\ncheckpoint\n',
  ]
  for (const file of files) t.equal(parseOfflineProof(file), null, JSON.stringify(file.slice(0, 60)))
  holds(
    t,
    fc.property(fc.oneof(fc.string(), fc.uint8Array()), (junk) => parseOfflineProof(junk) === null),
  )
})

t.test('a proof of an event holds with the leaf, the key of the log and its witness', async (t) => {
  const verdict = verifyOfflineProof(formatOfflineProof(proof), trust)
  t.match(verdict, {
    outcome: 'included',
    checkpoint: { origin, size: 11 },
    cosignatures: [{ name: 'witness.example/w1', time: 1679315147 }],
  })
  const { witnesses: _, ...alone } = trust
  t.match(verifyOfflineProof(formatOfflineProof(proof), alone), { outcome: 'included', cosignatures: [] })
})

t.test('every error of a proof is named', async (t) => {
  const file = formatOfflineProof(proof)
  t.match(verifyOfflineProof(file, { ...trust, leaf: leaves[5] as Hash }), { outcome: 'not-included' })
  t.match(verifyOfflineProof(file.replace('index 6', 'index 7'), trust), { outcome: 'not-included' })
  t.match(verifyOfflineProof(file.replace('index 6', 'index 11'), trust), { outcome: 'not-included' })
  t.match(verifyOfflineProof(file, { ...trust, origin: 'log.example/b' }), { outcome: 'other-origin', origin })
  t.match(verifyOfflineProof(file, { ...trust, verifiers: [] }), { outcome: 'unknown-keys' })
  t.match(verifyOfflineProof(file.replace('\n11\n', '\n12\n'), trust), { outcome: 'bad-signature', name: origin })
  t.match(verifyOfflineProof('junk', trust), { outcome: 'malformed' })
  const [beforeWitness, afterWitness] = file.split('— witness.example/w1 ') as [string, string]
  const forged = `${beforeWitness}— witness.example/w1 ${afterWitness.slice(0, 30)}AAAA${afterWitness.slice(34)}`
  t.match(verifyOfflineProof(forged, trust), { outcome: 'bad-signature', name: 'witness.example/w1' })
})
