import { text } from 'node:stream/consumers'
import * as fc from 'fast-check'
import t from 'tap'
import { type Line, ndjsonLine, ndjsonStream, readLines } from '../src/index.ts'

async function collect(chunks: Iterable<Uint8Array>, maxBytes: number) {
  const lines: [number, string | null][] = []
  for await (const line of readLines(chunks, maxBytes)) lines.push([line.number, shown(line)])
  return lines
}

function shown(line: Line): string | null {
  return line.tooLarge ? null : line.bytes.toString('latin1')
}

/** The same by the simplest means: split the whole text. */
function expected(content: string, maxBytes: number) {
  const parts = content.split('\n').map((part) => part.replace(/\r$/, ''))
  return parts.flatMap((part, index): [number, string | null][] => {
    if (part.length > maxBytes) return [[index + 1, null]]
    return /^[ \t]*$/.test(part) ? [] : [[index + 1, part]]
  })
}

t.test('the lines do not depend on where the chunks are cut', async (t) => {
  const content = fc
    .array(fc.constantFrom('a', 'bc', '\n', '\r\n', '\r', ' ', 'long long', '\u00ff'))
    .map((parts) => parts.join(''))
  const cuts = fc.array(fc.integer({ min: 1, max: 5 }))
  await fc.assert(
    fc.asyncProperty(content, cuts, async (whole, sizes) => {
      const bytes = Buffer.from(whole, 'latin1')
      const chunks: Buffer[] = []
      let start = 0
      for (const size of [...sizes, bytes.length]) {
        chunks.push(bytes.subarray(start, start + size))
        start += size
      }
      t.strictSame(await collect(chunks, 6), expected(whole, 6))
    }),
    { numRuns: 500 },
  )
})

t.test('a line that is too long is reported once, skipped to its end, and not kept', async (t) => {
  // One piece of memory, sent 2,000 times: only who puts the line together needs more than that.
  const piece = Buffer.alloc(65_536, 'x')
  const long = Array.from({ length: 2_000 }, () => piece)
  const before = process.memoryUsage().arrayBuffers
  t.strictSame(await collect([Buffer.from('{"a":1}\n'), ...long, Buffer.from('\n{"b":2}')], 1_000), [
    [1, '{"a":1}'],
    [2, null],
    [3, '{"b":2}'],
  ])
  t.ok(process.memoryUsage().arrayBuffers - before < 80 * 1024 * 1024)
})

t.test('values become one line each, and U+2028 stays in its line', async (t) => {
  t.equal(ndjsonLine({ a: 'x\ny' }), '{"a":"x\\ny"}\n')
  t.equal(await text(ndjsonStream([{ a: 1 }, { b: '\u2028' }])), '{"a":1}\n{"b":"\u2028"}\n')
})
