/** Compresses bytes without using too much of the processors. */
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { brotliCompressSync, constants, createBrotliCompress, createGzip, gzipSync } from 'node:zlib'
import type { Coding } from '../headers/content-coding.ts'

/** Of four settings tried (docs/decisions/0024-compression.md), this is as fast as gzip and smaller than gzip's best. */
const brotli = { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: 18 }
const gzip = { level: 5 }

/** In one go, on the calling thread: for few bytes. */
export function compressNow(bytes: string | Buffer, coding: Coding): Buffer {
  return coding === 'br' ? brotliCompressSync(bytes, { params: brotli }) : gzipSync(bytes, gzip)
}

type GiveBack = () => void

/**
 * Turns for pieces of work on other threads. Each compression takes one turn for each piece of 64 KiB, so that many at once use no more of
 * the processors than a few.
 */
export class Turns {
  readonly #atOnce: number
  #taken = 0
  /** Answers have priority over downloads, which have more to come. */
  readonly #waiting: { answers: (() => void)[]; downloads: (() => void)[] } = { answers: [], downloads: [] }

  constructor(atOnce: number) {
    this.#atOnce = atOnce
  }

  get waitingAnswers(): number {
    return this.#waiting.answers.length
  }

  get taken(): number {
    return this.#taken
  }

  async take(kind: 'answers' | 'downloads'): Promise<GiveBack> {
    if (this.#taken < this.#atOnce) this.#taken += 1
    else await new Promise<void>((resolve) => this.#waiting[kind].push(resolve))
    return () => this.#giveBack()
  }

  #giveBack(): void {
    const next = this.#waiting.answers.shift() ?? this.#waiting.downloads.shift()
    if (next === undefined) this.#taken -= 1
    else next()
  }
}

const pieceBytes = 64 * 1024

/** Compresses a larger answer as a whole. */
export async function compressInTurns(bytes: Buffer, coding: Coding, turns: Turns): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of compressed(pieces(bytes), coding, turns, 'answers')) parts.push(part)
  return Buffer.concat(parts)
}

/** Does not wait for a piece after the last one. */
async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += pieceBytes) yield bytes.subarray(start, start + pieceBytes)
}

/**
 * Compresses a stream as it comes: when the source pauses, everything before the pause is sent. When the reader leaves, the stream ends at
 * once, even if the source gives nothing for a long time.
 */
export function compressStream(source: Readable, coding: Coding, turns: Turns): Readable {
  const parts = compressed(source as AsyncIterable<Buffer>, coding, turns, 'downloads')
  const pull = () =>
    parts.next().then(
      ({ done, value }) => (out.destroyed ? false : out.push(done === true ? null : value)),
      (error: Error) => void out.destroy(error),
    )
  const out: Readable = new Readable({
    read: () => void pull(),
    destroy: (error, done) => {
      source.destroy()
      done(error)
    },
  })
  return out
}

async function* compressed(
  source: AsyncIterable<Buffer>,
  coding: Coding,
  turns: Turns,
  kind: 'answers' | 'downloads',
): AsyncGenerator<Buffer> {
  const encoder = coding === 'br' ? createBrotliCompress({ params: brotli }) : createGzip(gzip)
  const out: Buffer[] = []
  encoder.on('data', (part: Buffer) => out.push(part))
  // A failed write never calls back.
  const failed = once(encoder, 'error').then(([error]) => Promise.reject(error as Error))
  failed.catch(() => {})
  const iterator = source[Symbol.asyncIterator]()
  try {
    let next = iterator.next()
    for (let item = await next; item.done !== true; item = await next) {
      next = iterator.next()
      // It may fail before anybody waits for it; whoever waits later gets the error.
      next.catch(() => {})
      const { value } = item
      await inTurn(turns, kind, async () => {
        await Promise.race([write(encoder, value), failed])
        if (await pauses(next)) await Promise.race([flush(encoder, coding), failed])
      })
      yield* out.splice(0)
    }
    await inTurn(turns, kind, () => end(encoder))
    yield* out.splice(0)
  } finally {
    encoder.destroy()
  }
}

async function inTurn(turns: Turns, kind: 'answers' | 'downloads', work: () => Promise<void>): Promise<void> {
  const giveBack = await turns.take(kind)
  try {
    await work()
  } finally {
    giveBack()
  }
}

/** Whether nothing comes at once. A failure is left to the code that waits for it. */
function pauses(next: Promise<unknown>): Promise<boolean> {
  const comes = next.then(
    () => false,
    () => false,
  )
  return Promise.race([comes, nextTurn(true)])
}

type Encoder = ReturnType<typeof createGzip> | ReturnType<typeof createBrotliCompress>

function write(encoder: Encoder, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => encoder.write(piece, (error) => (error ? reject(error) : resolve())))
}

function flush(encoder: Encoder, coding: Coding): Promise<void> {
  const kind = coding === 'br' ? constants.BROTLI_OPERATION_FLUSH : constants.Z_SYNC_FLUSH
  return new Promise((resolve) => encoder.flush(kind, resolve))
}

async function end(encoder: Encoder): Promise<void> {
  encoder.end()
  await once(encoder, 'end')
}
