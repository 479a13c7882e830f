/** The tables as one workbook (XLSX): a ZIP of small files and a file for each sheet, written as it is read. */
import { Readable } from 'node:stream'
import type { WordLanguage } from '@commitments/domain'
import { ZipFile } from 'yazl'
import { allTables } from './all-tables.ts'
import type { ColumnInfo } from './columns.ts'
import { escaped, sheetXml, stylesXml, xmlHead } from './sheet-xml.ts'
import type { Table } from './table.ts'

export const workbookType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

/** What somebody who gets the file must know to find its source again. */
interface Provenance {
  readonly logId: string
  readonly position: number
  /** The day of the conditions, and of what is in force if it was asked for. */
  readonly day: string
  readonly asOf: string | null
  /** The address that gives the same workbook. */
  readonly address: string
}

const words = {
  en: {
    sheet: 'About',
    what: 'What',
    value: 'Value',
    log: 'Log-Id',
    position: 'Known at position',
    day: 'Conditions on',
    asOf: 'In force on',
    address: 'Address of this workbook',
    more: 'There are further rows, which a sheet cannot hold: take the CSV.',
  },
  vi: {
    sheet: 'Giới thiệu',
    what: 'Mục',
    value: 'Nội dung',
    log: 'Log-Id',
    position: 'Theo thông tin tại vị trí',
    day: 'Tình trạng vào ngày',
    asOf: 'Hiệu lực vào ngày',
    address: 'Địa chỉ của tệp này',
    more: 'Còn các dòng khác mà trang tính không chứa được: hãy tải CSV.',
  },
  ko: {
    sheet: '안내',
    what: '항목',
    value: '내용',
    log: 'Log-Id',
    position: '알려진 위치',
    day: '상태 기준일',
    asOf: '시행 기준일',
    address: '이 통합 문서의 주소',
    more: '시트에 담을 수 없는 행이 더 있으므로 CSV를 받으십시오.',
  },
} as const satisfies Record<WordLanguage, object>

type Rows = AsyncIterable<readonly (readonly string[])[]>

/**
 * Nothing is read before the first bytes are taken; then one sheet after the other, each when the one before has been taken. The same rows
 * give the same bytes: files in it have no time of their own.
 */
export async function* workbook(
  language: WordLanguage,
  provenance: Provenance,
  rowsOfTable: (table: Table) => Rows,
): AsyncGenerator<Buffer> {
  const bytes = zipped(language, provenance, rowsOfTable)
  try {
    for await (const chunk of bytes) yield chunk as Buffer
  } finally {
    bytes.destroy()
  }
}

function zipped(language: WordLanguage, provenance: Provenance, rowsOfTable: (table: Table) => Rows): Readable {
  const { sheet, more } = words[language]
  const names = [sheet, ...allTables.map((table) => table.words[language].label)]
  const zip = new ZipFile()
  const output = zip.outputStream as Readable
  const failed = (error: Error) => output.destroy(error)
  zip.on('error', failed)
  const options = { mtime: new Date('2000-01-01T00:00:00Z') }
  const add = (path: string, text: string) => zip.addBuffer(Buffer.from(text), path, options)
  add('[Content_Types].xml', contentTypesXml(names.length))
  add('_rels/.rels', relationsXml([['officeDocument', 'xl/workbook.xml']]))
  add('xl/workbook.xml', workbookXml(names))
  add(
    'xl/_rels/workbook.xml.rels',
    relationsXml([...names.map((_, index) => ['worksheet', fileOf(index)] as const), ['styles', 'styles.xml']]),
  )
  add('xl/styles.xml', stylesXml)
  const sheets = [
    () => aboutXml(language, provenance),
    ...allTables.map((table) => () => {
      const titles = table.columns.map((column) => column.words[language].label)
      return sheetXml({ columns: table.columns, titles, more }, rowsOfTable(table))
    }),
  ]
  for (const [index, xml] of sheets.entries()) {
    zip.addReadStreamLazy(`xl/${fileOf(index)}`, options, (take) => {
      take(null, Readable.from(xml(), { objectMode: false }).on('error', failed))
    })
  }
  zip.end()
  return output
}

function fileOf(index: number): string {
  return `worksheets/sheet${index + 1}.xml`
}

function aboutXml(language: WordLanguage, { logId, position, day, asOf, address }: Provenance) {
  const { what, value, log, position: known, day: on, asOf: inForce, address: at, more } = words[language]
  const columns = [plainColumn, plainColumn]
  const rows = [
    [log, logId],
    [known, String(position)],
    [on, day],
    ...(asOf === null ? [] : [[inForce, asOf]]),
    [at, address],
    ...allTables.map((table) => [table.words[language].label, table.words[language].description]),
  ]
  return sheetXml({ columns, titles: [what, value], more }, Readable.from([rows]))
}

const plainColumn: ColumnInfo = {
  name: '',
  datatype: 'anyURI',
  words: { en: { label: '', description: '' }, vi: { label: '', description: '' }, ko: { label: '', description: '' } },
}

const officeNamespace = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const packageNamespace = 'http://schemas.openxmlformats.org/package/2006'
const contentType = 'application/vnd.openxmlformats-officedocument.spreadsheetml'

function contentTypesXml(sheets: number): string {
  const parts = Array.from({ length: sheets }, (_, index) => [`/xl/${fileOf(index)}`, 'worksheet'] as const)
  const overrides = [['/xl/workbook.xml', 'sheet.main'] as const, ['/xl/styles.xml', 'styles'] as const, ...parts].map(
    ([part, type]) => `<Override PartName="${part}" ContentType="${contentType}.${type}+xml"/>`,
  )
  return (
    `${xmlHead}<Types xmlns="${packageNamespace}/content-types">` +
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
    `<Default Extension="xml" ContentType="application/xml"/>${overrides.join('')}</Types>`
  )
}

function relationsXml(relations: readonly (readonly [type: string, target: string])[]): string {
  const each = relations.map(
    ([type, target], index) =>
      `<Relationship Id="rId${index + 1}" Type="${officeNamespace}/${type}" Target="${target}"/>`,
  )
  return `${xmlHead}<Relationships xmlns="${packageNamespace}/relationships">${each.join('')}</Relationships>`
}

function workbookXml(names: readonly string[]): string {
  const sheets = names.map(
    (name, index) => `<sheet name="${escaped(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`,
  )
  return (
    `${xmlHead}<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${officeNamespace}">` +
    `<sheets>${sheets.join('')}</sheets></workbook>`
  )
}
