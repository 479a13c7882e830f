import t from 'tap'
import { z } from 'zod'
import {
  decodeCursor,
  encodeCursor,
  entityTag,
  holdsIfNoneMatch,
  linkHeader,
  negotiate,
  parseIfMatch,
  parseIfNoneMatch,
  parseStructuredString,
  parseTraceparent,
  readIfNoneMatch,
} from '../src/index.ts'

const holdsNone = (header: string | undefined, current: string | null) =>
  holdsIfNoneMatch(parseIfNoneMatch(header), current)
const read = (header: string) => parseStructuredString('idempotency-key', header)

t.test('If-Match is read exactly: which tags, which of them are weak, or any', async (t) => {
  t.equal(parseIfMatch(undefined), null)
  t.same(parseIfMatch('*'), { any: true })
  const tag = (value: string, weak = false) => ({ weak, value })
  t.same(parseIfMatch('"2"'), { any: false, tags: [tag('2')] })
  t.same(parseIfMatch('W/"2"'), { any: false, tags: [tag('2', true)] })
  t.same(parseIfMatch('"1", W/"3" ,, "2"'), { any: false, tags: [tag('1'), tag('3', true), tag('2')] })
})

t.test('If-None-Match compares weakly', async (t) => {
  t.ok(holdsNone(undefined, '"2"'))
  t.notOk(holdsNone('"1", W/"2"', '"2"'))
  t.notOk(holdsNone('"2"', entityTag('2', { weak: true })))
  t.ok(holdsNone('"1"', '"2"'))
  t.ok(holdsNone('*', null))
  t.notOk(holdsNone('*', '"2"'))
})

t.test('a condition that is not a list of entity tags is refused by name', async (t) => {
  for (const header of ['', '2', '"2', '"1" "2"', '*, "2"', 'w/"2"', ' , ']) {
    t.throws(() => parseIfMatch(header), { code: 'invalid', extra: { errors: [{ path: 'header.if-match' }] } }, header)
  }
})

t.test('on a read, an If-None-Match that cannot be parsed is ignored', async (t) => {
  for (const header of ['', 'abc', 'w/"2"', '"2', '*, "2"', ' , ']) {
    t.equal(readIfNoneMatch(header), null, header)
    t.ok(holdsIfNoneMatch(readIfNoneMatch(header), '"2"'))
  }
  t.same(readIfNoneMatch(' W/"a",, "b" ,'), {
    any: false,
    tags: [
      { weak: true, value: 'a' },
      { weak: false, value: 'b' },
    ],
  })
})

t.test('an idempotency key is a structured-field string of 1 to 255 characters', async (t) => {
  t.equal(parseStructuredString('idempotency-key', undefined), null)
  t.equal(read('"a b-1"'), 'a b-1')
  t.equal(read(' "a" '), 'a')
  t.equal(read('"say \\"a\\" \\\\ b"'), 'say "a" \\ b')
  t.equal(read(`"${'x'.repeat(255)}"`)?.length, 255)
  for (const header of [
    '',
    'a',
    '""',
    '"a',
    '"a" "b"',
    '"a", "b"',
    '"\\n"',
    '"é"',
    `"${'x'.repeat(256)}"`,
    '"a";p=1',
  ]) {
    t.throws(() => read(header), { code: 'invalid', extra: { errors: [{ path: 'header.idempotency-key' }] } }, header)
  }
})

t.test('a valid traceparent is used, and an invalid one is ignored', async (t) => {
  const valid = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  t.equal(parseTraceparent(valid), valid)
  t.equal(parseTraceparent(`cc${valid.slice(2)}-what-comes-later`), valid)
  const zeros = '0'.repeat(32)
  for (const header of [
    undefined,
    '',
    `${valid}-x`,
    `ff${valid.slice(2)}`,
    valid.toUpperCase(),
    `00-${zeros}-b7ad6b7169203331-01`,
  ]) {
    t.equal(parseTraceparent(header), null)
  }
})

t.test('the media type with the highest weight is chosen, and the most specific range decides', async (t) => {
  const offers = ['application/json', 'text/csv']
  t.equal(negotiate(undefined, offers), 'application/json')
  t.equal(negotiate('*/*', offers), 'application/json')
  t.equal(negotiate('text/csv', offers), 'text/csv')
  t.equal(negotiate('text/*, application/json;q=0.5', offers), 'text/csv')
  t.equal(negotiate('*/*, application/json;q=0', offers), 'text/csv')
  t.equal(negotiate('TEXT/CSV; charset=utf-8', offers), 'text/csv')
  t.equal(negotiate('image/png', offers), null)
  t.equal(negotiate('application/json;q=0', offers), null)
})

t.test('links are written as RFC 8288 requires', async (t) => {
  const links = [
    { target: '/v1?cursor=a', rel: 'next' },
    { target: '/<x>', rel: 'up', title: 'a "b"' },
  ]
  t.equal(linkHeader(links), '</v1?cursor=a>; rel="next", </%3Cx%3E>; rel="up"; title="a \\"b\\""')
})

t.test('a cursor is read back as it was made, and anything else is 400', async (t) => {
  const Cursor = z.strictObject({ after: z.string(), generation: z.int() })
  const value = { after: 'vkist-đà', generation: 3 }
  t.strictSame(decodeCursor(Cursor, encodeCursor(value)), value)
  for (const text of ['', 'x', '!!!', encodeCursor([]), encodeCursor({ after: 1 }), encodeCursor(value).slice(2)]) {
    t.throws(() => decodeCursor(Cursor, text), { code: 'invalid', extra: { errors: [{ path: 'query.cursor' }] } }, text)
  }
})
