/** The longest line of a log: the longest entry of its tiles (C2SP tlog-tiles, Log entries). */
export const longestLine = 65_535

/** The rest of the previous chunk: the beginning of a line. */
interface LineSplitter {
  rest: Buffer
}

/** Takes a line without its LF, which is valid until the call returns. False: take no more. */
export type TakeLine = (line: Buffer) => boolean

/** Works on what was taken, before more is read. False: take no more. */
export type Rest = () => Promise<boolean>

export const noRest: Rest = async () => true

export function lineSplitter(): LineSplitter {
  return { rest: nothing }
}

const nothing = Buffer.alloc(0)
const lineFeed = 0x0a

/**
 * Passes on every line that this chunk completes, as bytes; false as soon as `take` returns false. A line that exceeds the limit is passed
 * on before it ends, so that memory stays bounded whatever is sent.
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
  // A copy, because the source of the chunk may reuse its memory.
  if (start < chunk.length) splitter.rest = Buffer.concat([splitter.rest, chunk.subarray(start)])
  return splitter.rest.length <= longestLine + 1 || take(splitter.rest)
}
