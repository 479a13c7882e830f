/** Checks the head of a request: before its route is known, and then what it says about its body. */
import type { IncomingMessage } from 'node:http'
import { type Problem, problem } from '../problems/problem.ts'
import type { BodyDefinition } from '../route/route.ts'

/** Headers of which Node silently keeps the first; a proxy in front may have used the last. */
const onlyOnce: ReadonlySet<string> = new Set(['authorization', 'content-type', 'host'])
const lengths: ReadonlySet<number> = new Set([...onlyOnce].map((name) => name.length))

/** What RFC 9112, section 3.2, allows: the host and port of a URI (RFC 3986, section 3.2), or an empty one. */
const hostAndPort = /^(?:\[[0-9a-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i

/** Null, or the 400. */
export function refuseHead({ httpVersion, headers, rawHeaders }: IncomingMessage): Problem | null {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') {
    return malformed('The request line has an unsupported HTTP version; send HTTP/1.1.')
  }
  const { host } = headers
  if (host === undefined && httpVersion === '1.1') return malformed('The `Host` header is missing.')
  if (host !== undefined && !hostAndPort.test(host)) {
    return malformed(
      'The `Host` header must be a name or an address, with a port if need be, such as `ledger.example.org:8080`.',
    )
  }
  const repeated = repeatedName(rawHeaders)
  if (repeated === null) return null
  return malformed(`The header \`${repeated}\` came more than once; send it once.`)
}

function malformed(detail: string): Problem {
  return problem('malformed', detail, { headers: { connection: 'close' } })
}

/** The names are at even indexes, as they were sent; most differ in length. */
function repeatedName(rawHeaders: readonly string[]): string | null {
  let seen = ''
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const sent = rawHeaders[index] ?? ''
    if (!lengths.has(sent.length)) continue
    const name = sent.toLowerCase()
    if (!onlyOnce.has(name)) continue
    if (seen.includes(`;${name};`)) return name
    seen += `;${name};`
  }
  return null
}

/** Null if the body has a media type and a coding that the route reads, in UTF-8; otherwise the 415. */
export function refuseMediaType(
  body: BodyDefinition,
  headers: {
    'content-type'?: string | undefined
    'content-encoding'?: string | undefined
    'transfer-encoding'?: string | undefined
  },
): Problem | null {
  const transfer = headers['transfer-encoding']
  if (transfer !== undefined && transfer.trim().toLowerCase() !== 'chunked') {
    // Nothing decodes this transfer coding, so the bytes would be misread.
    const detail = `The transfer coding ${printable(transfer)} is not supported; send the body chunked or with its length.`
    return unsupported(body, detail, { connection: 'close' })
  }
  const encoding = headers['content-encoding']
  const codings: readonly string[] = body.parse === 'stream' ? ['identity', ...(body.codings ?? [])] : ['identity']
  if (encoding !== undefined && !codings.includes(encoding.toLowerCase())) {
    const other = codings.length > 1 ? `, or with ${codings.slice(1).join(' or ')}` : ''
    const detail = `The encoding ${printable(encoding)} is not supported; send the body uncompressed${other}.`
    return unsupported(body, detail, { 'accept-encoding': codings.join(', ') })
  }
  const given = headers['content-type']
  // The usual value is compared directly.
  if (given !== undefined && (body.contentTypes.includes(given) || matches(body.contentTypes, given))) return null
  const what = !given ? 'The body has no `Content-Type`' : `${printable(given)} is not supported here`
  return unsupported(body, `${what}; send ${body.contentTypes.join(' or ')} in UTF-8.`, {})
}

function matches(accepted: readonly string[], given: string): boolean {
  const [type = '', ...parameters] = given.split(';').map((part) => part.trim().toLowerCase())
  if (!accepted.includes(type)) return false
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))
  return charset === undefined || /^charset="?utf-?8"?$/.test(charset)
}

function unsupported(body: BodyDefinition, detail: string, headers: Record<string, string>): Problem {
  const accepts = body.contentTypes
  return problem('unsupported-media-type', detail, {
    accepts,
    headers: { ...headers, 'accept-post': accepts.join(', ') },
  })
}

function printable(text: string): string {
  return `\`${text.slice(0, 100).replace(/[^\x20-\x7e]/g, '?')}\``
}
