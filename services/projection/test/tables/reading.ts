/** Reads tables with programs that are no part of this product. */
import { execFileSync } from 'node:child_process'
import { isInstalled } from '@commitments/test-kit'

export const pythonIsMissing = !isInstalled('python3') && 'python3 is not at hand'

/** The result of Python's csv. */
export function readCsv(body: string | Buffer, encoding: 'utf-8' | 'utf-8-sig' = 'utf-8-sig'): string[][] {
  return readWith('strict=True', body, encoding)
}

/** The same by a program that expects another separator, as spreadsheets do in some countries: it takes quotation marks within a cell for text. */
export function readApartBy(separator: ';' | '\\t', body: Buffer): string[][] {
  return readWith(`delimiter="${separator}"`, body, 'utf-8-sig')
}

function readWith(options: string, body: string | Buffer, encoding: string): string[][] {
  const read = `import csv,io,json,sys; t=sys.stdin.buffer.read().decode("${encoding}"); print(json.dumps(list(csv.reader(io.StringIO(t,newline=""),${options}))))`
  return JSON.parse(execFileSync('python3', ['-c', read], { input: body, encoding: 'utf8', maxBuffer: 1e9 }))
}

export type Row = Readonly<Record<string, string>>

export function rowsOfCsv(body: string | Buffer, encoding?: 'utf-8' | 'utf-8-sig'): Row[] {
  const [header = [], ...rows] = readCsv(body, encoding)
  return rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? ''])))
}
