import { search } from '@commitments/test-kit/domain'
import { assert, json, property } from 'fast-check'
import t from 'tap'
import { printable } from '../src/printable.ts'

const harmful = [
  ...range(0x00, 0x09),
  ...range(0x0b, 0x1f),
  ...range(0x7f, 0x9f),
  ...range(0x202a, 0x202e),
  ...range(0x2066, 0x2069),
  0x061c,
  0x200e,
  0x200f,
  0x2028,
  0x2029,
]

t.test('every control character except the line feed, and every direction mark, is escaped', (t) => {
  for (const code of harmful) {
    const text = `a${String.fromCharCode(code)}b`
    t.equal(printable(text), `a\\u${code.toString(16).padStart(4, '0')}b`)
  }
  t.end()
})

t.test('everything else stays unchanged, in every script', (t) => {
  for (const text of ['', 'a\nb', 'Bán dẫn', '반도체', 'العربية', '👩‍👩‍👧 ⚠️', '\u00a0\u00ad\u200b\u200d\ufeff\ufffd'])
    t.equal(printable(text), text)
  t.end()
})

t.test('JSON that is made printable has the same meaning', (t) => {
  assert(
    property(json({ stringUnit: 'binary' }), (text) => {
      const compact = JSON.stringify(JSON.parse(text))
      t.same(JSON.parse(printable(compact)), JSON.parse(compact))
    }),
    search(t, 200),
  )
  const text = harmful.map((code) => String.fromCharCode(code)).join('')
  t.equal(JSON.parse(printable(JSON.stringify({ text }))).text, text)
  t.end()
})

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}
