/**
 * The text, safe for a terminal or a log: control characters (C0 except the line feed, DEL, C1) and marks that change the direction of
 * writing are escaped as in JSON (`\u009b`). Otherwise foreign text could move the cursor, colour the screen, or appear in another order.
 * JSON stays equivalent, because such characters can only occur within its strings.
 */
export function printable(text: string): string {
  return harmful.test(text) ? text.replaceAll(eachHarmful, (character) => escaped(character)) : text
}

const harmful = /[^\P{Cc}\n]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u
const eachHarmful = new RegExp(harmful, 'gu')

/** JSON escapes: each UTF-16 unit as its number. */
export function escaped(characters: string): string {
  const units = Array.from({ length: characters.length }, (_none, index) => characters.charCodeAt(index))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}
