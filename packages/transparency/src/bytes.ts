/**
 * The bytes of base 64 text (RFC 4648, section 4), or null where it is not exactly the text that encodes them: no white space, no missing
 * padding, no stray bits (section 3.5). Two texts never mean the same bytes, so nothing can be changed about a note that still verifies.
 */
export function fromBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}

/** The hash that a line of base 64 text stands for, or null. */
export function hashFromBase64(text: string): Buffer | null {
  const bytes = text.length === 44 ? fromBase64(text) : null
  return bytes?.length === 32 ? bytes : null
}

/** The hashes of lines of base 64 text, or null where one of them is none. */
export function hashesFromBase64(lines: readonly string[]): Buffer[] | null {
  const hashes = lines.map(hashFromBase64)
  return hashes.every((hash) => hash !== null) ? hashes : null
}

/**
 * A number in ASCII decimal without leading zeroes (`0` itself excepted), as all C2SP texts write sizes and indexes; null for anything else and
 * for what is beyond 2^53 − 1, which no log of ours reaches and JavaScript could not count.
 */
export function fromDecimal(text: string): number | null {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return null
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : null
}

/** The text of bytes that are valid UTF-8 (a byte order mark is kept, as text like other text), or null. Text must be well formed too. */
export function fromUtf8(input: string | Uint8Array): string | null {
  if (typeof input === 'string') return input.isWellFormed() ? input : null
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(input)
  } catch {
    return null
  }
}

/** Whether a number can be a size, an index or a position − 1: whole, not negative, counted exactly. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
