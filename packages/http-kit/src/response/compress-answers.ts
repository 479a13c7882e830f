/**
 * Compresses answers as the caller accepts (`Accept-Encoding`): brotli, gzip or uncompressed. Each form of a read has its own strong tag,
 * and an answer with a tag is compressed once for all callers.
 */
import { availableParallelism } from 'node:os'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import { type Coding, codedTag, codingOf } from '../headers/content-coding.ts'
import { addVary } from '../headers/cross-origin.ts'
import { compressInTurns, compressNow, compressStream, Turns } from './compressor.ts'
import { inPortions } from './portions.ts'

/** Bytes: a smaller answer fits into one packet anyway. */
const smallest = 1024
/** Bytes that are compressed on the main thread, in a sixth of a millisecond; passing them to another thread takes as long. */
const largestNow = 16 * 1024
/** Answers that wait for a turn. Further ones are sent uncompressed, which is faster then. */
const mostWaiting = 32
/** Bytes of all compressed answers that are kept, and of a single one. */
const keptBytes = 8 * 1024 * 1024
const largestKept = 1024 * 1024

interface Kept {
  readonly bytes: Buffer
  /** Bytes of the uncompressed answer. */
  readonly length: number
}

interface Compression {
  readonly turns: Turns
  readonly kept: LRUCache<string, Kept>
  /** Compressions in progress, which further requests share. */
  readonly underWay: Map<string, Promise<Buffer>>
}

/** The compression of one app. At most half of the processors compress at a time; the other half is for everything else. */
export function createCompression(processors: number = availableParallelism()): Compression {
  return {
    turns: new Turns(Math.max(1, Math.floor(processors / 2))),
    kept: new LRUCache({
      maxSize: keptBytes,
      maxEntrySize: largestKept,
      sizeCalculation: ({ bytes }, key) => bytes.length + key.length + 200,
    }),
    underWay: new Map(),
  }
}

/** Applies to everything that the app answers, including problems and the pages of plug-ins. */
export function compressAnswers(app: FastifyInstance, compression: Compression = createCompression()): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    const coding = codingFor(compression, request, reply, payload)
    if (coding === null) return done(null, inPortions(request, reply, payload))
    if (payload instanceof Readable) return done(null, streamed(compression, request, reply, payload, coding))
    const made = wholeOf(compression, request, reply, payload as string | Buffer, coding)
    const send = (bytes: Buffer) => {
      mark(request, reply, coding)
      done(null, inPortions(request, reply, bytes))
    }
    if (Buffer.isBuffer(made)) send(made)
    else made.then(send, done)
  })
}

/** How the answer is compressed; null: not at all. */
function codingFor(
  { turns }: Compression,
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Coding | null {
  if (payload === null || payload === undefined || !isCompressible(request, reply)) return null
  // Caches keep only the answers to reads.
  if (isRead(request)) addVary(reply, 'accept-encoding')
  const { coding, identity } = codingOf(request.headers['accept-encoding'])
  if (coding === null) return null
  // The results of an import come one by one, and the caller may wait for each.
  if (payload instanceof Readable) return isRead(request) ? coding : null
  if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return null
  if (!identity) return coding
  if (payload.length < smallest) return null
  return payload.length > largestNow && turns.waitingAnswers >= mostWaiting ? null : coding
}

function isCompressible({ definition }: FastifyRequest, reply: FastifyReply): boolean {
  // A part of a file is a part of its uncompressed bytes.
  if (reply.statusCode === 206 || reply.hasHeader('content-encoding')) return false
  if (definition?.compressible) return true
  const type = reply.getHeader('content-type')
  return typeof type === 'string' && isText(type)
}

const texts = new Map<string, boolean>()

/** Not `text/event-stream`, in which each event is sent separately. Most other types are already compressed, or are digests. */
function isText(type: string): boolean {
  let known = texts.get(type)
  if (known === undefined) {
    const [name = ''] = type.toLowerCase().split(';', 1)
    known =
      /^(?:text\/(?!event-stream)|image\/svg\+xml|application\/(?:json|javascript|xml|x-ndjson|[\w.-]+\+(?:json|xml))$)/.test(
        name.trim(),
      )
    if (texts.size < 100) texts.set(type, known)
  }
  return known
}

function isRead({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** The tag of a write is the version of the proposal, in whatever form the answer is sent. */
function mark(request: FastifyRequest, reply: FastifyReply, coding: Coding): void {
  reply.header('content-encoding', coding).removeHeader('content-length')
  const tag = reply.getHeader('etag')
  if (isRead(request) && typeof tag === 'string' && !tag.startsWith('W/')) reply.header('etag', codedTag(tag, coding))
}

function streamed(
  { turns }: Compression,
  request: FastifyRequest,
  reply: FastifyReply,
  source: Readable,
  coding: Coding,
): Readable {
  mark(request, reply, coding)
  return request.method === 'HEAD' ? source : compressStream(source, coding, turns)
}

/** The compressed form: kept, in progress, or made now. */
function wholeOf(
  { kept, underWay, turns }: Compression,
  request: FastifyRequest,
  reply: FastifyReply,
  payload: string | Buffer,
  coding: Coding,
): Buffer | Promise<Buffer> {
  const key = keyOf(request, reply, coding)
  const { length } = payload
  const found = key === null ? undefined : kept.get(key)
  if (found?.length === length) return found.bytes
  const keep = (bytes: Buffer) => {
    if (key !== null) kept.set(key, { bytes, length })
    return bytes
  }
  if (length <= largestNow) return keep(compressNow(payload, coding))
  const shared = key === null ? undefined : underWay.get(key)
  if (shared !== undefined) return shared
  const making = compressInTurns(typeof payload === 'string' ? Buffer.from(payload) : payload, coding, turns).then(keep)
  if (key === null) return making
  underWay.set(key, making)
  return making.finally(() => underWay.delete(key))
}

/** A strong tag promises equal bytes for one address and media type; null if nothing promises that. */
function keyOf(request: FastifyRequest, reply: FastifyReply, coding: Coding): string | null {
  const tag = reply.getHeader('etag')
  if (!isRead(request) || typeof tag !== 'string' || tag.startsWith('W/')) return null
  return `${coding} ${tag} ${String(reply.getHeader('content-type'))} ${request.raw.url}`
}
