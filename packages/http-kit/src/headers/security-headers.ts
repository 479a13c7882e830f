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
