/** Reads bodies within their limits and in time: the value of a whole JSON document, or a stream for the handler. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { placeOf } from '../limits/address.ts'
import type { DocumentLimits } from '../limits/body-room.ts'
import { closingOf, connectionLimits } from '../limits/connections.ts'
import { Problem, problem } from '../problems/problem.ts'
import type { BodyDefinition } from '../route/route.ts'
import { decoded } from './decode-body.ts'
import { parseJson } from './parse-json.ts'
import { Pieces } from './pieces.ts'

type Done = (error: Error | null, body?: unknown) => void

/** A small document that has not arrived within this time will not come (milliseconds). */
const patience = 30_000

/** Fastify's content type parser for every media type. The route's rule was set by its guard. */
export function receiveBody(limits: DocumentLimits, request: FastifyRequest, payload: Readable, done: Done): void {
  const rule = request.definition?.body
  if (rule === undefined) {
    payload.resume()
    done(null, undefined)
    return
  }
  if (rule.parse === 'json') {
    const bytes = expectedBytes(request, rule)
    if (bytes > limits.small) void readWhenRoom(limits, request, payload, bytes, done)
    else readDocument(request, payload, done)
    return
  }
  askForBody(request)
  streamed.add(request.raw)
  const body = decoded(payload, request.headers['content-encoding'])
  done(null, rule.limit === Number.POSITIVE_INFINITY ? body : limited(body, rule.limit))
}

function askForBody(request: FastifyRequest): void {
  if (request.headers.expect !== undefined) waiting.get(request.raw)?.writeContinue()
}

function readDocument(request: FastifyRequest, payload: Readable, done: Done): void {
  askForBody(request)
  readWhole(payload, request.definition?.body?.limit ?? 0, done)
}

/** The announced length; without one, the most that the route reads. */
function expectedBytes({ headers }: FastifyRequest, { limit }: BodyDefinition): number {
  const length = headers['content-length']
  return length === undefined ? limit : Math.min(Number(length), limit)
}

/** The room is held until the answer is complete, or the caller has left. */
async function readWhenRoom(
  { room, patience }: DocumentLimits,
  request: FastifyRequest,
  payload: Readable,
  bytes: number,
  done: Done,
): Promise<void> {
  try {
    const giveBack = await room.take(request.caller?.name ?? placeOf(request), bytes, patience)
    const closing = closingOf(request.raw.socket)
    request.onceAnswered = () => {
      closing.removeEventListener('abort', giveBack)
      giveBack()
    }
    if (closing.aborted) giveBack()
    else closing.addEventListener('abort', giveBack, { once: true })
    readDocument(request, payload, done)
  } catch (fault) {
    done(fault as Error)
  }
}

/** Requests whose handlers process the body while it arrives. */
const streamed = new WeakSet<IncomingMessage>()

/** Whether something may have been done for a request before its body was complete. */
export function isStreamed(request: IncomingMessage): boolean {
  return streamed.has(request)
}

/** Answers to requests that wait for `100 Continue` before they send their body. */
const waiting = new WeakMap<IncomingMessage, ServerResponse>()

/**
 * For the server's `checkContinue` event: the request is served, but `100 Continue` is sent only after all checks that do not need the
 * body.
 */
export function holdContinue(server: Server, request: IncomingMessage, response: ServerResponse): void {
  waiting.set(request, response)
  server.emit('request', request, response)
}

interface Reading {
  readonly limit: number
  readonly payload: Readable
  readonly pieces: Pieces
  readonly timer: NodeJS.Timeout
  /** Null once the outcome is known: later events add nothing. */
  done: Done | null
}

function readWhole(payload: Readable, limit: number, done: Done): void {
  const timer = setTimeout(() => refuse(reading, timedOut), patience)
  const reading: Reading = { limit, payload, pieces: new Pieces(), timer, done }
  payload.on('data', (chunk: Buffer) => take(reading, chunk))
  payload.on('end', () => complete(reading))
  payload.on('error', (error) => refuse(reading, () => brokenOff(error)))
  // A connection that disappears in the middle may emit neither of the two events.
  payload.on('close', () => refuse(reading, brokenOff))
  // Or it disappeared while the request waited at the gate, and will emit nothing more.
  if (payload.destroyed) refuse(reading, brokenOff)
}

function take(reading: Reading, chunk: Buffer): void {
  const { pieces, limit, done } = reading
  if (done === null) return
  if (pieces.size + chunk.length <= limit) pieces.add(chunk)
  else refuse(reading, () => tooLarge(limit))
}

function complete(reading: Reading): void {
  end(reading)?.(null, tryParse(reading.pieces.whole))
}

/** A complete document, as the check of the input gets it. */
export type ParsedBody = { readonly value: unknown } | { readonly fault: unknown }

/**
 * Parses here, and not where the value is checked: requests that arrived together are all parsed before the first is checked
 * (batch-by-turns.ts). An error is passed on like a value, because Fastify closes the connection after an error that it sees, and this body
 * was read to its end.
 */
function tryParse(bytes: Buffer): ParsedBody {
  try {
    return { value: parseJson(bytes) }
  } catch (fault) {
    return { fault }
  }
}

/** The rest is read and dropped, so that a client that is still sending can read the answer. */
function refuse(reading: Reading, fault: () => Problem): void {
  end(reading)?.(fault())
}

function end(reading: Reading): Done | null {
  const { done } = reading
  reading.done = null
  clearTimeout(reading.timer)
  return done
}

function tooLarge(limit: number, headers: Record<string, string> = {}): Problem {
  return problem('too-large', `The body is larger than the ${limit} bytes that this call reads.`, { limit, headers })
}

function timedOut(): Problem {
  return problem('request-timeout', `The body did not arrive within ${patience / 1000} seconds.`)
}

/** Nobody is left to read it, but the log takes its status from it. */
export function brokenOff(cause?: unknown): Problem {
  const fault = problem('malformed', 'The body ended too early.')
  if (cause !== undefined) fault.cause = cause
  return fault
}

/** The stream, which fails with `too-large` once more than `limit` bytes have come. */
function limited(payload: Readable, limit: number): Readable {
  return Readable.from(upTo(payload, limit), { objectMode: false })
}

async function* upTo(payload: Readable, limit: number): AsyncGenerator<Buffer> {
  let size = 0
  for await (const chunk of payload as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) throw tooLarge(limit)
    yield chunk
  }
}

/**
 * Up to here (bytes) the rest of a refused body is read and dropped. Most clients read the answer only when they have sent everything, and
 * closing the connection earlier would lose the answer.
 */
const readToEnd = connectionLimits.unwanted.bytes

/** Null if the announced length is within the limit. */
export function refuseLength(rule: BodyDefinition, header: string | undefined): Problem | null {
  const length = Number(header ?? 0)
  if (length <= rule.limit) return null
  return tooLarge(rule.limit, length <= readToEnd ? {} : { connection: 'close' })
}

// A body that is processed while it arrives, within bounds of size and time.

interface StreamBounds {
  /** The sender may pause for so many milliseconds. Time in which nobody reads does not count. */
  readonly silentMs: number
  /** The whole body has to arrive within so many milliseconds. */
  readonly wholeMs?: number
  /** More bytes than this end the reading with the problem. */
  readonly size?: { readonly bytes: number; readonly fault: () => Problem }
}

/**
 * The chunks of a body as they arrive. Bytes are counted when they arrive, not when a line ends.
 *
 * @throws Problem 408 if the time is up, 400 if the connection broke off, and the problem of `size`
 */
export async function* readWithin(stream: Readable, bounds: StreamBounds): AsyncGenerator<Buffer, void, undefined> {
  // Not destroyed on the way out: that would close the connection, and lose the answer.
  const chunks = stream.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>
  const end = performance.now() + (bounds.wholeMs ?? Number.POSITIVE_INFINITY)
  let bytes = 0
  try {
    for (;;) {
      const next = await nextWithin(chunks, Math.min(bounds.silentMs, end - performance.now()), bounds)
      if (next.done) return
      bytes += next.value.length
      if (bounds.size !== undefined && bytes > bounds.size.bytes) throw bounds.size.fault()
      yield next.value
    }
  } finally {
    // Otherwise the rest would stay where it is, and who has still to send it could not read the answer. Not awaited: it may wait for the next chunk.
    void chunks.return?.()
  }
}

async function nextWithin(chunks: AsyncIterator<Buffer>, ms: number, bounds: StreamBounds) {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(tooLate(bounds)), Math.max(0, ms))
  try {
    return await Promise.race([chunks.next(), late])
  } catch (error) {
    throw error instanceof Problem ? error : brokenOff(error)
  } finally {
    clearTimeout(timer)
  }
}

function tooLate({ silentMs, wholeMs }: StreamBounds): Problem {
  const whole = wholeMs === undefined ? '' : `, and it must be complete within ${wholeMs / 1000} seconds`
  const detail = `The body did not arrive in time: at most ${silentMs / 1000} seconds may pass without a byte${whole}.`
  return problem('request-timeout', detail, { headers: { connection: 'close' } })
}
