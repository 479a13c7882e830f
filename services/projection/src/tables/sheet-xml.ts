/** Sheets of a workbook as SpreadsheetML (ECMA-376), row by row. */
import type { ColumnInfo, Datatype } from './columns.ts'

/** Rows of a sheet, and characters of a cell: Excel opens no more. */
const rowsAtMost = 1_048_576
const charactersAtMost = 32_767

/** Styles by their place in {@link stylesXml}; an amount is shown with as many decimals as it was recorded with. */
const style = { header: 1, text: 2, amount: [3, 4, 5, 6, 7] } as const

const decimals = ['#,##0', '#,##0.0', '#,##0.00', '#,##0.000', '#,##0.0000']
const firstOwnFormat = 164
const spreadsheetNamespace = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'

export const xmlHead = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

export const stylesXml =
  `${xmlHead}<styleSheet xmlns="${spreadsheetNamespace}">` +
  `<numFmts count="${decimals.length}">${decimals.map((format, index) => `<numFmt numFmtId="${firstOwnFormat + index}" formatCode="${format}"/>`).join('')}</numFmts>` +
  '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>' +
  '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>' +
  '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>' +
  '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>' +
  `<cellXfs count="${3 + decimals.length}">` +
  '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>' +
  '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyNumberFormat="1"/>' +
  '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>' +
  `${decimals.map((_, index) => `<xf numFmtId="${firstOwnFormat + index}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>`).join('')}</cellXfs>` +
  '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'

/** Characters of the widest cells, by type. */
const widths: Readonly<Record<Datatype, number>> = {
  string: 22,
  integer: 10,
  decimal: 18,
  boolean: 10,
  date: 12,
  dateTime: 28,
  anyURI: 30,
  language: 8,
  json: 22,
}

interface Sheet {
  readonly columns: readonly ColumnInfo[]
  readonly titles: readonly string[]
  /** Shown in the last row if there are more rows than a sheet can have. */
  readonly more: string
}

/**
 * A sheet with its titles in a first row that stays visible.
 * @param rows cells as the CSV has them; only numbers that a spreadsheet keeps exactly become numbers
 */
export async function* sheetXml(
  { columns, titles, more }: Sheet,
  rows: AsyncIterable<readonly (readonly string[])[]>,
): AsyncGenerator<string> {
  const types = columns.map(({ datatype }) => datatype)
  yield `${xmlHead}<worksheet xmlns="${spreadsheetNamespace}">` +
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>' +
    `<cols>${types.map((type, index) => `<col min="${index + 1}" max="${index + 1}" width="${widths[type]}" customWidth="1"/>`).join('')}</cols>` +
    `<sheetData>${rowXml(1, titles, [], style.header)}`
  let number = 1
  for await (const some of rows) {
    const fitting = some.slice(0, rowsAtMost - 1 - number)
    yield fitting.map((cells) => rowXml((number += 1), cells, types, style.text)).join('')
    if (fitting.length === some.length) continue
    yield rowXml(number + 1, [more], [], style.text)
    break
  }
  const last = `${letters(columns.length)}${number}`
  yield `</sheetData><autoFilter ref="A1:${last}"/><ignoredErrors><ignoredError sqref="A1:${last}" numberStoredAsText="1"/></ignoredErrors></worksheet>`
}

function rowXml(number: number, cells: readonly string[], types: readonly Datatype[], usual: number): string {
  const written = cells.map((cell, index) =>
    cell === '' ? '' : cellXml(`${letters(index + 1)}${number}`, cell, types[index] ?? 'string', usual),
  )
  return `<row r="${number}">${written.join('')}</row>`
}

function cellXml(place: string, cell: string, type: Datatype, usual: number): string {
  if (type === 'boolean') return `<c r="${place}" t="b"><v>${cell === 'true' ? 1 : 0}</v></c>`
  if (type === 'integer' && isExact(cell)) return `<c r="${place}"><v>${cell}</v></c>`
  if (type === 'decimal' && isExact(cell)) return `<c r="${place}" s="${styleOfAmount(cell)}"><v>${cell}</v></c>`
  return `<c r="${place}" s="${usual}" t="inlineStr"><is><t xml:space="preserve">${escaped(shortened(cell))}</t></is></c>`
}

/** Spreadsheets calculate with 15 digits: a longer number would come out as another one. */
function isExact(cell: string): boolean {
  return /^-?\d+(?:\.\d+)?$/.test(cell) && cell.replace(/^-?0*\.?0*|\.|-/g, '').length <= 15
}

function styleOfAmount(cell: string): number {
  const places = cell.split('.')[1]?.length ?? 0
  return style.amount[Math.min(places, style.amount.length - 1)] ?? style.amount[0]
}

function shortened(cell: string): string {
  return cell.length <= charactersAtMost ? cell : `${cell.slice(0, charactersAtMost - 1).toWellFormed()}…`
}

/**
 * Characters that XML does not allow, and CR, which it would change, are written as `_x000D_`; so is what already reads like that
 * (ECMA-376, 22.4.2.4).
 */
export function escaped(text: string): string {
  return text
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replace(
      /[^\P{Cc}\t\n\x7F-\x9F]|[\uFFFE\uFFFF]/gu,
      (one) => `_x${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
    )
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** The name of a column: A to Z, then AA. */
function letters(column: number): string {
  const rest = Math.floor((column - 1) / 26)
  return (rest === 0 ? '' : letters(rest)) + String.fromCharCode(65 + ((column - 1) % 26))
}
