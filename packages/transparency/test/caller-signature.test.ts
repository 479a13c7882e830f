import { generateKeyPairSync, sign } from 'node:crypto'
import { signatureHolds } from '@commitments/transparency'
import canonicalize from 'canonicalize'
import * as fc from 'fast-check'
import t from 'tap'
import { canonicalJson } from '../src/canonical-json.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const key = publicKey.export({ format: 'jwk' }).x as string
const text = 'commitments-event/1\n{}'
const value = sign(null, Buffer.from(text), privateKey).toString('base64url')

t.test('a signature holds for its key and its text only', async (t) => {
  t.equal(signatureHolds({ key, text, value }), true)
  t.equal(signatureHolds({ key, text: `${text} `, value }), false)
  const other = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x as string
  t.equal(signatureHolds({ key: other, text, value }), false)
  for (let at = 0; at < 64; at += 1) {
    const bytes = Buffer.from(value, 'base64url')
    bytes[at] = (bytes[at] as number) ^ 1
    t.equal(signatureHolds({ key, text, value: bytes.toString('base64url') }), false, `byte ${at}`)
  }
})

t.test('RFC 8032, 7.1, test 1 and 2 hold, of which the first is over the empty text', async (t) => {
  const vector = (publicHex: string, text: string, signatureHex: string) => {
    const [key, value] = [publicHex, signatureHex].map((hex) => Buffer.from(hex, 'hex').toString('base64url'))
    return { key: key as string, text, value: value as string }
  }
  const first = vector(
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  )
  const second = vector(
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    'r',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  )
  t.equal(signatureHolds(first), true)
  t.equal(signatureHolds(second), true)
  t.equal(signatureHolds({ ...first, value: second.value }), false)
})

t.test('a key and a signature have one spelling', async (t) => {
  const bytes = Buffer.from(value, 'base64url')
  for (const other of [bytes.toString('base64'), `${value}=`, `${value} `, value.slice(0, -1), `${value}A`, ''])
    t.equal(signatureHolds({ key, text, value: other }), false, other)
  for (const other of [Buffer.from(key, 'base64url').toString('base64'), ` ${key}`, '', 'x'])
    t.equal(signatureHolds({ key: other, text, value }), false, other)
})

t.test('a key for which anybody can make signatures has signed nothing', async (t) => {
  // R is the neutral point and S is 0: it verifies for the neutral point as key, whatever the text.
  const neutral = Buffer.alloc(32)
  neutral[0] = 1
  const forged = Buffer.concat([neutral, Buffer.alloc(32)]).toString('base64url')
  t.equal(signatureHolds({ key: neutral.toString('base64url'), text, value: forged }), false)
  const signed = Buffer.from(neutral)
  signed[31] = 0x80
  t.equal(signatureHolds({ key: signed.toString('base64url'), text, value: forged }), false)
})

t.test(
  'the canonical form is that of RFC 8785: its example, and what another program makes of any value',
  async (t) => {
    const example = {
      peach: 'x',
      péché: 'y',
      pêche: 'z',
      sin: 1e30,
      numbers: [Number('333333333.33333329'), 4.5, 0.002, 1e-27, -0],
      '\u20ac': '\u000f\u007f"\\',
    }
    t.equal(canonicalJson(example), canonicalize(example))
    fc.assert(fc.property(fc.jsonValue(), (value) => canonicalJson(value) === canonicalize(value)))
  },
)
