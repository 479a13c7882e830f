/** Shared code of the routes of the transparency log: every answer is covered by the published checkpoint. */
import { problem, type ResponseDefinition } from '@commitments/http-kit'
import type { Service } from '../service.ts'
import { type Cover, type Published, readPublished } from '../transparency/published.ts'
import { TileMissing } from '../transparency/tile-store.ts'
import { reading } from './reading.ts'

export const coveredHeaders = ['Log-Position', 'Log-Id', 'ETag', 'Cache-Control'] as const

export const unchanged: ResponseDefinition = {
  description: 'Your copy (`If-None-Match`) is still current.',
  headers: coveredHeaders,
}

export const logProblems = ['log-not-ready', 'unavailable'] as const

/** The media type of all readable texts here. */
export const plainText = 'text/plain; charset=utf-8'

/** For answers that never change: a tile of a given width of a log. Its path names the log. */
export function forEver({ cacheControl }: Pick<Service, 'cacheControl'>): { 'cache-control': string } {
  const who = cacheControl === 'no-cache' ? 'public' : 'private'
  return { 'cache-control': `${who}, max-age=31536000, immutable` }
}

/** The served checkpoint. @throws the problem `log-not-ready` if there is none so far */
export async function published({ pool }: Service): Promise<Published> {
  return (await reading(() => readPublished(pool))) ?? thrown(notReady('Nothing of this log is signed so far.'))
}

export function notReady(detail: string): Error {
  return problem('log-not-ready', detail, { headers: { 'retry-after': '1' } })
}

export function beyondCheckpoint({ size }: Cover, what: string): Error {
  return problem('not-in-checkpoint', `${what} lies beyond the signed checkpoint, which has ${size} events.`, {
    signed: size,
  })
}

/** Runs a read of tiles. Missing tiles of a published checkpoint are being rebuilt. */
export async function readingTiles<T>(read: () => Promise<T>): Promise<T> {
  return reading(read).catch((error: unknown) => thrown(error instanceof TileMissing ? remaking() : error))
}

/** The log lacks a line that was signed; in an instance that only reads, the server that answered may not have it yet. */
export function missingLine({ onlyReads }: Service, position: number): Error {
  if (onlyReads) return notReady(`This server has not received position ${position} yet.`)
  return new Error(`The log has no position ${position}, which was signed.`)
}

export function remaking(): Error {
  return notReady('The tree of this log is being made again.')
}

export function thrown(error: unknown): never {
  throw error
}
