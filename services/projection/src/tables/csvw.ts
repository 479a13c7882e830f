/** The tables as CSV on the Web describes them (W3C, csvw): one document, made from the columns. */
import { type Words, wordLanguages } from '@commitments/domain'
import { allTables } from './all-tables.ts'
import type { ColumnInfo } from './columns.ts'
import type { Table } from './table.ts'

/** The name under which processors also look for the metadata of a table in the same folder. */
export const metadataName = 'csv-metadata.json'
export const metadataType = 'application/csvm+json'

interface Described {
  /** The query of the tables, with its question mark; empty if they have none. A document describes exactly the addresses that it names. */
  readonly query: string
  /** The address of the licence under which the ledger is published; absent if the operator names none. */
  readonly licence?: string | undefined
}

const aboutAll =
  'The commitments of a ledger: one row per thing. Amounts and currencies are apart. A date is as it is known (EDTF, a subset of ISO 8601-2), followed by its first and its last possible day.'

/** @returns plain JSON, the same for the same query */
export function tablesMetadata({ query, licence }: Described): object {
  const addressOf = (name: string) => `${name}${query}`
  return {
    '@context': ['http://www.w3.org/ns/csvw', { '@language': 'en' }],
    'dc:title': 'Commitments',
    'dc:description': aboutAll,
    ...(licence === undefined ? {} : { 'dc:license': { '@id': licence } }),
    null: '',
    dialect: { encoding: 'utf-8', header: true, delimiter: ',', quoteChar: '"', doubleQuote: true },
    tables: allTables.map((table) => described(table, addressOf)),
  }
}

function described({ name, words, columns, key, foreignKeys }: Table, addressOf: (name: string) => string): object {
  return {
    url: addressOf(name),
    'dc:title': inLanguages(words, 'label'),
    'dc:description': inLanguages(words, 'description'),
    tableSchema: {
      columns: columns.map(columnOf),
      primaryKey: key,
      ...(foreignKeys.length === 0
        ? {}
        : {
            foreignKeys: foreignKeys.map(({ columns: own, of }) => ({
              columnReference: own,
              reference: { resource: addressOf(of), columnReference: own },
            })),
          }),
    },
  }
}

/** The header of the CSV is the name, whatever the language: `und`. */
function columnOf({ name, datatype, words, separator }: ColumnInfo): object {
  const titles = wordLanguages.map((language): [string, string] => [language, words[language].label])
  return {
    name,
    titles: { und: name, ...Object.fromEntries(titles) },
    'dc:description': inLanguages(words, 'description'),
    datatype,
    ...(separator === undefined ? {} : { separator }),
  }
}

function inLanguages(words: Words, what: 'label' | 'description'): object[] {
  return wordLanguages.map((language) => ({ '@value': words[language][what], '@language': language }))
}
