import { search } from '@commitments/test-kit/domain'
import * as fc from 'fast-check'
import t from 'tap'
import { Problem, parseJson } from '../src/index.ts'

const read = (text: string) => parseJson(Buffer.from(text))

function refused(input: string | Buffer): Problem {
  try {
    parseJson(typeof input === 'string' ? Buffer.from(input) : input)
  } catch (error) {
    if (error instanceof Problem && error.code === 'malformed') return error
    throw error
  }
  throw new Error(`accepted: ${input.toString()}`)
}

t.test('the output of JSON.stringify is read like JSON.parse reads it, with any white space', async (t) => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(0, 1, 4, '\t'), (text, space) => {
      const spaced = JSON.stringify(JSON.parse(text), null, space)
      t.strictSame(read(spaced), JSON.parse(text))
    }),
    search(t),
  )
})

t.test('a text is accepted only if JSON.parse accepts it, and never ends in another error', async (t) => {
  const pieces = fc.array(
    fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '"a"', '\\', '\\u0000', '1', '-', 'null', ' '),
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        pieces.map((parts) => parts.join('')),
      ),
      (text) => {
        let accepted = true
        try {
          read(text)
        } catch (error) {
          if (!(error instanceof Problem)) throw error
          accepted = false
        }
        if (accepted) JSON.parse(text)
      },
    ),
    search(t, 2_000),
  )
})

t.test('an object with a repeated name is refused at any depth, and every other one is accepted', async (t) => {
  const names = fc.array(fc.constantFrom('a', 'b', 'ab', '__proto__', '1', 'é', ''), { maxLength: 5 })
  fc.assert(
    fc.property(names, fc.integer({ min: 0, max: 3 }), fc.constantFrom('', ' ', '\n  '), (list, depth, space) => {
      const members = list.map((name) => `${space}${JSON.stringify(name)}${space}:${space}":,\\""`)
      const text = `${'[{"x":'.repeat(depth)}{${members.join(',')}}${'}]'.repeat(depth)}`
      if (new Set(list).size === list.length) t.strictSame(read(text), JSON.parse(text))
      else refused(text)
    }),
    search(t),
  )
})

t.test('a repeated name is found however it is escaped, and its place is reported', async (t) => {
  const { detail, extra } = refused('{\n "a": {"b": 1},\n "c": [{"d": 1, "\\u0064": 2}]\n}')
  t.match(detail, /`d` occurs twice/)
  t.strictSame(extra, { line: 3, column: 17 })
})

t.test('U+0000 and halves of surrogate pairs are refused with their path, in names too', async (t) => {
  t.strictSame(refused('{"a":[1,{"b":"x\\u0000"}]}').extra, { path: 'a.1.b' })
  t.strictSame(refused('{"a":{"\\ud800":1}}').extra, { path: 'a' })
  t.strictSame(refused('["\\udc00\\ud800"]').extra, { path: '0' })
  t.strictSame(refused('"\\ud83d"').extra, { path: '' })
  t.strictSame(read('["\\ud83d\\ude00", "\\u00e9"]'), ['😀', 'é'])
})

t.test('bytes that are not UTF-8 are refused', async (t) => {
  t.match(refused(Buffer.from([0x22, 0xff, 0x22])).detail, /not UTF-8/)
  // Half of a surrogate pair, encoded as if UTF-8 allowed it.
  t.match(refused(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])).detail, /not UTF-8/)
})

t.test('a text that is not JSON is refused with line and column', async (t) => {
  t.strictSame(refused('{\n  "a": 1,\n}').extra, { line: 3, column: 1 })
  t.strictSame(refused('{"a": tru}').extra, { line: 1, column: 7 })
  for (const text of ['', ' ', '{', '{"a":1}x', "{'a':1}", '// a\n1', '1\ufeff', 'NaN', '01', '"\t"', '[1,]'])
    refused(text)
})

t.test('a byte order mark before the document is skipped', async (t) => {
  t.equal(read('\ufeff1'), 1)
  refused('\ufeff')
})

t.test('for a line only the column of the error is named, because its number is known already', async (t) => {
  t.throws(() => parseJson(Buffer.from('{"a": tru}'), 'line'), {
    message:
      'The line is not JSON: reading stopped at column 7. Each line must be one whole event and end with a line feed. Names and texts are in double quotes; there is no comment, and no comma after the last member.',
    extra: { column: 7, line: undefined },
  })
  t.throws(() => parseJson(Buffer.from('{"a":1}\r{"a":2}\r'), 'line'), { message: /column 9/, extra: { column: 9 } })
  t.throws(() => parseJson(Buffer.from('{"a":1,"a":2}'), 'line'), { message: /twice in one object \(column 8\)/ })
})

t.test('a document nested too deeply is refused, whatever its size', async (t) => {
  for (const text of ['['.repeat(1_000_000), '{"a":'.repeat(200_000), `${'['.repeat(65)}${']'.repeat(65)}`]) {
    t.match(refused(text).detail, /nested deeper than 64/)
  }
  t.ok(read(`${'['.repeat(64)}${']'.repeat(64)}`))
  t.strictSame(read(JSON.stringify({ a: '['.repeat(1_000) })), { a: '['.repeat(1_000) })
})
