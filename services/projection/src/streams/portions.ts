import { bounds, maxLineBytes } from '@commitments/domain'

/** The most streams in memory at once, and the most bytes of them together. */
const streamsAtOnce = 50
const bytesAtOnce = 32 * 1024 * 1024

/**
 * A few streams at a time, so that they fit into memory together whatever they contain.
 *
 * @param versionOf approximate number of lines that are read of a stream
 */
export function* inPortions<Stream>(
  streams: readonly Stream[],
  versionOf: (stream: Stream) => number,
): Generator<readonly Stream[]> {
  let portion: Stream[] = []
  let bytes = 0
  for (const stream of streams) {
    const atMost = Math.min(versionOf(stream) * maxLineBytes, bounds.bytes)
    if (portion.length === streamsAtOnce || (portion.length > 0 && bytes + atMost > bytesAtOnce)) {
      yield portion
      portion = []
      bytes = 0
    }
    portion.push(stream)
    bytes += atMost
  }
  if (portion.length > 0) yield portion
}
