/** Rows as CSV (RFC 4180), in two dialects: one that spreadsheets open without harm, and one that changes nothing. */
import { stringify } from 'csv-stringify/sync'
import type { tableDialectWords } from './all-tables.ts'
import type { Datatype } from './columns.ts'

export type Dialect = keyof typeof tableDialectWords

/** Without it, spreadsheets read UTF-8 in their own code page, and Vietnamese and Korean are lost. */
export const byteOrderMark = '\uFEFF'

/**
 * Rows, each ended by CR LF. A cell with a CR or LF alone is quoted too: the library quotes them only where they are the end of a row, and
 * readers end rows at both.
 */
export function csvText(rows: readonly (readonly string[])[]): string {
  return stringify(rows as string[][], { record_delimiter: 'windows', quoted_match: /[\r\n]/ })
}

/** The cells of a row in the dialect. Numbers stay numbers: a decimal below zero is no formula. */
export function inDialect(row: readonly string[], columns: readonly Datatype[], dialect: Dialect): readonly string[] {
  if (dialect === 'plain') return row
  return row.map((cell, index) => (isNumber(cell, columns[index]) ? cell : withoutFormula(cell)))
}

function isNumber(cell: string, datatype: Datatype | undefined): boolean {
  return (datatype === 'decimal' || datatype === 'integer') && /^-?\d+(?:\.\d+)?$/.test(cell)
}

/** What spreadsheets run or trim: the first character of a formula, also in full width, after any blanks; and a leading TAB, CR or LF. */
const formula = /^(?:[\t\r\n]|[\s\p{C}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/u

/**
 * The same in the middle of a text. Where numbers have a decimal comma, Excel expects semicolons between cells: it then takes what follows a
 * semicolon, a TAB or the end of a line for a cell of its own, even within quotation marks.
 */
const formulaWithin = /(?<=[;\t\r\n][\s\p{C}"]*)[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/gu

/** An apostrophe makes a spreadsheet take a cell for text, whatever follows. */
export function withoutFormula(cell: string): string {
  const within = cell.replace(formulaWithin, "'$&")
  return formula.test(cell) ? `'${within}` : within
}
