import { awkward, growth, linearAtMost } from '@commitments/test-kit'
import t from 'tap'
import { z } from 'zod'
import { requestId } from '../src/headers/request-identity.ts'
import {
  decodeCursor,
  negotiate,
  parseIfMatch,
  parseIfNoneMatch,
  parseJson,
  parseStructuredString,
  parseTraceparent,
  queryInteger,
  queryList,
  readIfNoneMatch,
} from '../src/index.ts'
import { refuseMediaType } from '../src/request/head.ts'

const body = { parse: 'json', schema: z.unknown(), contentTypes: ['application/json'], limit: 1 } as const
const offers = ['application/json', 'text/csv', 'application/x-ndjson']

const parsers: Readonly<Record<string, (text: string) => unknown>> = {
  Accept: (text) => negotiate(text, offers),
  'Accept, last': (text) => negotiate(`${text}x`, offers),
  'If-Match': parseIfMatch,
  'If-Match, a list': (text) => parseIfMatch(`,${text}x`),
  'If-None-Match': parseIfNoneMatch,
  'If-None-Match of a read': (text) => readIfNoneMatch(`"a"${text}x`),
  'Idempotency-Key': (text) => parseStructuredString('idempotency-key', text),
  'Idempotency-Key, quoted': (text) => parseStructuredString('idempotency-key', `"${text}\u0001"`),
  'Idempotency-Key, blanks around': (text) => parseStructuredString('idempotency-key', `${text}"a" ${text}x`),
  traceparent: parseTraceparent,
  'traceparent, later version': (text) => parseTraceparent(`01-${'a'.repeat(32)}-${'b'.repeat(16)}-01-${text}\n`),
  'Content-Type': (text) => refuseMediaType(body, { 'content-type': text }),
  'Content-Type, charset': (text) => refuseMediaType(body, { 'content-type': `application/json; charset=${text}` }),
  'Content-Encoding': (text) => refuseMediaType(body, { 'content-encoding': text }),
  'Transfer-Encoding': (text) => refuseMediaType(body, { 'transfer-encoding': text }),
  'X-Request-Id': (text) => requestId({ headers: { 'x-request-id': text } }),
  cursor: (text) => decodeCursor(z.strictObject({ a: z.string() }), text),
  'an integer': (text) => queryInteger(0, 5).safeParse(text),
  'a list': (text) => queryList(z.string().max(5)).safeParse(text),
  JSON: (text) => parseJson(Buffer.from(text)),
  'JSON, a text': (text) => parseJson(Buffer.from(`"${text}"`)),
  'JSON, a list': (text) => parseJson(Buffer.from(`[${text}`)),
}

for (const [name, parse] of Object.entries(parsers)) {
  t.test(`the work of reading grows at most linearly with the length, whatever the content: ${name}`, async (t) => {
    for (const unit of awkward) {
      const factor = growth(parse, unit)
      t.ok(factor < linearAtMost, `${JSON.stringify(unit)}: ${factor.toFixed(1)}`)
    }
  })
}
