import { createHash } from 'node:crypto'
import { type Hash, type HashReader, leafHash, nodeHash } from '@commitments/transparency'

/** A complete tree in memory: `levels[l][i]` is the root of the perfect subtree (l, i). */
export interface WholeTree {
  readonly leaves: readonly Hash[]
  readonly read: HashReader
}

/** The tree over these entries, with every perfect subtree precomputed. */
export function treeOver(entries: readonly Uint8Array[]): WholeTree {
  const levels: Hash[][] = [entries.map(leafHash)]
  for (let below = levels[0] as Hash[]; below.length > 1; below = levels.at(-1) as Hash[]) {
    const pairs = Array.from({ length: Math.floor(below.length / 2) }, (_, at) => at * 2)
    levels.push(pairs.map((at) => nodeHash(below[at] as Hash, below[at + 1] as Hash)))
  }
  return { leaves: levels[0] as Hash[], read: (level, index) => present(levels[level]?.[index], level, index) }
}

/** Entries that differ from each other: their own numbers as text. */
export function numbered(count: number): Buffer[] {
  return Array.from({ length: count }, (_, at) => Buffer.from(`entry ${at}`))
}

/** RFC 6962, 2.1, literally, with recursion and its own hashing: it shares no code with what is tested. */
export function rootByTheBook(entries: readonly Uint8Array[]): string {
  if (entries.length === 0) return sha256()
  if (entries.length === 1) return sha256(Buffer.of(0x00), entries[0] as Uint8Array)
  const middle = 2 ** Math.ceil(Math.log2(entries.length) - 1)
  const left = Buffer.from(rootByTheBook(entries.slice(0, middle)), 'hex')
  return sha256(Buffer.of(0x01), left, Buffer.from(rootByTheBook(entries.slice(middle)), 'hex'))
}

function sha256(...parts: Uint8Array[]): string {
  return createHash('sha256').update(Buffer.concat(parts)).digest('hex')
}

function present(hash: Hash | undefined, level: number, index: number): Hash {
  if (!hash) throw new RangeError(`No perfect subtree ${index} at level ${level}`)
  return hash
}
