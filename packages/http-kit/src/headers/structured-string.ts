import { invalid } from '../problems/problem.ts'

const longest = 255
/** Without escapes: what nearly all callers send. */
const plain = /^"[\x20\x21\x23-\x5b\x5d-\x7e]{1,255}"$/
const escaped = /^"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"$/

/**
 * The value of a header that is a structured-field string (RFC 9651, 3.3.3), such as `Idempotency-Key: "4c9f"`: 1 to 255 characters of
 * printable ASCII in double quotes. Null if the header is absent; anything else is 400 `invalid`.
 */
export function parseStructuredString(name: string, header: string | undefined): string | null {
  if (header === undefined) return null
  if (plain.test(header)) return header.slice(1, -1)
  const text = header.trim()
  const value = escaped.test(text) ? text.slice(1, -1).replace(/\\(["\\])/g, '$1') : ''
  if (value.length >= 1 && value.length <= longest) return value
  const message = `must be one string of 1 to ${longest} printable ASCII characters in double quotes, such as "8e03978e"`
  throw invalid([{ path: `header.${name}`, message }])
}
