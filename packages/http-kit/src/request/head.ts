/** What is wrong with the head of a request before anybody asks what it is about. */
import type { IncomingMessage } from 'node:http'
import { type Problem, problem } from '../problems/problem.ts'

/** Headers of which Node keeps the first without a word; a proxy in front may have judged by the last. */
const onlyOnce: ReadonlySet<string> = new Set(['authorization', 'content-type', 'host'])
const lengths: ReadonlySet<number> = new Set([...onlyOnce].map((name) => name.length))

/** Null, or the 400. */
export function refuseHead({ httpVersion, headers, rawHeaders }: IncomingMessage): Problem | null {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') {
    return malformed('The request line names no version that is spoken here; send HTTP/1.1.')
  }
  if (headers.host === undefined && httpVersion === '1.1') return malformed('The `Host` header is missing.')
  const repeated = repeatedName(rawHeaders)
  if (repeated === null) return null
  return malformed(`The header \`${repeated}\` came more than once; send it once.`)
}

function malformed(detail: string): Problem {
  return problem('malformed', detail, { headers: { connection: 'close' } })
}

/** The names stand at even places, as they were sent; most are told apart by their length. */
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
