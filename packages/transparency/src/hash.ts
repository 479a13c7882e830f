import { hash } from 'node:crypto'

/** A SHA-256 hash: 32 bytes. */
export type Hash = Buffer

/** Bytes of a hash. */
export const hashBytes = 32

/** The root of the tree without leaves: SHA-256 of nothing (RFC 6962, 2.1: `MTH({}) = SHA-256()`). */
export const emptyRoot: Hash = hash('sha256', '', 'buffer')

// Both hashes are taken over a prefix byte and what follows it, in a buffer that is used again each time: nothing here waits, so nobody
// comes in between, and one call to `hash` is much quicker than a hash object that is fed twice.
const leafInput = Buffer.alloc(65_536)
const nodeInput = Buffer.alloc(1 + 2 * hashBytes, 0x01)

/**
 * The leaf of one entry: `SHA-256(0x00 ‖ entry)` (RFC 6962, 2.1; RFC 9162, 2.1.1). For an event the entry is its line without the LF at
 * its end.
 */
export function leafHash(entry: Uint8Array): Hash {
  if (entry.length >= leafInput.length) return sha256(Buffer.concat([Buffer.of(0x00), entry]))
  leafInput.set(entry, 1)
  return sha256(leafInput.subarray(0, entry.length + 1))
}

/** An inner node: `SHA-256(0x01 ‖ left ‖ right)` (RFC 6962, 2.1; RFC 9162, 2.1.1). The prefixes keep a leaf from passing as a node. */
export function nodeHash(left: Hash, right: Hash): Hash {
  nodeInput.set(left, 1)
  nodeInput.set(right, 1 + hashBytes)
  return sha256(nodeInput)
}

/** By way of a text of one character a byte: asked for a buffer, `hash` allocates one outside of the pool, which takes longer than hashing. */
function sha256(input: Uint8Array): Hash {
  return Buffer.from(hash('sha256', input, 'binary'), 'latin1')
}

/** Whether something is a hash at all: 32 bytes. */
export function isHash(value: unknown): value is Hash {
  return value instanceof Uint8Array && value.length === hashBytes
}
