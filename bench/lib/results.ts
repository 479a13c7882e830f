import { readFileSync, writeFileSync } from 'node:fs'
import { formatNotes, formatTable, type Row } from './report.ts'

const page = new URL('../README.md', import.meta.url)
const begin = '<!-- results: written by npm run bench -- --save -->'
const end = '<!-- end of results -->'

/** Replaces the results in bench/README.md with these. */
export function saveResults(rows: readonly Row[], conditions: readonly string[]): void {
  const text = readFileSync(page, 'utf8')
  const [before, after] = [text.indexOf(begin), text.indexOf(end)]
  if (before === -1 || after < before)
    throw new Error(`bench/README.md has lost the marks between which results stand: ${begin}`)
  const results = [
    `Measured on ${new Date().toISOString().slice(0, 10)}.`,
    conditions.map((line) => `- ${line}`).join('\n'),
    formatTable(rows),
    formatNotes(rows).replaceAll(/^(\S.*):$/gm, '**$1**\n'),
  ]
  writeFileSync(page, `${text.slice(0, before)}${begin}\n\n${results.join('\n\n')}\n\n${text.slice(after)}`)
}
