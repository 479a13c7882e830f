/** Proofs for the events of an answer. */
import type { Queryable } from '@commitments/event-store'
import { readPublished } from './published.ts'
import { proveInclusions } from './tile-store.ts'

/** Proofs made at once: each may need its own tiles of 8 KiB. */
const atOnce = 64

/** The beginning of a line, also of an event that was erased. */
const positionShape = /^\{"position":(\d+),/

/**
 * For each line the JSON text of `{index, size, hashes}`, all for the tree of the same signed checkpoint. `null` for an event that the
 * checkpoint does not cover yet; null for all if nothing is signed.
 * @throws TileMissing
 */
export async function proofsBeside(client: Queryable, lines: readonly string[]): Promise<string[]> {
  const size = (await readPublished(client))?.size ?? 0
  const indexes = lines.map((line) => Number(positionShape.exec(line)?.[1]) - 1)
  const covered = indexes.filter((index) => index < size)
  const proofs = new Map<number, string>()
  for (let start = 0; start < covered.length; start += atOnce) {
    const some = covered.slice(start, start + atOnce)
    const made = await proveInclusions(client, some, size)
    for (const [at, index] of some.entries()) proofs.set(index, textOf(index, size, made.proofs[at] as Buffer[]))
  }
  return indexes.map((index) => proofs.get(index) ?? 'null')
}

function textOf(index: number, size: number, hashes: readonly Buffer[]): string {
  return JSON.stringify({ index, size, hashes: hashes.map((hash) => hash.toString('base64')) })
}
