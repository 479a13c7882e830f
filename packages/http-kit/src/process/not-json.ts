/** Where a text stops being JSON. The engine's own message quotes the text, which may hold secrets, and differs between versions. */
import { visit } from 'jsonc-parser'

/** Counted from 0: the characters before it, the lines before it, and the characters before it in its line. */
interface JsonFault {
  readonly offset: number
  readonly line: number
  readonly column: number
}

/** Null if the text is JSON for the reader that looks for the place. */
export function firstFault(text: string): JsonFault | null {
  let fault: JsonFault | null = null
  const onError = (_error: number, offset: number, _length: number, line: number, column: number) => {
    fault ??= { offset, line, column }
  }
  visit(text, { onError }, { disallowComments: true })
  return fault
}

/** Continues the name of a file of settings. */
export function saysNotJson(text: string): string {
  const fault = firstFault(text)
  return fault === null
    ? 'is not JSON'
    : `is not JSON: reading stopped at line ${fault.line + 1}, column ${fault.column + 1}`
}
