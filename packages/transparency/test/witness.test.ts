import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { holds } from '@commitments/test-kit/domain'
import {
  emptyRoot,
  formatAddCheckpoint,
  formatCheckpoint,
  formatKnownSize,
  leafHash,
  makeCosigner,
  makeSigner,
  makeVerifier,
  openCheckpoint,
  openCosignatures,
  openWitnessAnswer,
  parseAddCheckpoint,
  parseKnownSize,
  parseWitnessKey,
  signatureLine,
  signNote,
  verifyConsistency,
  withCosignatures,
  witnessKey,
} from '@commitments/transparency'
import * as fc from 'fast-check'
import t from 'tap'

// Known answers of a public witness (FiloSottile/torchwood, internal/witness/witness_test.go): requests for a log of the Sigsum project, of
// sizes 1 and 5, and the key that signed them.
const origin = 'sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562'
const first = `old 0

${origin}
1
KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

— ${origin} UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=
`
const second = `old 1
KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
+fUDV+k970B4I3uKrqJM4aP1lloPZP8mvr2Z4wRw2LI=
KgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

${origin}
5
QrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY=

— ${origin} UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJWAShei7sDww=
`
const x = Buffer.from('ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f', 'hex').toString('base64url')
const sigsum = makeVerifier({
  name: origin,
  publicKey: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }),
})

const read = (body: string) => {
  const request = parseAddCheckpoint(body)
  if (!request) throw new Error('The request is one')
  const opened = openCheckpoint(request.checkpoint, { origin, verifiers: [sigsum] })
  if (opened.outcome !== 'verified') throw new Error(opened.outcome)
  return { ...request, tree: opened.checkpoint }
}

t.test(
  'published requests to a witness are read, their signatures hold, and the second follows from the first',
  async (t) => {
    const [one, two] = [read(first), read(second)]
    t.match([one.oldSize, one.proof.length, two.oldSize, two.proof.length], [0, 0, 1, 3])
    t.ok(verifyConsistency({ from: 0, fromRoot: emptyRoot, to: 1, toRoot: one.tree.root, proof: one.proof }))
    t.ok(verifyConsistency({ from: 1, fromRoot: one.tree.root, to: 5, toRoot: two.tree.root, proof: two.proof }))
    t.equal(formatAddCheckpoint(one), first, 'and they are written the same')
    t.equal(formatAddCheckpoint(two), second)
  },
)

t.test('anything that is not a request is refused', async (t) => {
  const hash = Buffer.alloc(32).toString('base64')
  const bodies = [
    '',
    first.replace('old 0', 'old 00'),
    first.replace('old 0', 'old -1'),
    first.replace('old 0', 'old'),
    first.replace('old 0', 'Old 0'),
    first.replace('old 0\n', 'old 0'),
    first.replace('old 0', 'old 0\nKgEAAAAA'),
    first.replace('old 0', `old 0${`\n${hash}`.repeat(64)}`),
    first.slice(0, first.indexOf('—')),
    first.replaceAll('\n', '\r\n'),
    `old 0\n${first.slice('old 0\n\n'.length)}`,
  ]
  for (const body of bodies) t.equal(parseAddCheckpoint(body), null, JSON.stringify(body.slice(0, 60)))
  t.equal(
    parseAddCheckpoint(first.replace('old 0', `old 0${`\n${hash}`.repeat(63)}`))?.proof.length,
    63,
    '63 hashes may be',
  )
  holds(
    t,
    fc.property(fc.oneof(fc.string(), fc.uint8Array()), (junk) => parseAddCheckpoint(junk) === null),
  )
})

t.test('no request is made that a witness must not get', async (t) => {
  const checkpoint = read(first).checkpoint
  t.throws(() => formatAddCheckpoint({ oldSize: -1, proof: [], checkpoint }), RangeError)
  t.throws(
    () => formatAddCheckpoint({ oldSize: 0, proof: Array.from({ length: 64 }, () => emptyRoot), checkpoint }),
    RangeError,
  )
})

t.test('the size of a conflict is a number and a newline', async (t) => {
  t.equal(parseKnownSize(formatKnownSize(20852014)), 20852014)
  for (const wrong of ['', '1', '\n', '01\n', '-1\n', '1\n\n', ' 1\n', '1e3\n'])
    t.equal(parseKnownSize(wrong), null, JSON.stringify(wrong))
})

const privateKey = generateKeyPairSync('ed25519').privateKey
const name = 'witness.example/w1'
const witness = parseWitnessKey(witnessKey(name, privateKey))
if (!witness) throw new Error('A key of our own is read back')
const text = formatCheckpoint({ origin: 'log.example/a', size: 1, root: leafHash(Buffer.from('a')) })
const checkpoint = signNote(text, [
  makeSigner({ name: 'log.example/a', privateKey: generateKeyPairSync('ed25519').privateKey }),
])
const lineAt = (time: number) => {
  const cosigner = makeCosigner({ name, privateKey, now: () => time })
  return signatureLine({ ...cosigner, signature: cosigner.sign(text) })
}

t.test("a witness's answer is checked against the checkpoint before it is served with it", async (t) => {
  const stranger = makeCosigner({ name: 'stranger', privateKey, now: () => 1 })
  const answer = `${lineAt(7)}${signatureLine({ ...stranger, signature: stranger.sign(text) })}`
  const opened = openWitnessAnswer(answer, checkpoint, [witness])
  if (opened.outcome !== 'opened') throw new Error(opened.outcome)
  t.match(opened.cosignatures, [{ name, time: 7 }])
  t.equal(opened.cosignatures.length, 1, 'strangers are ignored')
  const cosigned = withCosignatures(checkpoint, opened.cosignatures)
  t.equal(cosigned, `${checkpoint}${lineAt(7)}`)
  const later = openWitnessAnswer(lineAt(9), cosigned, [witness])
  if (later.outcome !== 'opened') throw new Error(later.outcome)
  t.equal(
    withCosignatures(cosigned, later.cosignatures),
    `${checkpoint}${lineAt(9)}`,
    'a later one takes the place of an earlier one',
  )
  t.match(openCosignatures(cosigned, [witness]), { outcome: 'opened', cosignatures: [{ time: 7 }] })
})

t.test(
  "an answer that does not hold is no witness's word, and neither is what stood on the checkpoint before",
  async (t) => {
    t.match(openWitnessAnswer('', checkpoint, [witness]), { outcome: 'malformed' })
    t.match(openWitnessAnswer('thank you\n', checkpoint, [witness]), { outcome: 'malformed' })
    t.match(openWitnessAnswer(lineAt(7), checkpoint.replace('\n1\n', '\n2\n'), [witness]), {
      outcome: 'bad-signature',
      name,
    })
    t.match(openWitnessAnswer(lineAt(7).replace(name, 'stranger'), `${checkpoint}${lineAt(7)}`, [witness]), {
      outcome: 'opened',
      cosignatures: [],
    })
    t.throws(() => withCosignatures('no note', []), RangeError)
  },
)
