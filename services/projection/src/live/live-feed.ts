/** The feed as `text/event-stream`: where a reader begins, and its answer. */
import { finished, Readable } from 'node:stream'
import { answered, endWhenStalled, invalid, problem, sendNothing } from '@commitments/http-kit'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { takeSlot } from '../slots.ts'
import { logChangedFrame, opening } from './frames.ts'
import type { Hub } from './hub.ts'
import { followFrom } from './reader.ts'
import { parseStreamId, type StreamId } from './stream-id.ts'

export const eventStream = 'text/event-stream'

/** Where a stream begins. `previous`: the reader comes from another log, and has to begin anew. */
export interface Start extends StreamId {
  readonly previous: StreamId | null
}

/**
 * Where a reader goes on: after its last event (a reader that comes back sends the first address again, so this counts
 * for more than `after`), or after `after`. A position of another log says nothing of this one: then it is the beginning.
 * @throws the problem `invalid` for a `Last-Event-ID` that is none of ours
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
  /** Milliseconds after which a reader that takes nothing is cut off. */
  readonly stallLimit: number
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Sends the events from the start on for as long as the reader stays.
 * @throws the problem `too-many-readers` where there are as many as are allowed
 */
export function sendLive(request: FastifyRequest, reply: FastifyReply, answer: LiveAnswer): typeof answered {
  const { headers } = answer
  // Proxies that collect an answer before they pass it on are asked not to.
  reply.headers({ ...headers, 'cache-control': 'no-store', vary: 'accept', 'x-accel-buffering': 'no' })
  reply.type(eventStream)
  if (request.method === 'HEAD') sendNothing(reply)
  else reply.send(openStream(reply, answer))
  return answered
}

/** Bytes that wait for a reader beside those that are being written to it. */
const readAhead = 16 * 1024

function openStream(reply: FastifyReply, { hub, start, stallLimit }: LiveAnswer): Readable {
  const free = takeSlot(hub.slots)
  if (free === null) throw tooManyReaders(hub)
  const gone = new AbortController()
  const end = () => reply.raw.destroy()
  const cut = () => {
    hub.cutOff += 1
    end()
  }
  const watched = endWhenStalled(framesFrom(hub, start, gone.signal), stallLimit, cut)
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

async function* framesFrom(hub: Hub, start: Start, signal: AbortSignal): AsyncGenerator<Buffer> {
  yield opening(start, comeBackAfter())
  if (start.previous !== null) yield logChangedFrame(start.logId, start.previous)
  yield* followFrom(hub, start, signal)
}

/** Milliseconds. Not the same for all: after a restart they would all come at once. */
function comeBackAfter(): number {
  return 1_000 + Math.floor(Math.random() * 2_000)
}

function tooManyReaders({ slots }: Hub): Error {
  const detail = `${slots.limit} readers already follow the live feed, which is the maximum.`
  return problem('too-many-readers', detail, { headers: { 'retry-after': '10' } })
}
