import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { append, emptyFrontier, type Hash, type HashReader, hashBytes, rootOfFrontier } from '@commitments/transparency'
import { makeTemporaryFolder, removeTemporaryFolder } from '../temporary.ts'

/**
 * The leaf hashes of a log, in order, in a file: the concatenated full tiles of level 0. It takes 32 bytes an event on disk and hardly any
 * memory. With it, an auditor can name a position later, when the lines themselves are gone.
 */
export interface Leaves {
  /** Path of the file. */
  readonly path: string
  readonly file: number
  size: number
  readonly waiting: Buffer
  /** Bytes in `waiting`. */
  filled: number
  /** Hashes of perfect subtrees of 256 leaves and more: those that a scan came by, and those that a proof needed. */
  readonly roots: Map<string, Hash>
  readonly dispose: () => void
}

const bufferedLeaves = 8_192

/** A file in a temporary folder, which `dispose` removes. */
export function createLeaves(): Leaves {
  const folder = makeTemporaryFolder()
  const path = join(folder, 'leaves')
  const file = openSync(path, 'w+', 0o600)
  const dispose = () => {
    closeSync(file)
    removeTemporaryFolder(folder)
  }
  return { ...emptyLeaves(path, file), dispose }
}

/** The kept leaves; incomplete hashes at the end are ignored. */
export function openLeaves(path: string, bytes: number): Leaves {
  const file = openSync(path, 'r')
  return { ...emptyLeaves(path, file), size: Math.floor(bytes / hashBytes), dispose: () => closeSync(file) }
}

function emptyLeaves(path: string, file: number) {
  const waiting = Buffer.allocUnsafe(bufferedLeaves * hashBytes)
  return { path, file, size: 0, waiting, filled: 0, roots: new Map<string, Hash>() }
}

/** A perfect subtree that was computed while leaves were added: whoever reads 256 leaves again to get its hash reads all of them twice. */
export function keepRoot({ roots }: Leaves, level: number, index: number, hash: Hash): void {
  if (level === 8) roots.set(`${level}/${index}`, hash)
}

export function addLeaf(leaves: Leaves, leaf: Hash): void {
  leaves.waiting.set(leaf, leaves.filled)
  leaves.filled += hashBytes
  leaves.size += 1
  if (leaves.filled === leaves.waiting.length) flushLeaves(leaves)
}

export function flushLeaves(leaves: Leaves): void {
  for (let from = 0; from < leaves.filled; ) {
    from += writeSync(leaves.file, leaves.waiting, from, leaves.filled - from)
  }
  leaves.filled = 0
}

/** Leaves `from` up to, not including, `to`; fewer if there are no more. */
export function readLeaves(leaves: Leaves, from: number, to: number): Buffer {
  flushLeaves(leaves)
  const bytes = Buffer.alloc(Math.max(0, Math.min(to, leaves.size) - from) * hashBytes)
  let read = 0
  while (read < bytes.length) {
    const more = readSync(leaves.file, bytes, read, bytes.length - read, from * hashBytes + read)
    if (more === 0) break
    read += more
  }
  return bytes.subarray(0, read)
}

export function leafAt(bytes: Buffer, index: number): Hash {
  return bytes.subarray(index * hashBytes, (index + 1) * hashBytes)
}

/** Every leaf below `size` in order, with some thousands in memory. */
function* eachLeaf(leaves: Leaves, size: number): Generator<Hash, void, undefined> {
  for (let from = 0; from < size; from += bufferedLeaves) {
    const bytes = readLeaves(leaves, from, Math.min(from + bufferedLeaves, size))
    for (let at = 0; at < bytes.length; at += hashBytes) yield bytes.subarray(at, at + hashBytes)
  }
}

/** The root over the first `size` leaves. */
export function rootOfLeaves(leaves: Leaves, size: number): Hash {
  const frontier = emptyFrontier()
  for (const leaf of eachLeaf(leaves, size)) append(frontier, leaf)
  return rootOfFrontier(frontier)
}

/** Reads perfect subtrees for proofs. Those of 256 leaves and more are computed once and kept: 1/256 of the leaves, in memory. */
export function leafReader(leaves: Leaves): HashReader {
  const read: HashReader = (level, index) => {
    if (level < 8) return rootOfRange(leaves, index * 2 ** level, 2 ** level)
    const key = `${level}/${index}`
    const known = leaves.roots.get(key) ?? (level === 8 ? rootOfRange(leaves, index * 256, 256) : joined(level, index))
    leaves.roots.set(key, known)
    return known
  }
  const joined = (level: number, index: number): Hash =>
    rootOfFrontier({ size: 2, hashes: [read(level - 1, 2 * index), read(level - 1, 2 * index + 1)] })
  return read
}

function rootOfRange(leaves: Leaves, from: number, count: number): Hash {
  const bytes = readLeaves(leaves, from, from + count)
  if (bytes.length !== count * hashBytes) throw new RangeError(`There are no leaves ${from} to ${from + count - 1}`)
  const frontier = emptyFrontier()
  for (let at = 0; at < count; at += 1) append(frontier, leafAt(bytes, at))
  return rootOfFrontier(frontier)
}
