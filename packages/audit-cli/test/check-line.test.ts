import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { search } from '@commitments/test-kit/domain'
import * as fc from 'fast-check'
import t from 'tap'
import { lineSplitter, longestLine, splitLines } from '../src/source/lines.ts'
import { checkLine, lineCheck } from '../src/verify/check-line.ts'
import { compactForm } from '../src/verify/compact-json.ts'

const good = {
  position: 1,
  recordedAt: '2026-11-22T08:00:00.000123Z',
  eventId: '01935000-0000-7000-8000-000000000001',
  nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
  proposalId: 'lab',
  version: 1,
  type: 'proposed',
  schemaVersion: 1,
  occurredOn: null,
  data: { title: { vi: 'đề xuất \u2028 "x" \\ \n' }, list: [], empty: {}, yes: true },
}

function judged(...lines: (object | string | Buffer)[]): unknown {
  const check = lineCheck()
  return lines
    .map((line) => (Buffer.isBuffer(line) ? line : Buffer.from(typeof line === 'string' ? line : JSON.stringify(line))))
    .map((line) => checkLine(check, line))
    .at(-1)
}

t.test('a line of the log is accepted, and its envelope is read', async (t) => {
  t.match(judged(good), { position: 1, recordedAt: good.recordedAt, proposalId: 'lab', version: 1 })
  t.match(judged(good, { ...good, position: 2, version: 2 }), { position: 2, version: 2 })
})

t.test('a line that does not follow the previous one is refused, with the reason', async (t) => {
  const wrong: [object, RegExp][] = [
    [{ position: 3, version: 2 }, /missing: the next line says that it is position 3/],
    [{ position: 1, version: 2 }, /in its place says that it is position 1/],
    [{ position: 2, version: 2, recordedAt: '2026-11-22T08:00:00.000122Z' }, /before the event in front of it/],
    [{ position: 2, version: 3 }, /version 3 of lab, of which the last one was 1/],
    [{ position: 2, version: 1 }, /version 1 of lab/],
    [{ position: 2, version: 2, proposalId: 'other' }, /version 2 of other, of which the last one was 0/],
  ]
  for (const [change, because] of wrong) t.match(judged(good, { ...good, ...change }), because)
})

t.test('anything that is not in the form of a line is refused', async (t) => {
  const text = JSON.stringify(good)
  const wrong: [string | Buffer, RegExp][] = [
    ['', /does not begin/],
    [`${text} `, /compact form/],
    [text.replace('"data":', '"data": '), /compact form/],
    [text.replace('"data":', '"type":"agreed","data":'), /a name twice/],
    [text.slice(0, -1), /not JSON/],
    [text.replace('"yes":true', '"yes":tru'), /not JSON/],
    [text.replace('\\n', '\n'), /not JSON/],
    [text.replace('"lab"', '"Lab"'), /does not begin/],
    [text.replace('"recordedAt":"2026', '"recordedAt":"26'), /does not begin/],
    [text.replace('"yes":true', `"yes":"${'x'.repeat(longestLine)}"`), /longer than 65535 bytes/],
    [Buffer.concat([Buffer.from(text.slice(0, -2)), Buffer.from([0xff]), Buffer.from(text.slice(-2))]), /not UTF-8/],
  ]
  for (const [line, because] of wrong) t.match(judged(line), because)
})

t.test('the quick check accepts exactly the lines that parsing and writing again would reproduce', async (t) => {
  const canonical = (text: string) => {
    try {
      return JSON.stringify(JSON.parse(text)) === text
    } catch {
      return false
    }
  }
  const spoil = (text: string, at: number, insert: string, drop: number) =>
    text.slice(0, at) + insert + text.slice(at + drop)
  const spoiled = fc
    .tuple(
      fc.object(),
      fc.nat(),
      fc.constantFrom('', ' ', '"', '\\', ',', '0', '{', '}', '[', ']', ':', 'a', '\n', '"a":1,'),
      fc.nat(2),
    )
    .map(([value, at, insert, drop]) =>
      spoil(JSON.stringify(value), at % (JSON.stringify(value).length + 1), insert, drop),
    )
  fc.assert(
    fc.property(fc.oneof(spoiled, fc.json()), (text) => compactForm(Buffer.from(text)) === 'unsure' || canonical(text)),
    search(t, 20_000),
  )
  for (const text of [
    '{"a":1,"a":2}',
    '{"a":{"b":1,"b":1}}',
    '{"2":1,"1":1}',
    '{"a":01}',
    '{"a":1}x',
    '{"a":1,}',
    '[]',
    '{"a":[1,]}',
  ])
    t.equal(compactForm(Buffer.from(text)), 'unsure', text)
  t.equal(compactForm(Buffer.from(JSON.stringify(good))), 'unsigned', 'and a line of the log does pass')
})

t.test('the quick check says that a line may be signed exactly if the bytes of a signature are in it', async (t) => {
  const name = fc.constantFrom(
    'signature',
    'x"signature',
    'y\\signature',
    'signature\\',
    'Signature',
    'nature',
    'e',
    '',
  )
  const { tree } = fc.letrec((tie) => ({
    tree: fc.dictionary(name, fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('tree'), fc.array(tie('tree'))), {
      maxKeys: 4,
    }),
    leaf: fc.constantFrom('"signature":{', 'signature', '"signature":', 1, null, {}),
  }))
  const answers = new Set<string>()
  fc.assert(
    fc.property(tree, (value) => {
      const line = Buffer.from(JSON.stringify(value))
      const form = compactForm(line)
      answers.add(form)
      return form === (line.includes('"signature":{') ? 'perhaps signed' : 'unsigned')
    }),
    search(t, 5_000),
  )
  t.same([...answers].toSorted(), ['perhaps signed', 'unsigned'])
})

t.test('the envelope says who recorded a line only where it is written as the log writes it', async (t) => {
  const by = (members: object) => judged({ ...good, ...members, data: undefined, later: 1 })
  t.match(by({ recordedBy: 'key:lab' }), { recordedBy: 'key:lab', mayBeSigned: false })
  t.match(by({ occurredOn: '2023-06-22', recordedBy: 'key:lab' }), { recordedBy: 'key:lab' })
  t.match(by({}), { recordedBy: null })
  t.match(by({ note: {}, recordedBy: 'key:lab' }), { recordedBy: null })
  t.match(by({ recordedBy: 'key:"lab"' }), { recordedBy: null })
  t.match(by({ recordedBy: 'key:viện' }), { recordedBy: null })
  t.match(by({ recordedBy: 'x'.repeat(600) }), { recordedBy: null })
  t.match(by({ recordedBy: 'key:lab', signature: {} }), { mayBeSigned: true })
})

t.test('a thousand proposals take no more memory than their ids and versions', async (t) => {
  const check = lineCheck()
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const count = 20_000
  const lines = Array.from({ length: count }, (_, at) => {
    const proposalId = `a-proposal-with-a-long-name-${at}`
    return Buffer.from(JSON.stringify({ ...good, position: at + 1, proposalId }))
  })
  collect()
  const before = process.memoryUsage().heapUsed
  for (const line of lines) checkLine(check, line)
  collect()
  const each = (process.memoryUsage().heapUsed - before) / count
  t.equal(check.versions.size, count)
  t.ok(each < 250, `${each.toFixed(0)} bytes for each proposal`)
  t.equal(lines.length, count)
})

t.test('lines are the same wherever the chunks of bytes are cut', async (t) => {
  const bytes = fc.string({ unit: fc.constantFrom('a', 'đ', '\n', '\r', '\u2028'), maxLength: 60 })
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(8)), (text, cuts) => {
      const whole = Buffer.from(text)
      const found: string[] = []
      const splitter = lineSplitter()
      let at = 0
      for (const cut of [...cuts, whole.length]) {
        const chunk = Buffer.from(whole.subarray(at, at + cut))
        splitLines(splitter, chunk, (line) => found.push(line.toString()) > 0)
        // The source of the bytes may reuse its memory.
        chunk.fill(0x78)
        at += cut
      }
      const lines = text.split('\n')
      const rest = lines.pop()
      return JSON.stringify(found) === JSON.stringify(lines) && splitter.rest.toString() === rest
    }),
    search(t),
  )
})
