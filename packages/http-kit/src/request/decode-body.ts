/** Bodies that were compressed for the way. */
import { Readable } from 'node:stream'
import { createGunzip, type Gunzip } from 'node:zlib'
import { problem } from '../problems/problem.ts'

/**
 * A body of real lines shrinks to a tenth, repeated ones to a fiftieth. One that grows more than this (beyond the first mebibyte) was made to
 * cost work, and is refused.
 */
const growth = { times: 200, free: 1024 * 1024 } as const

/** The body without its coding, which the head's check has accepted. Memory stays bounded: it is decoded as it is read. */
export function decoded(payload: Readable, coding: string | undefined): Readable {
  if (coding?.toLowerCase() !== 'gzip') return payload
  const gunzip = createGunzip()
  // Not a pipeline: it would close the connection with a body that is wrong, and lose the answer.
  payload.on('error', (error) => gunzip.destroy(error))
  payload.on('close', () => {
    if (!payload.readableEnded) gunzip.destroy(new Error('the connection was closed'))
  })
  const unzipped = payload.pipe(gunzip)
  // Behind the listener of the pipe, which pauses it: what is left of a wrong body is read too, or a sender that has still to send could not read the answer.
  gunzip.on('close', () => payload.resume())
  return Readable.from(checked(unzipped), { objectMode: false })
}

async function* checked(gunzip: Gunzip): AsyncGenerator<Buffer, void, undefined> {
  let size = 0
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > growth.free + growth.times * gunzip.bytesWritten) throw grewTooMuch()
      yield chunk
    }
  } catch (error) {
    throw isBroken(error) ? broken() : error
  }
}

function isBroken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}

function broken() {
  return problem('malformed', 'The body is not gzip, or it is cut short, though `Content-Encoding` says gzip.')
}

function grewTooMuch() {
  return problem(
    'too-large',
    `The body grows to more than ${growth.times} times its size when it is decompressed. Send it uncompressed.`,
  )
}
