/** Headers of our answers. */

/** Described once for the OpenAPI documents. */
export const responseHeaders = {
  'Accept-Post': 'Media types that a POST to this path reads (W3C Linked Data Platform).',
  Allow: 'Methods that this path offers.',
  'Cache-Control': 'How the answer may be kept.',
  'Content-Disposition': 'Name of the file to save the answer under.',
  ETag: 'Tag of this answer. Of a read it is opaque: send it back in `If-None-Match`. Of a write it is the version of the proposal: send it back in `If-Match`.',
  'Idempotency-Replayed': '`true` where the event had been recorded by an earlier request with the same key.',
  Link: 'The next page, `rel="next"` (RFC 8288).',
  Location: 'Where the recorded event can be read, once it is projected: at the projection service.',
  'Log-Alarm':
    'Present while something is wrong that somebody must look at: `served-differs` (something that is served, not always this answer, differs from its events), `signing-refused` (nothing is signed any more). `/v1/projections` has the details.',
  'Log-Id': 'Identity of the log. Another value than before means another log: start again from its beginning.',
  'Log-Position': 'How far in the log this answer has seen.',
  'Retry-After': 'Seconds to wait before the request is sent again.',
  'WWW-Authenticate': 'How to authenticate (RFC 6750).',
  'X-Request-Id': 'Identity of this request in the log of the service.',
} as const

export type ResponseHeader = keyof typeof responseHeaders

/** For every answer. Few, since they are written each time. */
export const commonHeaders = { 'x-content-type-options': 'nosniff' } as const

/**
 * For answers that a browser shows as a page: nothing from outside, no inline code, not inside foreign frames. A page
 * that needs more sets its own.
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
