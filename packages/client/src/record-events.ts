import { type BulkLines, iterate } from './bulk-lines.ts'
import type { CallOptions, Connection } from './connection.ts'
import { ContractBroken, CutShort, Unreachable } from './errors.ts'
import { exchangeLines } from './exchange.ts'
import { type Attempts, beginAttempts, isTransient, noteProgress, pauseAfter } from './retry.ts'
import { noteRefusal, readyLine } from './signing.ts'
import type { BulkSummary, LineAnswer, LineResult } from './types.ts'
import { beginSending, hasMore, longestWait, type Sending, sendingBody, settleFirst, type Upload } from './upload.ts'

/**
 * Records each line separately and gives its result, in the order of the lines, while the rest is still being sent. Lines are taken as fast
 * as the service takes them, and results wait for the reader. Lines without a key get one. A connection that is cut is resumed with the
 * lines that have no result yet; those that had been recorded come back as `replayed`. A line that was refused with status 503 is not
 * retried, because later lines of its proposal may depend on it.
 *
 * The returned value is the summary; `for await` alone does not show it.
 *
 * @throws CutShort if the call cannot be resumed in time; what the iteration of `lines` throws, after the results of the lines before
 */
export async function* recordEvents(
  connection: Connection,
  lines: BulkLines,
  options: CallOptions = {},
): AsyncGenerator<LineResult, BulkSummary, undefined> {
  const upload = beginUpload(lines, (line) => readyLine(connection, line, options))
  const attempts = beginAttempts({ ...connection.retries, ...options.retries })
  try {
    // If every line has its result, a summary that was cut off would add nothing.
    while (!upload.done && (await hasMore(upload))) yield* oneAttempt(connection, upload, attempts, options)
    if (upload.failure) throw upload.failure.reason
    return upload.summary
  } finally {
    // Nobody waits for the end of lines that are no longer wanted, or for their result.
    if (!upload.ended) void Promise.resolve(upload.source.return?.()).catch(() => {})
  }
}

function beginUpload(lines: BulkLines, ready: Upload['ready']): Upload {
  const summary = { lines: 0, recorded: 0, replayed: 0, refused: 0 }
  return {
    source: iterate(lines),
    ready,
    taking: null,
    taken: 0,
    ended: false,
    failure: null,
    unanswered: [],
    summary,
    done: false,
    wake: () => {},
  }
}

/** Sends the lines without a result, and then the following ones. Returns when everything is done, or when another attempt makes sense. */
async function* oneAttempt(
  connection: Connection,
  upload: Upload,
  attempts: Attempts,
  options: CallOptions,
): AsyncGenerator<LineResult, void, undefined> {
  const sending = beginSending(upload)
  try {
    for await (const text of exchangeLines(connection, exchangeOf(connection, sending, attempts, options))) {
      const result = readResult(sending, text)
      if (result === null) continue
      noteProgress(attempts)
      if ('code' in result) noteRefusal(connection, result.code)
      yield result
    }
    if (!upload.done) throw new Unreachable('The answer ended without its summary.')
  } catch (error) {
    await pauseAfter(attempts, error, options.signal).catch((last: unknown) => {
      throw isTransient(last) && upload.taken > 0 ? cutShort(upload, last) : last
    })
  } finally {
    sending.over = true
    upload.wake()
  }
}

function exchangeOf(connection: Connection, sending: Sending, attempts: Attempts, { signal }: CallOptions) {
  const headers = { 'Content-Type': 'application/x-ndjson', Accept: 'application/x-ndjson' }
  const idleMs = attempts.retries.attemptMs
  return {
    url: `${connection.commandUrl}/v1/events`,
    init: { method: 'POST', headers, body: sendingBody(sending), duplex: 'half' },
    signal,
    idleMs,
    // If the caller's lines come slowly, there is nothing to answer.
    owed: () => longestWait(sending) >= idleMs,
    onHead: () => {},
  } as const
}

function cutShort({ unanswered, taken }: Upload, cause: unknown): CutShort {
  const many = `of ${taken} lines ${unanswered.length} have no result`
  const message = `The call was cut: ${many}. Send \`resume.lines\` first, then the others.`
  return new CutShort(message, { lines: unanswered.map(({ line }) => line) }, { cause })
}

/** The result in a line of the answer; null for the summary. */
function readResult(sending: Sending, text: string): LineResult | null {
  const said = JSON.parse(text) as LineAnswer | SummaryAnswer
  if (!isSummary(said)) {
    if (isSilence(sending, said)) throw new Unreachable('The service gave up waiting for the next line.')
    return settleFirst(sending, said)
  }
  const { answered, upload } = sending
  const { lines } = said.summary
  if (lines !== answered || upload.unanswered.length > 0 || !upload.ended) {
    throw new ContractBroken(
      `The service ended with a summary of ${lines} lines; it was sent more, and answered ${answered}.`,
    )
  }
  upload.done = true
  return null
}

/** The last line of the service if the caller's next line took too long: it is about a line that was never sent. */
function isSilence({ sent, answered }: Sending, { status }: LineAnswer): boolean {
  return status === 408 && answered >= sent
}

interface SummaryAnswer {
  readonly summary: BulkSummary
}

function isSummary(said: LineAnswer | SummaryAnswer): said is SummaryAnswer {
  return 'summary' in said
}
