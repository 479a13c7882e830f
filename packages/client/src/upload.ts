/** The lines of a bulk call in progress: which were taken from the caller, which were sent, and which have no result yet. */
import { type iterate, type KeyedLine, textOf } from './bulk-lines.ts'
import { ContractBroken } from './errors.ts'
import type { BulkLine, BulkSummary, LineAnswer, LineResult } from './types.ts'

interface Waiting {
  /** The number of the line among the caller's, from 1. */
  readonly number: number
  readonly line: KeyedLine
  /** When it was last sent, on the clock of `performance.now()`. */
  sentAt: number
}

/** The state over all attempts. */
export interface Upload {
  readonly source: ReturnType<typeof iterate>
  /** Makes a line of the caller ready to be sent, and sent again. */
  readonly ready: (line: BulkLine) => Promise<KeyedLine>
  /** The next line is being taken from the caller. This can outlive the attempt that asked for it. */
  taking: Promise<void> | null
  taken: number
  /** The caller has no more lines. */
  ended: boolean
  /** What the caller's iteration threw. Earlier lines are still answered. */
  failure: { readonly reason: unknown } | null
  /** In order. */
  readonly unanswered: Waiting[]
  readonly summary: BulkSummary
  done: boolean
  /** Wakes the sender, which waits for results or for the end. */
  wake: () => void
}

/** So many lines may be sent without a result; the service would accept, and hold the results of, far more. */
const underWay = 2_000

/** One attempt. */
export interface Sending {
  readonly upload: Upload
  sent: number
  answered: number
  /** Another attempt, or none, has replaced it. */
  over: boolean
}

export function beginSending(upload: Upload): Sending {
  return { upload, sent: 0, answered: 0, over: false }
}

/** Milliseconds since the oldest line without a result was sent; 0 if the service owes nothing. */
export function longestWait({ upload, sent, answered }: Sending): number {
  const [oldest] = upload.unanswered
  if (oldest !== undefined && sent > answered) return performance.now() - oldest.sentAt
  // Everything is answered, and only the summary is owed.
  return upload.ended && oldest === undefined ? Number.POSITIVE_INFINITY : 0
}

/** The body of the request: a line whenever the connection has room for one. */
export function sendingBody(sending: Sending): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const waiting = await nextToSend(sending)
        if (sending.over) return
        if (waiting === null) return controller.close()
        waiting.sentAt = performance.now()
        sending.sent += 1
        controller.enqueue(encoder.encode(textOf(waiting.line)))
      },
    },
    { highWaterMark: 0 },
  )
}

async function nextToSend(sending: Sending): Promise<Waiting | null> {
  const { upload } = sending
  for (;;) {
    const waiting = upload.unanswered[sending.sent - sending.answered]
    if (sending.over) return null
    if (sending.sent - sending.answered >= underWay) await new Promise<void>((wake) => (upload.wake = wake))
    else if (waiting !== undefined) return waiting
    else if (upload.ended) return null
    else await takeMore(upload)
  }
}

/** Whether there is anything to send; waits for the caller's next line if all others are answered. */
export async function hasMore(upload: Upload): Promise<boolean> {
  while (upload.unanswered.length === 0 && !upload.ended) await takeMore(upload)
  return upload.unanswered.length > 0
}

function takeMore(upload: Upload): Promise<void> {
  upload.taking ??= takeNext(upload)
  return upload.taking
}

async function takeNext(upload: Upload): Promise<void> {
  try {
    const { done, value } = await upload.source.next()
    if (done) upload.ended = true
    else {
      const line = await upload.ready(value)
      upload.unanswered.push({ number: (upload.taken += 1), line, sentAt: 0 })
    }
  } catch (reason) {
    upload.ended = true
    upload.failure = { reason }
  } finally {
    upload.taking = null
  }
}

/** Takes the result of the oldest line without one, with the line's number among the caller's. */
export function settleFirst(sending: Sending, said: LineAnswer): LineResult {
  const { upload, sent, answered } = sending
  if (answered >= sent || said.line !== answered + 1) {
    throw new ContractBroken(`A result for line ${said.line} came, where one for line ${answered + 1} should have.`)
  }
  sending.answered += 1
  upload.wake()
  const { number, line } = upload.unanswered.shift() as Waiting
  const settled: LineResult = { ...said, line: number, idempotencyKey: line.idempotencyKey }
  count(upload.summary, settled)
  return settled
}

function count(summary: BulkSummary, result: LineResult): void {
  summary.lines += 1
  if (result.status !== 201) summary.refused += 1
  else if ('replayed' in result && result.replayed) summary.replayed += 1
  else summary.recorded += 1
}
