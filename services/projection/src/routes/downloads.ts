import { finished, type Readable } from 'node:stream'
import { problem } from '@commitments/http-kit'
import type { Service } from '../service.ts'
import { takeSlot } from '../slots.ts'

/**
 * A stream that takes one of the slots for downloads until it ends, is cut, or its reader goes away.
 * @throws the problem `too-many-downloads` where none is free.
 */
export function streamed({ downloads }: Service, open: () => Readable): Readable {
  const free = takeSlot(downloads)
  if (free === null) {
    const detail = `${downloads.limit} downloads are going on, which is as many as are allowed at once.`
    throw problem('too-many-downloads', detail, { headers: { 'retry-after': '5' } })
  }
  const stream = open()
  // Called for an error as well: the caller then sees a body without its end.
  finished(stream, free)
  return stream
}
