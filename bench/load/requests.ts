import { headerOf } from './connection.ts'

/** The bytes of `POST /v1/proposals/{proposalId}/events`. Every server under test gets the same bytes, and uses what it supports. */
export function appendRequest(proposalId: string, key: string, secret: string, body: Buffer): Buffer {
  const head = `POST /v1/proposals/${proposalId}/events HTTP/1.1\r
Host: 127.0.0.1\r
Content-Type: application/json\r
Authorization: Bearer ${secret}\r
Idempotency-Key: "${key}"\r
Content-Length: ${body.length}\r
\r
`
  return Buffer.concat([Buffer.from(head, 'latin1'), body])
}

/** The bytes of a GET; with an entity tag the answer may be 304. */
export function readRequest(path: string, secret: string, entityTag: string | null): string {
  const condition = entityTag === null ? '' : `If-None-Match: ${entityTag}\r\n`
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${secret}\r\n${condition}\r\n`
}

/** The `Log-Position` of an answer. */
export function positionOf(head: string): number {
  const found = headerOf(head, 'log-position')
  if (found === null) throw new Error(`an answer without Log-Position:\n${head}`)
  return Number(found)
}
