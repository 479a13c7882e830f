/** What is recorded, as `text/event-stream`: where a reader starts, and its answer. */
import { finished, Readable } from 'node:stream'
import { addVary, answered, endWhenStalled, invalid, problem, sendNothing } from '@commitments/http-kit'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { takeSlot } from '../slots.ts'
import type { Form } from './forms.ts'
import { logChangedFrame, opening } from './frames.ts'
import type { Hub } from './hub.ts'
import { followFrom } from './reader.ts'
import { parseStreamId, type StreamId } from './stream-id.ts'

export const eventStream = 'text/event-stream'

/** Where a stream starts. `previous`: the reader comes from another log and has to start again. */
interface Start extends StreamId {
  readonly previous: StreamId | null
}

/**
 * Where a reader continues: after its last event (a reader that reconnects sends the first address again, so this takes precedence over
 * `after`), or after `after`. A position of another log has no meaning in this one, so the stream then starts at the beginning.
 *
 * @throws the problem `invalid` for a `Last-Event-ID` that is not one of ours
 */
export function startOf(logId: string, after: number, lastEventId: string | undefined): Start {
  if (lastEventId === undefined || lastEventId === '') return { logId, position: after, previous: null }
  const last = parseStreamId(lastEventId)
  if (last === null) {
    const message = 'must be the id of an event of this stream, a Log-Id and a position with a colon between'
    throw invalid([{ path: 'header.last-event-id', message }])
  }
  return last.logId === logId ? { ...last, previous: null } : { logId, position: 0, previous: last }
}

interface LiveAnswer {
  readonly hub: Hub
  readonly start: Start
  readonly form: Form
  /** Milliseconds after which a reader that takes nothing is disconnected. */
  readonly stallLimit: number
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Sends what follows the start, as long as the reader stays.
 *
 * @throws the problem `too-many-readers` if the limit is reached
 */
export function sendLive(request: FastifyRequest, reply: FastifyReply, answer: LiveAnswer): typeof answered {
  const { headers } = answer
  // Asks proxies not to collect an answer before they pass it on.
  reply.headers({ ...headers, 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
  addVary(reply, 'accept')
  reply.type(eventStream)
  if (request.method === 'HEAD') sendNothing(reply)
  else reply.send(openStream(reply, answer))
  return answered
}

/** Bytes that may wait for a reader, in addition to those that are being written to it. */
const readAhead = 16 * 1024

function openStream(reply: FastifyReply, { hub, start, form, stallLimit }: LiveAnswer): Readable {
  const free = takeSlot(hub.slots)
  if (free === null) throw tooManyReaders(hub)
  const gone = new AbortController()
  const end = () => reply.raw.destroy()
  const cut = () => {
    hub.cutOff += 1
    end()
  }
  const watched = endWhenStalled(partsOf(hub, start, form, gone.signal), stallLimit, cut)
  const stream = Readable.from(watched, { objectMode: false, highWaterMark: readAhead })
  hub.connections.add(end)
  reply.raw.once('close', () => gone.abort())
  if (reply.raw.destroyed) gone.abort()
  finished(stream, () => {
    hub.connections.delete(end)
    free()
  })
  return stream
}

async function* partsOf(hub: Hub, start: Start, form: Form, signal: AbortSignal): AsyncGenerator<Buffer> {
  yield opening(start, comeBackAfter())
  if (start.previous !== null) yield logChangedFrame(start.logId, start.previous)
  yield* followFrom(hub, start, form, signal)
}

/** Milliseconds; different for each reader, because otherwise all would come back at once after a restart. */
function comeBackAfter(): number {
  return 1_000 + Math.floor(Math.random() * 2_000)
}

function tooManyReaders({ slots }: Hub): Error {
  const detail = `${slots.limit} readers already follow the live feed, which is the maximum.`
  return problem('too-many-readers', detail, { headers: { 'retry-after': '10' } })
}
