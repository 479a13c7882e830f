/** Columns of the tables: what CSV, workbook, metadata and docs are all made from. */
import { firstDay, labelOf, lastDay, type WordLanguage, type Words, type WordTable } from '@commitments/domain'
import { inLanguage } from '../subscriptions/plain-text.ts'
import { columnWords, derivedWords } from './column-words.ts'

/** Types of CSV on the Web. A date as it is known has a string, and its bounds have dates. */
export type Datatype =
  | 'string'
  | 'integer'
  | 'decimal'
  | 'boolean'
  | 'date'
  | 'dateTime'
  | 'anyURI'
  | 'language'
  | 'json'

/** What a column says about itself. */
export interface ColumnInfo {
  readonly name: string
  readonly datatype: Datatype
  readonly words: Words
  /** Between the values of a cell that has several. */
  readonly separator?: typeof separator
}

export interface Column<Row> extends ColumnInfo {
  /** The cell as text; empty if there is no value. */
  readonly cell: (row: Row, language: WordLanguage) => string
}

export type Texts = Readonly<Record<string, string>>

const separator = '; '

type Value<Row, Of> = (row: Row, language: WordLanguage) => Of | null | undefined

/** @param as the words of another column or member, if the name alone says something else */
function column<Row>(
  name: string,
  datatype: Datatype,
  of: Value<Row, string | number | boolean>,
  as = name,
): Column<Row> {
  return { name, datatype, words: columnWords(as), cell: (row, language) => String(of(row, language) ?? '') }
}

/** Plain text, or a code or id. */
export function text<Row>(name: string, of: Value<Row, string>, as?: string): Column<Row> {
  return column(name, 'string', of, as)
}

/** A text for people that has several languages: in the reader's, or else in English, Vietnamese or any other. */
export function inWords<Row>(name: string, of: Value<Row, Texts>, as?: string): Column<Row> {
  return column(name, 'string', (row, language) => inLanguage(of(row, language) ?? {}, language), as)
}

export function integer<Row>(name: string, of: Value<Row, number>, as?: string): Column<Row> {
  return column(name, 'integer', of, as)
}

export function decimal<Row>(name: string, of: Value<Row, string>, as?: string): Column<Row> {
  return column(name, 'decimal', of, as)
}

export function yesOrNo<Row>(name: string, of: Value<Row, boolean>, as?: string): Column<Row> {
  return column(name, 'boolean', of, as)
}

export function day<Row>(name: string, of: Value<Row, string>, as?: string): Column<Row> {
  return column(name, 'date', of, as)
}

export function instant<Row>(name: string, of: Value<Row, string>, as?: string): Column<Row> {
  return column(name, 'dateTime', of, as)
}

export function typed<Row>(name: string, datatype: Datatype, of: Value<Row, string>, as?: string): Column<Row> {
  return column(name, datatype, of, as)
}

/** Several values in one cell; none of them contains the separator. */
export function several<Row>(
  name: string,
  datatype: Datatype,
  of: Value<Row, readonly (string | number)[]>,
  as?: string,
): Column<Row> {
  return { ...column(name, datatype, (row: Row, language) => of(row, language)?.join(separator), as), separator }
}

/** A date as it is known, in three columns: as written, and the first and the last possible day. */
export function dates<Row>(name: string, of: Value<Row, string>, as = name): Column<Row>[] {
  const bound = (suffix: 'First' | 'Last', dayOf: (when: string | null) => string | null): Column<Row> => ({
    name: `${name}${suffix}`,
    datatype: 'date',
    words: derivedWords(as, suffix),
    cell: (row, language) => dayOf(of(row, language) ?? null) ?? '',
  })
  return [text(name, of, as), bound('First', firstDay), bound('Last', lastDay)]
}

/** A column that says more about the one before. */
function derived<Row>(name: string, cell: Column<Row>['cell'], words: Words): Column<Row> {
  return { name, datatype: 'string', words, cell }
}

/** The labels of the codes in the column before, which has several. */
export function labels<Row>(name: string, table: WordTable, of: (row: Row) => readonly string[]): Column<Row> {
  const cell: Column<Row>['cell'] = (row, language) =>
    of(row)
      .map((one) => labelOf(table, one, language))
      .join(separator)
  return { ...derived(`${name.replace(/s$/, '')}Labels`, cell, derivedWords(name, 'Label')), separator }
}

/** A code, and beside it what it is called. */
export function code<Row>(name: string, table: WordTable, of: Value<Row, string>, as = name): Column<Row>[] {
  const label = (row: Row, language: WordLanguage) => {
    const one = of(row, language)
    return one === null || one === undefined ? '' : labelOf(table, one, language)
  }
  return [text(name, of, as), derived(`${name}Label`, label, derivedWords(as, 'Label'))]
}

/** A party, and beside it its name. */
export function partyAndName<Row>(
  name: string,
  of: Value<Row, string>,
  nameOf: (row: Row, party: string) => Texts | undefined,
): Column<Row>[] {
  const named = (row: Row, language: WordLanguage) => {
    const party = of(row, language)
    return party === null || party === undefined ? '' : inLanguage(nameOf(row, party) ?? {}, language)
  }
  return [text(name, of), derived(`${name}Name`, named, derivedWords(name, 'Name'))]
}

/** The country of the party in the columns before. */
export function countryOf<Row>(name: string, of: (row: Row) => string | undefined): Column<Row> {
  return derived(`${name}Country`, (row) => of(row) ?? '', derivedWords(name, 'Country'))
}
