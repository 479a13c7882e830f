import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Safe in a header, in a line of log and in a shell. */
const sane = /^[A-Za-z0-9._~-]{1,64}$/
const prefix = randomBytes(6).toString('base64url').replace(/[-_]/g, '0')
let count = 0

/** The id that the caller sent in `X-Request-Id`, if it is a sane one, or a new one (unique among processes, cheap). */
export function requestId(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id']
  if (typeof given === 'string' && sane.test(given)) return given
  count += 1
  return `${prefix}-${count.toString(36)}`
}
