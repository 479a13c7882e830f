import { finished, Readable } from 'node:stream'
import { endWhenStalled, problem } from '@commitments/http-kit'
import type { FastifyReply } from 'fastify'
import type { Service } from '../service.ts'
import { takeSlot } from '../slots.ts'
import { readingEach } from './reading.ts'

/**
 * A stream that takes one of the slots for downloads until it ends or is cut, or until its reader disconnects or takes nothing for too
 * long. Otherwise a reader that takes nothing would keep the slot, and a connection to the database.
 * @throws the problem `too-many-downloads` if no slot is free
 */
export function streamed(
  { downloads, stallLimit }: Pick<Service, 'downloads' | 'stallLimit'>,
  reply: FastifyReply,
  values: AsyncIterable<Buffer | string>,
): Readable {
  const free = takeSlot(downloads)
  if (free === null) {
    const detail = `${downloads.limit} downloads are already running, which is the maximum.`
    throw problem('too-many-downloads', detail, { headers: { 'retry-after': '5' } })
  }
  const watched = endWhenStalled(readingEach(values), stallLimit, () => reply.raw.destroy())
  const stream = Readable.from(watched, { objectMode: false })
  // Called for an error as well: the caller then sees that the body is incomplete.
  finished(stream, free)
  return stream
}
