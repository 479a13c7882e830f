/**
 * A quick check that is sure of nearly every line of a log: it is one JSON object, exactly as `JSON.stringify` writes it, without a repeated
 * name in one object. `unsure` only means that it is not certain; then parsing and writing the line decides, which takes four times as long.
 * Nothing is built from the line, so a million lines pass in a second or two. A line is `perhaps signed` if `"signature":{` is among its
 * bytes: another search for them would take half as long as all this.
 */
export function compactForm(bytes: Uint8Array): 'unsure' | 'unsigned' | 'perhaps signed' {
  cursor.bytes = bytes
  cursor.at = 0
  cursor.names = 0
  cursor.hasSignature = false
  if (bytes[0] !== brace || !object(0) || cursor.at !== bytes.length) return 'unsure'
  return cursor.hasSignature ? 'perhaps signed' : 'unsigned'
}

// One for all calls: nothing here awaits, so no other call can interfere.
const cursor = { bytes: new Uint8Array() as Uint8Array, at: 0, names: 0, hasSignature: false }
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
/** 1 for each byte that stands for itself in a string. */
const plain = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte !== quote && byte !== backslash ? 1 : 0,
)
const signature = Buffer.from('"signature":')
const lastOfSignature = 0x65

function value(depth: number): boolean {
  const first = cursor.bytes[cursor.at] as number
  if (first === quote) return text()
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
  const name = nameHash()
  if (name === null || cursor.names === names.length) return false
  for (let at = begin; at < cursor.names; at += 1) if (names[at] === name) return false
  names[cursor.names] = name
  cursor.names += 1
  if (!isNext(colon)) return false
  if (cursor.bytes[cursor.at] === brace && endsWithSignature()) cursor.hasSignature = true
  return value(depth + 1)
}

/**
 * Whether the cursor is behind `"signature":`. Within a string, a quotation mark has a backslash before it; so, wherever these bytes stand before a
 * brace, they are the end of a name.
 */
function endsWithSignature(): boolean {
  const { bytes, at } = cursor
  // Few names end in the same letter.
  if (bytes[at - 3] !== lastOfSignature) return false
  const from = at - signature.length
  return from >= 0 && signature.every((byte, index) => bytes[from + index] === byte)
}

function array(depth: number): boolean {
  cursor.at += 1
  if (depth > deepest) return false
  if (isNext(bracketEnd)) return true
  do if (!value(depth + 1)) return false
  while (isNext(comma))
  return isNext(bracketEnd)
}

/** Passes a string; false if its form is in doubt. */
function text(): boolean {
  const { bytes } = cursor
  for (let at = cursor.at + 1; at < bytes.length; at += 1) {
    // Most bytes of a log are plain bytes of strings.
    while (plain[bytes[at] as number] === 1) at += 1
    const byte = bytes[at]
    if (byte === quote) {
      cursor.at = at + 1
      return true
    }
    if (byte !== backslash || !shortEscapes.has(bytes[(at += 1)] as number)) return false
  }
  return false
}

/** Passes a name, and returns a hash of it; null if its form is in doubt. */
function nameHash(): number | null {
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
