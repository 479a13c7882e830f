/** The longest line that a log can hold: what an entry of its tiles can (C2SP tlog-tiles, Log entries). */
export const longestLine = 65_535

/** What is left of the chunk before: the beginning of a line. */
interface LineSplitter {
  rest: Buffer
}

/** Takes a line without its LF, which is good until the call returns. False: no more of them. */
export type TakeLine = (line: Buffer) => boolean

export function lineSplitter(): LineSplitter {
  return { rest: nothing }
}

const nothing = Buffer.alloc(0)
const lineFeed = 0x0a

/**
 * Gives every line that this chunk completes, as the bytes that it is; false as soon as `take` says so. A line that is longer than any can
 * be is given before it ends, so that memory stays bounded whatever is sent.
 */
export function splitLines(splitter: LineSplitter, chunk: Buffer, take: TakeLine): boolean {
  let start = 0
  for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
    const piece = chunk.subarray(start, end)
    const line = splitter.rest.length === 0 ? piece : Buffer.concat([splitter.rest, piece])
    splitter.rest = nothing
    start = end + 1
    if (!take(line)) return false
  }
  // A copy: whoever gave the chunk may use its memory again.
  if (start < chunk.length) splitter.rest = Buffer.concat([splitter.rest, chunk.subarray(start)])
  return splitter.rest.length <= longestLine + 1 || take(splitter.rest)
}
