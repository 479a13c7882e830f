import { generateKeyPairSync } from 'node:crypto'
import { holds } from '@commitments/test-kit/domain'
import {
  emptyRoot,
  formatCheckpoint,
  leafHash,
  makeSigner,
  openCheckpoint,
  parseCheckpoint,
  parseVerifierKey,
  signNote,
  verifierKey,
} from '@commitments/transparency'
import * as fc from 'fast-check'
import t from 'tap'

const origin = 'commitments.example/ledger/0b6f'
const root = leafHash(Buffer.from('a line'))

const keyOf = (name: string) => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const verifier = parseVerifierKey(verifierKey(name, privateKey))
  if (!verifier) throw new Error('A key of our own is read back')
  return { signer: makeSigner({ name, privateKey }), verifier }
}

t.test('a checkpoint is origin, size and root, one line each', async (t) => {
  const text = formatCheckpoint({ origin, size: 20852163, root })
  t.equal(text, `${origin}\n20852163\n${root.toString('base64')}\n`)
  t.strictSame(parseCheckpoint(text), { origin, size: 20852163, root, extensions: [] })
})

t.test('the example of the specification is read', async (t) => {
  const parsed = parseCheckpoint(
    'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n',
  )
  t.match(parsed, { origin: 'example.com/behind-the-sofa', size: 20852163 })
})

t.test('an empty tree has the size 0; extension lines are kept', async (t) => {
  const checkpoint = { origin, size: 0, root: emptyRoot, extensions: ['one', 'two words'] }
  t.strictSame(parseCheckpoint(formatCheckpoint(checkpoint)), checkpoint)
})

t.test('any origin and size are read back', async (t) => {
  const line = fc.string({ minLength: 1 }).filter((text) => !text.includes('\n'))
  const checkpoint = fc.record({
    origin: line,
    size: fc.maxSafeNat(),
    root: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
    extensions: fc.array(line, { maxLength: 3 }),
  })
  holds(
    t,
    fc.property(
      checkpoint,
      (given) => JSON.stringify(parseCheckpoint(formatCheckpoint(given))) === JSON.stringify(given),
    ),
  )
})

t.test('anything that is not exactly a checkpoint is refused', async (t) => {
  const encoded = root.toString('base64')
  const texts = [
    '',
    '\n',
    `${origin}\n1\n`,
    `${origin}\n1\n${encoded}`,
    `\n1\n${encoded}\n`,
    `${origin}\n01\n${encoded}\n`,
    `${origin}\n-1\n${encoded}\n`,
    `${origin}\n1e3\n${encoded}\n`,
    `${origin}\n 1\n${encoded}\n`,
    `${origin}\n9007199254740992\n${encoded}\n`,
    `${origin}\n99999999999999999999\n${encoded}\n`,
    `${origin}\n1\n${encoded.slice(0, -4)}\n`,
    `${origin}\n1\n${encoded.replace('=', '')}\n`,
    `${origin}\n1\n${Buffer.alloc(33).toString('base64')}\n`,
    `${origin}\n1\n${encoded}\n\n`,
    `${origin}\n1\n${encoded}\n\nextension\n`,
  ]
  for (const text of texts) t.equal(parseCheckpoint(text), null, JSON.stringify(text))
  holds(
    t,
    fc.property(fc.string(), (text) => parseCheckpoint(text) === null || text.length > 46),
  )
})

t.test('no checkpoint is written that could not be read', async (t) => {
  t.throws(() => formatCheckpoint({ origin: '', size: 1, root }), RangeError)
  t.throws(() => formatCheckpoint({ origin: 'a\nb', size: 1, root }), RangeError)
  t.throws(() => formatCheckpoint({ origin, size: -1, root }), RangeError)
  t.throws(() => formatCheckpoint({ origin, size: 2 ** 53, root }), RangeError)
  t.throws(() => formatCheckpoint({ origin, size: 1, root: Buffer.alloc(31) }), RangeError)
  t.throws(() => formatCheckpoint({ origin, size: 1, root, extensions: [''] }), RangeError)
})

t.test('a signed checkpoint opens with the key of its log', async (t) => {
  const { signer, verifier } = keyOf(origin)
  const note = signNote(formatCheckpoint({ origin, size: 7, root }), [signer])
  t.match(openCheckpoint(note, { origin, verifiers: [verifier] }), {
    outcome: 'verified',
    checkpoint: { origin, size: 7 },
  })
  t.match(openCheckpoint(note, { verifiers: [verifier] }), { outcome: 'verified' })
  t.match(openCheckpoint(note, { origin, verifiers: [keyOf(origin).verifier] }), { outcome: 'unknown-keys' })
  t.match(openCheckpoint(note.replace('\n7\n', '\n8\n'), { origin, verifiers: [verifier] }), {
    outcome: 'bad-signature',
  })
})

t.test("another log's checkpoint does not pass, though the same key signed it", async (t) => {
  const { signer, verifier } = keyOf('commitments.example/ledger')
  const note = signNote(formatCheckpoint({ origin: `${origin}-before`, size: 7, root }), [signer])
  t.strictSame(openCheckpoint(note, { origin, verifiers: [verifier] }), {
    outcome: 'other-origin',
    origin: `${origin}-before`,
  })
})

t.test('a signed text that is not a checkpoint is malformed', async (t) => {
  const { signer, verifier } = keyOf(origin)
  t.match(openCheckpoint(signNote('a poem\n', [signer]), { origin, verifiers: [verifier] }), { outcome: 'malformed' })
})

t.test('while a key is being replaced, a checkpoint that both signed opens with either and with both', async (t) => {
  const [old, young] = [keyOf(origin), keyOf(origin)]
  const note = signNote(formatCheckpoint({ origin, size: 7, root }), [young.signer, old.signer])
  for (const verifiers of [[old.verifier], [young.verifier], [old.verifier, young.verifier]]) {
    const opened = openCheckpoint(note, { origin, verifiers })
    if (opened.outcome !== 'verified') throw new Error(opened.outcome)
    t.equal(opened.verified.length, verifiers.length)
  }
})
