export { isCount } from './walk.ts'

/**
 * The bytes of base 64 text (RFC 4648, section 4). Null unless it is exactly the text that encodes them: no white space, no missing
 * padding, no stray bits (section 3.5). Two texts never mean the same bytes, so nobody can change a note in such a way that it still
 * verifies.
 */
export function fromBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}

/** The hash in a line of base 64 text, or null. */
export function hashFromBase64(text: string): Buffer | null {
  const bytes = text.length === 44 ? fromBase64(text) : null
  return bytes?.length === 32 ? bytes : null
}

/** The hashes in lines of base 64 text, or null if one line is not a hash. */
export function hashesFromBase64(lines: readonly string[]): Buffer[] | null {
  const hashes = lines.map(hashFromBase64)
  return hashes.every((hash) => hash !== null) ? hashes : null
}

/**
 * A number in ASCII decimal without leading zeroes (except `0` itself), as all C2SP texts write sizes and indexes. Null for anything else,
 * and for numbers above 2^53 − 1, which no log of ours reaches and JavaScript cannot count.
 */
export function fromDecimal(text: string): number | null {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return null
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : null
}

/** The text of valid UTF-8 bytes, or null. A byte order mark is kept like other text. A string must be well-formed too. */
export function fromUtf8(input: string | Uint8Array): string | null {
  if (typeof input === 'string') return input.isWellFormed() ? input : null
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(input)
  } catch {
    return null
  }
}
