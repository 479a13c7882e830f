import type { BulkLine } from './types.ts'

/** Many events, complete or still coming. */
export type BulkLines = Iterable<BulkLine> | AsyncIterable<BulkLine>

export type KeyedLine = BulkLine & { readonly idempotencyKey: string }

/** A line with a key, so that it can be sent again: its own key, or a new one. */
export function withKey(line: BulkLine): KeyedLine {
  return { ...line, idempotencyKey: line.idempotencyKey ?? line.signature?.once ?? crypto.randomUUID() }
}

/** One line of NDJSON with its LF; JSON has no line end inside. */
export function textOf(line: BulkLine): string {
  return `${JSON.stringify(line)}\n`
}

/** One iterator for both kinds. */
export function iterate(lines: BulkLines): AsyncIterator<BulkLine, unknown> | Iterator<BulkLine, unknown> {
  return Symbol.asyncIterator in lines ? lines[Symbol.asyncIterator]() : lines[Symbol.iterator]()
}
