/** Headers of our answers. */

/** Described once for the OpenAPI documents. */
export const responseHeaders = {
  'Accept-Post': 'Media types that a POST to this path reads (W3C Linked Data Platform).',
  Allow: 'Methods that this path offers.',
  'Cache-Control': 'How the answer may be cached.',
  'Content-Disposition': 'Name of the file to save the answer under.',
  ETag: 'Tag of this answer; each compressed form has its own, and `If-None-Match` takes any of them. After a read it is opaque: send it back in `If-None-Match`. After a write it is the version of the proposal: send it back in `If-Match`.',
  'Idempotency-Replayed': '`true` if an earlier request with the same key recorded the event.',
  'Last-Modified': 'When the content last changed.',
  Link: 'The next page, `rel="next"`, or a description of the answer, `rel="describedby"` (RFC 8288).',
  Location: 'The address of the recorded event at the projection service, which serves it once it is projected.',
  'Log-Alarm':
    'Present while something is wrong that somebody must look at: `served-differs` (some served data, not always this answer, differ from their events), `signing-refused` (nothing is signed any more), `quorum-missing` (fewer witnesses have cosigned the log than its policy requires). `/v1/projections` has the details.',
  'Log-Id': 'Identity of the log. A changed value means a different log: start again from its beginning.',
  'Log-Position': 'The last position of the log that this answer includes.',
  'Retry-After': 'Seconds to wait before the request is sent again.',
  'WWW-Authenticate':
    'How to authenticate (RFC 6750), and where the issuers of tokens are named (`resource_metadata`, RFC 9728).',
  'X-Request-Id': 'Identity of this request in the log of the service.',
} as const

export type ResponseHeader = keyof typeof responseHeaders

/** For every answer. There are few, because they are written each time. */
export const commonHeaders = { 'x-content-type-options': 'nosniff' } as const

/**
 * For answers that a browser shows as a page: nothing from outside, no inline code, not inside frames of others. A page that needs more
 * sets its own policy.
 */
export const pageHeaders = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
} as const

/** For the pages under `/docs`: swagger-ui styles its elements inline and draws its icons from data URLs. */
export const docsPolicy =
  "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; " +
  "img-src 'self' data:; style-src 'self' 'unsafe-inline'"
