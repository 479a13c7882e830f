/**
 * Writes docs/tables-columns.md and openapi/csv-metadata.json: every column of the tables, from their definitions.
 *
 *   node scripts/generate-tables.ts           writes both
 *   node scripts/generate-tables.ts --check   exits with 1 where one of them is out of date
 */
import { allTables, tablesMetadata } from '@commitments/projection/tables'
import { writeOrCheck } from './write-or-check.ts'

const introduction = `<!-- Made by scripts/generate-tables.ts from the definitions of the tables; do not edit. -->

# Columns of the tables

What each column of \`GET /v1/tables/…\` means: [tables.md](tables.md) says how to use them. Programs read the same in
[csv-metadata.json](../openapi/csv-metadata.json) (CSV on the Web), with titles and descriptions in English, Vietnamese and Korean.
`

const source = 'scripts/generate-tables.ts'
const page = allTables.map(
  ({ name, words, key, foreignKeys, columns, scope }) => `
## ${name}

${words.en.description} A row is named by ${quoted(key)}.${foreignKeys.map(({ columns: own, of }) => ` ${quoted(own)} ${own.length === 1 ? 'leads' : 'lead'} to \`${of}\`.`).join('')} With \`READ_ACCESS=key\`, a key needs the scope \`${scope}\`.

| column | type | title | meaning |
|---|---|---|---|
${columns.map((column) => `| \`${column.name}\` | ${column.datatype}${column.separator === undefined ? '' : ', several, separated by `; `'} | ${column.words.en.label} | ${column.words.en.description} |`).join('\n')}
`,
)

function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}

await writeOrCheck(new URL('../docs/tables-columns.md', import.meta.url), introduction + page.join(''), source)
const metadata = `${JSON.stringify(tablesMetadata({ query: '' }), null, 2)}\n`
await writeOrCheck(new URL('../openapi/csv-metadata.json', import.meta.url), metadata, source)
