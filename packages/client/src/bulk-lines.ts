import type { Connection, Reply } from './connection.ts'
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

/** How lines are sent, and in which form their answer is read; by default, as JSON. */
interface Sending {
  readonly query: { readonly dryRun?: 'true'; readonly atomic?: 'true' }
  readonly accept: 'application/json' | 'application/x-ndjson'
  readonly parseAs?: 'text'
}

/** Sends lines of which there is one answer, all at once. @param body the lines as texts (`textOf`), one after the other */
export function sendLines(
  { command }: Connection,
  body: string,
  { query, accept, parseAs }: Sending,
  signal: AbortSignal,
): Promise<Reply<unknown>> {
  return command.POST('/v1/events', {
    params: { query },
    headers: { 'Content-Type': 'application/x-ndjson', Accept: accept },
    bodySerializer: () => body,
    // The document describes one line; the serializer sends all of them.
    body: {} as never,
    signal,
    ...(parseAs && { parseAs }),
  })
}
