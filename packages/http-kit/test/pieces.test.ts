import { search } from '@commitments/test-kit/domain'
import * as fc from 'fast-check'
import t from 'tap'
import { Pieces } from '../src/request/pieces.ts'

t.test('pieces become one buffer, and stay as they were', (t) => {
  const sizes = fc.array(fc.oneof(fc.nat(3), fc.constantFrom(4_095, 4_096, 10_000)), { maxLength: 40 })
  fc.assert(
    fc.property(sizes, (lengths) => {
      const given = lengths.map((length, at) => Buffer.alloc(length, at + 1))
      const pieces = new Pieces()
      for (const piece of given) pieces.add(piece)
      const expected = Buffer.concat(lengths.map((length, at) => Buffer.alloc(length, at + 1)))
      t.ok(pieces.whole.equals(expected))
      t.equal(pieces.size, expected.length)
      for (const [at, piece] of given.entries()) t.ok(piece.every((byte) => byte === at + 1))
    }),
    search(t, 200),
  )
  t.end()
})

t.test('a piece that comes alone is not copied', async (t) => {
  const pieces = new Pieces()
  const piece = Buffer.from('alone')
  for (const one of [Buffer.alloc(0), piece, Buffer.alloc(0)]) pieces.add(one)
  t.equal(pieces.whole.buffer, piece.buffer)
  t.equal(pieces.whole.byteOffset, piece.byteOffset)
})
