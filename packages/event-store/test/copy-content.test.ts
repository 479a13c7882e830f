import t from 'tap'
import { contentOf } from '../src/copy-content.ts'

/** As PostgreSQL writes it: the signature, two numbers of the header, each row with one field, and the end. */
function output(fields: readonly string[]): Buffer {
  const rows = fields.map((field) => {
    const before = Buffer.alloc(6)
    before.writeInt16BE(1, 0)
    before.writeInt32BE(Buffer.byteLength(field), 2)
    return Buffer.concat([before, Buffer.from(field)])
  })
  return Buffer.concat([
    Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'),
    Buffer.alloc(8),
    ...rows,
    Buffer.from([0xff, 0xff]),
  ])
}

async function content(chunks: readonly Buffer[]): Promise<string> {
  const found: Buffer[] = []
  async function* each() {
    yield* chunks
  }
  for await (const piece of contentOf(each())) found.push(piece)
  return Buffer.concat(found).toString()
}

t.test('the content of a COPY is its fields, wherever its output is divided', async (t) => {
  for (const fields of [[], [''], ['a\n'], ['', 'b\n', ''], ['Hà Nội\n', '서울\n'.repeat(9), 'c\n']]) {
    const whole = output(fields)
    t.equal(await content([whole]), fields.join(''))
    t.equal(await content(Array.from(whole, (byte) => Buffer.from([byte]))), fields.join(''), 'byte by byte')
    for (let at = 1; at < whole.length; at += 1)
      t.equal(await content([whole.subarray(0, at), whole.subarray(at)]), fields.join(''), `divided at ${at}`)
  }
})
