import { setTimeout as sleep } from 'node:timers/promises'
import { search } from '@commitments/test-kit/domain'
import * as fc from 'fast-check'
import t from 'tap'
import { type Line, ndjsonLine, readLines, readPortions } from '../src/index.ts'

async function collect(chunks: Iterable<Uint8Array>, maxBytes: number) {
  const lines: [number, string | null][] = []
  for await (const line of readLines(chunks, maxBytes)) lines.push([line.number, shown(line)])
  return lines
}

function shown(line: Line): string | null {
  return line.tooLarge ? null : line.bytes.toString('latin1')
}

/** The same by the simplest method: split the whole text. */
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
    search(t, 500),
  )
})

t.test('a portion has the lines that one chunk has completed, and at most 250', async (t) => {
  const sizes: number[] = []
  const chunks = ['one\ntwo\nthr', 'ee\n', '\n\n', 'last\n'.repeat(700), 'end'].map((text) => Buffer.from(text))
  for await (const lines of readPortions(chunks, 100)) sizes.push(lines.length)
  // The boundaries are at each 250th line of the body, blank ones included: five came before the seven hundred.
  t.strictSame(sizes, [2, 1, 245, 250, 205, 1])
})

t.test('what is kept of a line that has begun is said after each chunk, and the next one waits', async (t) => {
  const seen: string[] = []
  function* chunks() {
    for (const text of ['one\ntwo', ' and', '\n', '\n', 'x'.repeat(110), 'x', '\nlast']) {
      seen.push(`read ${text.length}`)
      yield Buffer.from(text)
    }
  }
  const hold = (line: number, bytes: number) => {
    seen.push(`kept ${bytes} of ${line}`)
    return bytes === 7 ? sleep(20).then(() => void seen.push('waited')) : undefined
  }
  for await (const lines of readPortions(chunks(), 100, hold)) seen.push(`given ${lines.map(shown).join()}`)
  t.strictSame(
    seen.join(', '),
    'read 7, given one, kept 3 of 2, read 4, kept 7 of 2, waited, read 1, given two and, kept 0 of 3, read 1, kept 0 of 4, read 110, kept 0 of 4, read 1, kept 0 of 4, read 5, given , kept 4 of 5, given last',
    'nothing is kept of a line that is too long',
  )
})

t.test('the lines before one without an end are given', async (t) => {
  const lines: number[] = []
  const reading = async () => {
    const chunks = [Buffer.from('first\nsecond\n'), Buffer.from(`third\n\n\n${'x'.repeat(9 * 1024 * 1024)}`)]
    for await (const portion of readPortions(chunks, 100)) lines.push(...portion.map(({ number }) => number))
  }
  await t.rejects(reading(), { code: 'too-large', message: /Line 6 does not end/ })
  t.strictSame(lines, [1, 2, 3])
})

t.test('a line that is too long is reported once, skipped to its end, and not kept in memory', async (t) => {
  // One buffer, sent a hundred times: only code that assembles the line needs more memory.
  const piece = Buffer.alloc(65_536, 'x')
  const long = Array.from({ length: 100 }, () => piece)
  const before = process.memoryUsage().arrayBuffers
  t.strictSame(await collect([Buffer.from('{"a":1}\n'), ...long, Buffer.from('\n{"b":2}')], 1_000), [
    [1, '{"a":1}'],
    [2, null],
    [3, '{"b":2}'],
  ])
  t.ok(process.memoryUsage().arrayBuffers - before < 5 * 1024 * 1024)
})

t.test('a line without an end is refused while it arrives', async (t) => {
  let sent = 0
  function* endless() {
    const piece = Buffer.alloc(65_536, 'x')
    for (;;) {
      sent += piece.length
      yield piece
    }
  }
  await t.rejects(
    async () => {
      for await (const line of readLines(endless(), 1_000)) t.fail(`a line ${line.number}`)
    },
    { code: 'too-large', message: /Line 1 does not end/ },
  )
  t.ok(sent < 9 * 1024 * 1024, 'its bytes are counted as they come')
})

t.test('a byte order mark before the first line is skipped, wherever the chunks are cut', async (t) => {
  const bytes = Buffer.from('\ufeff{"a":1}\n\ufeff{"b":2}\n')
  for (let cut = 0; cut < 6; cut += 1) {
    const chunks = [bytes.subarray(0, cut), bytes.subarray(cut)]
    t.strictSame(await collect(chunks, 7 + 3), [
      [1, '{"a":1}'],
      [2, '\u00ef\u00bb\u00bf{"b":2}'],
    ])
  }
  t.strictSame(await collect([Buffer.from('\ufeff \n')], 10), [], 'and a file with nothing else has no line')
})

t.test('many empty lines do not block the event loop', async (t) => {
  let turns = 0
  let open = true
  const count = () => {
    turns += 1
    if (open) setImmediate(count)
  }
  setImmediate(count)
  const lines = await collect([Buffer.alloc(100_000, '\n'), Buffer.from('{}')], 10)
  open = false
  t.strictSame(lines, [[100_001, '{}']])
  t.ok(turns >= 100, `${turns} turns`)
})

t.test('values become one line each, and U+2028 stays in its line', async (t) => {
  t.equal(ndjsonLine({ a: 'x\ny' }), '{"a":"x\\ny"}\n')
  t.equal([{ a: 1 }, { b: '\u2028' }].map(ndjsonLine).join(''), '{"a":1}\n{"b":"\u2028"}\n')
})
