/** A body that is worked on while it comes, within bounds of size and time. */
import type { Readable } from 'node:stream'
import { Problem, problem } from '../problems/problem.ts'
import { brokenOff } from './body.ts'

export interface StreamBounds {
  /** The sender may let so many milliseconds pass without a byte. Time in which nobody reads does not count. */
  readonly silentMs: number
  /** All of the body has to come within so many milliseconds. */
  readonly wholeMs?: number
  /** More bytes than this end the reading with the problem. */
  readonly size?: { readonly bytes: number; readonly fault: () => Problem }
}

/**
 * The chunks of a body as they come. Bytes are counted when they come and not when a line ends.
 * @throws Problem 408 where the time is up, 400 where the connection broke off, and the fault of `size`
 */
export async function* readWithin(stream: Readable, bounds: StreamBounds): AsyncGenerator<Buffer, void, undefined> {
  // Not destroyed on the way out: that would take the connection along, and the answer with it.
  const chunks = stream.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>
  const end = performance.now() + (bounds.wholeMs ?? Number.POSITIVE_INFINITY)
  let bytes = 0
  for (;;) {
    const next = await nextWithin(chunks, Math.min(bounds.silentMs, end - performance.now()), bounds)
    if (next.done) return
    bytes += next.value.length
    if (bounds.size !== undefined && bytes > bounds.size.bytes) throw bounds.size.fault()
    yield next.value
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
