import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { holds } from '@commitments/test-kit/domain'
import {
  isKeyName,
  keyIdOf,
  makeSigner,
  makeVerifier,
  type NoteVerifier,
  openNote,
  parseNote,
  parseSignatureLines,
  parseVerifierKey,
  publicBytes,
  signatureTypes,
  signNote,
  verifierKey,
} from '@commitments/transparency'
import * as fc from 'fast-check'
import t from 'tap'

// Known answers of golang.org/x/mod/sumdb/note (note_test.go), the first implementation of these notes.
const peterKey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const enochKey = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop'
const peterSecret = 'AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz'
const text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
const peterLine =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'
const enochLine =
  '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n'

const verifierOf = (vkey: string) => {
  const verifier = parseVerifierKey(vkey)
  if (!verifier) throw new Error(`${vkey} is a verifier key`)
  return verifier
}
const [peter, enoch] = [verifierOf(peterKey), verifierOf(enochKey)]

/** A private key from its seed: this prefix and the seed are PKCS #8 for Ed25519 (RFC 8410). */
function privateKeyOf(seed: Buffer): KeyObject {
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
  return createPrivateKey({ key: Buffer.concat([prefix, seed]), format: 'der', type: 'pkcs8' })
}

const names = (signatures: readonly { name: string }[]) => signatures.map(({ name }) => name)

t.test('the note that Go signs is signed the same, to the byte', async (t) => {
  const privateKey = privateKeyOf(Buffer.from(peterSecret, 'base64').subarray(1))
  const signer = makeSigner({ name: 'PeterNeumann', privateKey })
  t.equal(signer.keyId, 0xc74f20a3)
  t.equal(signNote(text, [signer]), `${text}\n${peterLine}`)
  t.equal(verifierKey('PeterNeumann', privateKey), peterKey)
})

t.test('the example of the specification verifies', async (t) => {
  const verifier = verifierOf('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k')
  const line =
    '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n'
  t.match(openNote(`This is an example message.\n\n${line}`, [verifier]), {
    outcome: 'verified',
    text: 'This is an example message.\n',
  })
})

t.test('signatures by known keys are verified, others are listed separately', async (t) => {
  const note = `${text}\n${peterLine}${enochLine}`
  const opened = openNote(note, [peter])
  if (opened.outcome !== 'verified') throw new Error(opened.outcome)
  t.equal(opened.text, text)
  t.strictSame([names(opened.verified), names(opened.unknown)], [['PeterNeumann'], ['EnochRoot']])
  const both = openNote(Buffer.from(note), [peter, enoch])
  t.match(both, { outcome: 'verified', verified: [{ name: 'PeterNeumann' }, { name: 'EnochRoot' }], unknown: [] })
})

t.test('a note without a signature of a known key gives no text', async (t) => {
  t.strictSame(openNote(`${text}\n${enochLine}`, [peter]), { outcome: 'unknown-keys', names: ['EnochRoot'] })
  t.strictSame(openNote(`${text}\n${enochLine}`, []), { outcome: 'unknown-keys', names: ['EnochRoot'] })
})

t.test('one wrong signature of a known key invalidates the note, even next to a right one', async (t) => {
  const wrong = `${peterLine.slice(0, 60)}ABCD${peterLine.slice(60)}`
  t.strictSame(openNote(`${text}\n${wrong}`, [peter]), { outcome: 'bad-signature', name: 'PeterNeumann' })
  t.strictSame(openNote(`${text}\n${peterLine}${wrong}`, [peter]), { outcome: 'bad-signature', name: 'PeterNeumann' })
  t.strictSame(openNote(`another text\n\n${enochLine}${peterLine}`, [enoch]), {
    outcome: 'bad-signature',
    name: 'EnochRoot',
  })
  t.match(
    openNote(`${text}\n${wrong}${enochLine}`, [enoch]),
    { outcome: 'verified' },
    'an unknown key may sign what it likes',
  )
})

t.test('a key is known by name and ID together', async (t) => {
  const renamed = peterLine.replace('PeterNeumann', 'CarmenSandiego')
  t.strictSame(openNote(`${text}\n${renamed}`, [peter]), { outcome: 'unknown-keys', names: ['CarmenSandiego'] })
  const otherId = peterLine.replace('x08g', 'xxxx')
  t.strictSame(openNote(`${text}\n${otherId}`, [peter]), { outcome: 'unknown-keys', names: ['PeterNeumann'] })
})

t.test('a key that signed twice counts once', async (t) => {
  const opened = openNote(`${text}\n${peterLine}${peterLine}`, [peter])
  if (opened.outcome !== 'verified') throw new Error(opened.outcome)
  t.equal(opened.verified.length, 1)
})

t.test('a malformed note is refused, whoever signed it', async (t) => {
  const notes = [
    '',
    text,
    `${text}\n`,
    `${text}\n${peterLine.slice(0, -1)}`,
    `\u0001${text}\n${peterLine}`,
    `${text.replace('\n', '\r\n')}\n${peterLine}`,
    `${text}\n${peterLine}Unexpected line.\n`,
    `${text}\n— Bad Name ${peterLine.split(' ')[2]}`,
    `${text}\n— Bad+Name ${peterLine.split(' ')[2]}`,
    `${text}\n— Bad\u00a0Name ${peterLine.split(' ')[2]}`,
    `${text}\n—  ${peterLine.split(' ')[2]}`,
    `${text}\n${peterLine.replace('—', '-')}`,
    `${text}\n— PeterNeumann x08gow==\n`,
    `${text}\n${peterLine.replace('nAM=', 'nAN=')}`,
    `${text}\n${peterLine.repeat(101)}`,
    `${text.slice(0, -1)}\ud800\n\n${peterLine}`,
    `${'x'.repeat(1_000_000)}\n\n${peterLine}`,
  ]
  for (const note of notes)
    t.match(openNote(note, [peter]), { outcome: 'malformed' }, JSON.stringify(note.slice(0, 90)))
  t.match(openNote(Buffer.from([0xff, ...Buffer.from(`${text}\n${peterLine}`)]), [peter]), { outcome: 'malformed' })
  t.match(
    openNote(`${text}\n${peterLine.repeat(100)}`, [peter]),
    { outcome: 'verified' },
    'a hundred are as many as may be',
  )
})

t.test('the text can have empty lines: the last one separates it from the signatures', async (t) => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const [signer, verifier] = [makeSigner({ name: 'a', privateKey }), makeVerifier({ name: 'a', publicKey: privateKey })]
  const poem = 'Ognuno sta solo sul cuor della terra\n\ned è subito sera.\n\n'
  t.match(openNote(signNote(poem, [signer]), [verifier]), { outcome: 'verified', text: poem })
})

t.test('a text that cannot be a note is not signed', async (t) => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const signer = makeSigner({ name: 'a', privateKey })
  for (const wrong of ['abc', '', 'a\tb\n', 'a\r\n', '\ud800\n'])
    t.throws(() => signNote(wrong, [signer]), RangeError, JSON.stringify(wrong))
  for (const name of ['', 'a b', 'a+b', 'a\u2003b', 'a\nb', 'a\u0000', '\ud800']) {
    t.notOk(isKeyName(name))
    t.throws(() => makeSigner({ name, privateKey }), RangeError, JSON.stringify(name))
  }
  t.throws(() => makeSigner({ name: 'a', privateKey: generateKeyPairSync('x25519').privateKey }), RangeError)
})

t.test('a signed text opens unchanged; changed in one byte it does not open', async (t) => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const [signer, verifier] = [
    makeSigner({ name: 'log.example/1', privateKey }),
    makeVerifier({ name: 'log.example/1', publicKey: privateKey }),
  ]
  const line = fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll(/\p{Cc}|\p{Cs}/gu, ''))
  holds(
    t,
    fc.property(fc.array(line, { minLength: 1 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (lines, at, change) => {
      const text = `${lines.join('\n')}\n`
      const note = Buffer.from(signNote(text, [signer]))
      const opened = openNote(note, [verifier])
      const altered = Buffer.from(note)
      altered[at % note.length] = (altered[at % note.length] as number) ^ change
      return (
        opened.outcome === 'verified' && opened.text === text && openNote(altered, [verifier]).outcome !== 'verified'
      )
    }),
    { numRuns: 500 },
  )
})

t.test('no note, line or key makes the parsers throw', async (t) => {
  const piece = fc.constantFrom(
    '— ',
    'a ',
    '\n',
    '\n\n',
    'x08go/ZJ',
    '====',
    '+',
    '+AQ==',
    peterLine,
    peterKey,
    ' ',
    '\u0085',
    '\ud800',
  )
  const junk = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
    fc.uint8Array(),
  )
  holds(
    t,
    fc.property(junk, (junk) => {
      openNote(junk, [peter])
      parseNote(junk)
      parseSignatureLines(String(junk))
      return parseVerifierKey(String(junk)) === null || String(junk) === peterKey
    }),
    { numRuns: 3000 },
  )
})

t.test('no part of a verifier key is a verifier key, nor is one with a changed letter', async (t) => {
  const wrong: string[] = []
  const check = (vkey: string) => {
    if (parseVerifierKey(vkey) !== null) wrong.push(vkey)
  }
  for (let from = 0; from <= peterKey.length; from += 1) {
    for (let to = from + 1; to <= peterKey.length; to += 1) {
      if (from !== 0 || to !== peterKey.length) check(peterKey.slice(from, to))
    }
  }
  for (let at = 0; at < peterKey.length; at += 1) {
    check(`${peterKey.slice(0, at)}${String.fromCharCode(peterKey.charCodeAt(at) + 1)}${peterKey.slice(at + 1)}`)
  }
  check('PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==')
  check('PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')
  check(peterKey.toUpperCase())
  t.strictSame(wrong, [])
})

t.test('one key has a different ID for each type of signature', async (t) => {
  const { publicKey } = generateKeyPairSync('ed25519')
  const bytes = publicBytes(publicKey)
  t.not(keyIdOf('a', signatureTypes.ed25519, bytes), keyIdOf('a', signatureTypes.cosignature, bytes))
  t.equal(
    parseVerifierKey(verifierKey('a', publicKey, signatureTypes.cosignature)),
    null,
    "a witness's key is no log's",
  )
  const parsed = parseVerifierKey(verifierKey('a', publicKey)) as NoteVerifier
  t.equal(parsed.keyId, keyIdOf('a', signatureTypes.ed25519, bytes))
})
