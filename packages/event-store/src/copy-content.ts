/** Bytes before the first row (PostgreSQL documentation, COPY, Binary Format): signature, flags, and the length of an extension, which is 0. */
const headerBytes = 19
/** Bytes before the one field of a row: the number of fields, and its length. */
const rowBytes = 2 + 4

const noBytes = Buffer.alloc(0)

/**
 * The bytes of the fields, one after the other, of a COPY in the binary format that has one column and no null.
 *
 * @param chunks its output, divided anywhere
 */
export async function* contentOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let beforeField = headerBytes + rowBytes
  /** Bytes of the open field that are still to come. */
  let left = 0
  let unread: Buffer = noBytes
  for await (const chunk of chunks) {
    const bytes: Buffer = unread.length === 0 ? chunk : Buffer.concat([unread, chunk])
    let at = 0
    for (;;) {
      const end = Math.min(at + left, bytes.length)
      if (end > at) yield bytes.subarray(at, end)
      left -= end - at
      at = end
      // The end of the output is shorter than the beginning of a row.
      if (at + beforeField > bytes.length) break
      at += beforeField
      left = bytes.readInt32BE(at - 4)
      beforeField = rowBytes
    }
    unread = bytes.subarray(at)
  }
}
