/**
 * A quick check that answers "yes, certainly" for nearly every line of a log: it is one JSON object, exactly as `JSON.stringify` writes it,
 * without a repeated name in one object. False only means that it is not certain; then parsing and writing the line decides, which takes
 * four times as long. Nothing is built from the line, so a hundred thousand lines pass in a second.
 */
export function isCertainlyCompact(bytes: Uint8Array): boolean {
  cursor.bytes = bytes
  cursor.at = 0
  cursor.names = 0
  return bytes[0] === brace && object(0) && cursor.at === bytes.length
}

// One for all calls: nothing here awaits, so no other call can interfere.
const cursor: { bytes: Uint8Array; at: number; names: number } = { bytes: new Uint8Array(), at: 0, names: 0 }
/**
 * Hashes of the names of the open objects. Equal names have equal hashes; if others have equal hashes too, that costs only a second look.
 */
const names = new Int32Array(1_024)
const deepest = 32

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a]
const [brace, braceEnd, bracket, bracketEnd] = [0x7b, 0x7d, 0x5b, 0x5d]
const [zero, nine] = [0x30, 0x39]
const literals = ['true', 'false', 'null'].map((text) => Buffer.from(text))
/** The escapes that `JSON.stringify` writes, except for `\u00…`, which is rare. */
const shortEscapes = new Set(Buffer.from('"\\bfnrt'))

function value(depth: number): boolean {
  const first = cursor.bytes[cursor.at] as number
  if (first === quote) return text() !== null
  if (first === brace) return object(depth)
  if (first === bracket) return array(depth)
  return first >= zero && first <= nine ? number() : literal()
}

function object(depth: number): boolean {
  const begin = cursor.names
  cursor.at += 1
  if (depth > deepest) return false
  if (isNext(braceEnd)) return true
  do if (!member(begin, depth)) return false
  while (isNext(comma))
  cursor.names = begin
  return isNext(braceEnd)
}

function member(begin: number, depth: number): boolean {
  // Parsers reorder names that begin with a digit.
  if (cursor.bytes[cursor.at] !== quote || isDigit(cursor.bytes[cursor.at + 1])) return false
  const name = text()
  if (name === null || cursor.names === names.length) return false
  for (let at = begin; at < cursor.names; at += 1) if (names[at] === name) return false
  names[cursor.names] = name
  cursor.names += 1
  return isNext(colon) && value(depth + 1)
}

function array(depth: number): boolean {
  cursor.at += 1
  if (depth > deepest) return false
  if (isNext(bracketEnd)) return true
  do if (!value(depth + 1)) return false
  while (isNext(comma))
  return isNext(bracketEnd)
}

/** A hash of the string from its first quote to its last; null if its form is in doubt. */
function text(): number | null {
  const { bytes } = cursor
  let hash = 0
  for (let at = cursor.at + 1; at < bytes.length; at += 1) {
    const byte = bytes[at] as number
    if (byte === quote) {
      cursor.at = at + 1
      return hash
    }
    if (byte < 0x20) return null
    if (byte === backslash && !shortEscapes.has(bytes[(at += 1)] as number)) return null
    hash = (Math.imul(hash, 31) + byte) | 0
  }
  return null
}

/** Whole numbers without a sign: the log has no others. */
function number(): boolean {
  const { bytes, at } = cursor
  let end = at + 1
  while (isDigit(bytes[end])) end += 1
  cursor.at = end
  if (end - at > 15 || (bytes[at] === zero && end - at > 1)) return false
  const next = bytes[end]
  return next === comma || next === braceEnd || next === bracketEnd
}

function literal(): boolean {
  const { bytes, at } = cursor
  const found = literals.find((letters) => letters.every((letter, index) => bytes[at + index] === letter))
  cursor.at += found?.length ?? 0
  return found !== undefined
}

function isNext(byte: number): boolean {
  if (cursor.bytes[cursor.at] !== byte) return false
  cursor.at += 1
  return true
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= nine
}
