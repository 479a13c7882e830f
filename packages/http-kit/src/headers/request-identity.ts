/** The identity of a request: our id for it, and the trace that its caller has begun. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Safe in a header, in a log line and in a shell. */
const acceptable = /^[A-Za-z0-9._~-]{1,64}$/
const prefix = randomBytes(6).toString('base64url').replace(/[-_]/g, '0')
let count = 0

/** The id that the caller sent in `X-Request-Id`, if it can be used; otherwise a new one (unique among processes, and cheap). */
export function requestId(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id']
  if (typeof given === 'string' && acceptable.test(given)) return given
  count += 1
  return `${prefix}-${count.toString(36)}`
}

const traceparent = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/**
 * The trace context of a caller (W3C Trace Context, level 1), in the form of version 00, or null. As the standard says,
 * an invalid header is ignored and a later version is read as far as version 00 goes.
 */
export function parseTraceparent(header: string | string[] | undefined): string | null {
  if (typeof header !== 'string') return null
  const parts = traceparent.exec(header.trim())
  if (parts === null) return null
  const [, version, trace, parent, flags, rest] = parts as unknown as string[]
  if (version === 'ff' || (version === '00' && rest !== undefined)) return null
  if (/^0+$/.test(trace ?? '') || /^0+$/.test(parent ?? '')) return null
  return `00-${trace}-${parent}-${flags}`
}
