/** Sends large answers in portions, so that it can be seen whether their reader takes them. */
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Bytes. */
const portion = 64 * 1024
const large = 4 * portion

export function isLarge(payload: unknown): payload is string | Buffer {
  return (typeof payload === 'string' || Buffer.isBuffer(payload)) && payload.length > large
}

/** The payload, or a stream of portions if it is large. For HEAD, only its length matters. */
export function inPortions(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  if (!isLarge(payload) || request.method === 'HEAD') return payload
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
  reply.header('content-length', bytes.length)
  return Readable.from(portions(bytes), { objectMode: false })
}

function* portions(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += portion) yield bytes.subarray(start, start + portion)
}
