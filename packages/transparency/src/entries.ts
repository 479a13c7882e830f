/** The longest entry that a bundle can hold: its length is a 16 bit number. */
export const maxEntryBytes = 65_535

/**
 * An entry bundle: "sequences of big-endian uint16 length-prefixed log entries" (C2SP tlog-tiles, Log entries). RangeError for an entry of more
 * than 65,535 bytes.
 */
export function encodeEntries(entries: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.alloc(entries.reduce((sum, entry) => sum + 2 + entry.length, 0))
  let at = 0
  for (const entry of entries) {
    if (entry.length > maxEntryBytes)
      throw new RangeError(`An entry has ${entry.length} bytes, at most ${maxEntryBytes} fit`)
    at = bytes.writeUInt16BE(entry.length, at)
    bytes.set(entry, at)
    at += entry.length
  }
  return bytes
}

/** The entries of a bundle (views into it), or null if it ends within an entry. */
export function decodeEntries(bundle: Uint8Array): Buffer[] | null {
  const bytes = Buffer.from(bundle.buffer, bundle.byteOffset, bundle.byteLength)
  const entries: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    if (at + 2 > bytes.length) return null
    const start = at + 2
    at = start + bytes.readUInt16BE(at)
    if (at > bytes.length) return null
    entries.push(bytes.subarray(start, at))
  }
  return entries
}
