import { hash } from 'node:crypto'

/** A SHA-256 hash: 32 bytes. */
export type Hash = Buffer

/** Bytes of a hash. */
export const hashBytes = 32

/** The root of the tree without leaves: SHA-256 of the empty string (RFC 6962, 2.1: `MTH({}) = SHA-256()`). */
export const emptyRoot: Hash = hash('sha256', '', 'buffer')

// Both hashes are taken over a prefix byte and the rest, in a reused buffer: nothing here awaits, so no other call can interfere, and one
// call to `hash` is much faster than a hash object that is fed twice.
const leafInput = Buffer.alloc(65_536)
const nodeInput = Buffer.alloc(1 + 2 * hashBytes, 0x01)

/**
 * The leaf of one entry: `SHA-256(0x00 ‖ entry)` (RFC 6962, 2.1; RFC 9162, 2.1.1). For an event, the entry is its line without the line
 * feed.
 */
export function leafHash(entry: Uint8Array): Hash {
  if (entry.length >= leafInput.length) return sha256(Buffer.concat([Buffer.of(0x00), entry]))
  leafInput.set(entry, 1)
  return sha256(leafInput.subarray(0, entry.length + 1))
}

/**
 * Writes the leaf of an entry into `hashes` at `at`, without a copy of the entry.
 *
 * @param prefixed the prefix byte 0x00, and the entry behind it
 */
export function writeLeafHash(hashes: Buffer, at: number, prefixed: Uint8Array): void {
  hashes.write(hash('sha256', prefixed, 'binary'), at, hashBytes, 'latin1')
}

/** An inner node: `SHA-256(0x01 ‖ left ‖ right)` (RFC 6962, 2.1; RFC 9162, 2.1.1). The prefixes keep a leaf from passing as a node. */
export function nodeHash(left: Hash, right: Hash): Hash {
  nodeInput.set(left, 1)
  nodeInput.set(right, 1 + hashBytes)
  return sha256(nodeInput)
}

/**
 * Through a text of one character for each byte: for a buffer, `hash` allocates one outside of the pool, which takes longer than hashing.
 */
function sha256(input: Uint8Array): Hash {
  return Buffer.from(hash('sha256', input, 'binary'), 'latin1')
}

/** Whether a value is a hash: 32 bytes. */
export function isHash(value: unknown): value is Hash {
  return value instanceof Uint8Array && value.length === hashBytes
}
