import { Passing } from './passing.ts'

/** How long an answer of a service is waited for. */
interface Patience {
  readonly url: string
  readonly onWait: ((sentence: string) => void) | undefined
  readonly silentFor: number
  readonly slowAfter: number
}

/** An answer that brings fewer bytes than this in a minute is given up: it need never end. */
const leastBytes = 65_536

/**
 * The pieces of an answer, as long as they keep coming. Only the time counts in which a piece is waited for. A user is told of an answer that comes
 * slowly. @throws Passing
 */
export async function* keepingPace<Piece extends Uint8Array>(
  { url, onWait, silentFor, slowAfter }: Patience,
  path: string,
  pieces: AsyncIterable<Piece>,
): AsyncGenerator<Piece, void, undefined> {
  let [waited, came, untold] = [0, 0, 0]
  let began = performance.now()
  for await (const piece of pieces) {
    const time = performance.now() - began
    waited += time
    untold += time
    came += piece.length
    if (waited >= slowAfter) {
      if (came < leastBytes) throw new Passing(`it brought ${came} bytes in ${seconds(waited)} s`)
      waited = 0
      came = 0
    }
    if (untold >= silentFor) {
      untold = 0
      if (came < leastBytes)
        onWait?.(`${url}${path}: ${came} bytes came in ${seconds(waited)} s; the rest is waited for.`)
    }
    yield piece
    began = performance.now()
  }
}

function seconds(time: number): number {
  return Math.round(time / 1_000)
}
