/**
 * The text, safe to be shown on a terminal or kept in a log: control characters (C0 but for the line feed, DEL, C1) and marks that turn the
 * direction of writing stand there escaped as JSON escapes them (`\u009b`). Else what somebody else wrote could move the cursor, colour the
 * screen, or show itself in another order than it has. JSON stays the same JSON: raw, those that it allows stand inside of strings only.
 */
export function printable(text: string): string {
  return harmful.test(text) ? text.replaceAll(eachHarmful, (character) => escaped(character)) : text
}

const harmful = /[^\P{Cc}\n]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u
const eachHarmful = new RegExp(harmful, 'gu')

/** As JSON escapes them: each unit of the text by its number. */
export function escaped(characters: string): string {
  const units = Array.from({ length: characters.length }, (_none, index) => characters.charCodeAt(index))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}
