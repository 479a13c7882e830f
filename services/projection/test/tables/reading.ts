/** Reads tables with programs that are no part of this product. */
import { execFileSync } from 'node:child_process'
import { isInstalled } from '@commitments/test-kit'

export const pythonIsMissing = !isInstalled('python3') && 'python3 is not at hand'

/** The result of Python's csv. */
export function readCsv(body: string | Buffer, encoding: 'utf-8' | 'utf-8-sig' = 'utf-8-sig'): string[][] {
  const read = `import csv,io,json,sys; t=sys.stdin.buffer.read().decode("${encoding}"); print(json.dumps(list(csv.reader(io.StringIO(t,newline=""),strict=True))))`
  return JSON.parse(execFileSync('python3', ['-c', read], { input: body, encoding: 'utf8', maxBuffer: 1e9 }))
}

export type Row = Readonly<Record<string, string>>

export function rowsOfCsv(body: string | Buffer, encoding?: 'utf-8' | 'utf-8-sig'): Row[] {
  const [header = [], ...rows] = readCsv(body, encoding)
  return rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? ''])))
}
