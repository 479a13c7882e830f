/** Requests whose answer is read line by line while it arrives. */
import { assertSameLog, type Connection, unreachable } from './connection.ts'
import { CommitmentsError, Unreachable } from './errors.ts'
import { readProblem } from './problems.ts'

interface Exchange {
  readonly url: string
  readonly init: RequestInit & { readonly duplex?: 'half' }
  readonly signal: AbortSignal | undefined
  /** Milliseconds without a byte after which the connection is abandoned. Time in which nobody reads does not count. */
  readonly idleMs: number
  /** Whether the service owes us something now; if not, silence is not a fault. */
  readonly owed: () => boolean
  /** The log that the answer must come from, if the caller knows one. */
  readonly logId?: string | undefined
  /** Called with the head of the answer, before the first line. If it throws, the exchange ends. */
  readonly onHead: (response: Response) => void
}

/**
 * The lines of the answer, without their line feeds. Bytes after the last LF are left out, because they may be half a line.
 *
 * @throws ProblemError if the service refuses; LogChanged; Unreachable if the connection is cut, or silent for too long
 */
export async function* exchangeLines(
  connection: Connection,
  exchange: Exchange,
): AsyncGenerator<string, void, undefined> {
  const stop = new AbortController()
  const { url, init, onHead } = exchange
  const forward = () => stop.abort(exchange.signal?.reason)
  if (exchange.signal?.aborted) forward()
  exchange.signal?.addEventListener('abort', forward)
  try {
    const head = () => connection.fetch(url, { ...init, signal: stop.signal })
    const response = await untilSilent(exchange, stop, head)
    assertSameLog(response, exchange.logId)
    if (!response.ok) throw await untilSilent(exchange, stop, () => readProblem(response))
    onHead(response)
    yield* splitLines(chunksOf(response, exchange, stop))
  } finally {
    exchange.signal?.removeEventListener('abort', forward)
    // A reader that leaves early also ends the exchange.
    stop.abort()
  }
}

async function* chunksOf(response: Response, exchange: Exchange, stop: AbortController): AsyncGenerator<Uint8Array> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader()
  if (!reader) return
  for (;;) {
    const { done, value } = await untilSilent(exchange, stop, () => reader.read())
    if (done) return
    yield value
  }
}

/** Waits for a step of the service. An error in it is a failure of the connection. */
async function untilSilent<Value>(
  { idleMs, owed }: Exchange,
  stop: AbortController,
  step: () => Promise<Value>,
): Promise<Value> {
  const silent = new Unreachable(`Nothing came for ${idleMs} ms.`)
  const timer = setInterval(() => owed() && stop.abort(silent), idleMs)
  try {
    return await step()
  } catch (error) {
    throw error instanceof CommitmentsError ? error : unreachable(error, stop.signal)
  } finally {
    clearInterval(timer)
  }
}

async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  // Invalid UTF-8 must not silently become U+FFFD, and a BOM is a character like any other: the bytes must not change.
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let rest = ''
  for await (const chunk of chunks) {
    const pieces = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = pieces.pop() ?? ''
    yield* pieces
  }
}
