import { type BulkLines, type KeyedLine, sendLines, textOf } from './bulk-lines.ts'
import { type CallOptions, type Connection, call } from './connection.ts'
import { CutShort, ProblemError } from './errors.ts'
import { isTransient } from './retry.ts'
import { noteRefusal, readyLine } from './signing.ts'
import type { AtomicRecorded } from './types.ts'

/**
 * Records all lines, or none; at most 10,000 lines and 8 MiB. Without lines, nothing is sent. Lines without a key get one, so that a
 * request with a lost answer can be repeated.
 * @throws ProblemError if a line is refused: its `problem.lines` has the refused lines. CutShort if it is unknown whether the lines were
 * recorded: its `resume.lines` are the lines with their keys, to be sent again
 */
export async function recordAtomically(
  connection: Connection,
  lines: BulkLines,
  options: CallOptions = {},
): Promise<AtomicRecorded> {
  const keyed: KeyedLine[] = []
  for await (const line of lines) keyed.push(await readyLine(connection, line, options))
  if (keyed.length === 0) return { results: [], summary: { lines: 0, recorded: 0, replayed: 0, refused: 0 } }
  const body = keyed.map(textOf).join('')
  const send = (signal: AbortSignal) =>
    sendLines(connection, body, { query: { atomic: 'true' }, accept: 'application/json' }, signal)
  const { data } = await call(connection, options, send).catch((error: unknown) => {
    noteRefusal(connection, error instanceof ProblemError ? error.code : undefined)
    if (!isTransient(error)) throw error
    const message = 'It is not known whether the lines were recorded. Send `resume.lines` again.'
    throw new CutShort(message, { lines: keyed }, { cause: error })
  })
  return data as AtomicRecorded
}
