import { type BodyRoom, type GiveBack, Problem, problem } from '@commitments/http-kit'
import { eventLimit } from './conditions.ts'

/** Room for the lines that have begun and not ended, of all imports together. */
export interface BegunLines {
  readonly begun: BodyRoom
  /** Milliseconds that a line waits for it. */
  readonly begunMs: number
}

/** Bytes that every import may hold of a line that has not ended: thousands of them take little. */
const withoutRoom = 16 * 1024

const lineFeed = 0x0a

/**
 * The chunks of a body of lines. The next one is read only when there is room for the line that has begun, if that is a long one: a line is held until its
 * end arrives, and a sender may take its time.
 *
 * @throws Problem 503 `unavailable` if there is no room in time
 */
export async function* withRoomForBegun(
  chunks: AsyncIterable<Buffer>,
  caller: string,
  limits: BegunLines,
): AsyncGenerator<Buffer, void, undefined> {
  let begun = 0
  let giveBack: GiveBack | null = null
  try {
    for await (const chunk of chunks) {
      yield chunk
      const end = chunk.lastIndexOf(lineFeed)
      begun = end === -1 ? begun + chunk.length : chunk.length - end - 1
      if (end !== -1) {
        giveBack?.()
        giveBack = null
      }
      if (begun > withoutRoom) giveBack ??= await takeRoom(caller, limits)
    }
  } finally {
    giveBack?.()
  }
}

async function takeRoom(caller: string, { begun, begunMs }: BegunLines): Promise<GiveBack> {
  try {
    return await begun.take(caller, eventLimit, begunMs)
  } catch (fault) {
    if (!(fault instanceof Problem)) throw fault
    const detail =
      'The service is busy: it holds as many long lines of imports whose ends have not arrived as it can. Nothing from this line on was recorded; send it again, with fewer imports at once.'
    throw problem('unavailable', detail, { headers: { 'retry-after': '10' } })
  }
}
