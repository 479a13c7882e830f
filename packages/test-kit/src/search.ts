import { randomInt } from 'node:crypto'

/**
 * Random searches. `npm test` searches the same way each time, so that a failure can be repeated; `npm run soak` (`SOAK=1`) searches
 * further, from a new seed. `SEED=<number>` repeats a search from its seed (for a soak: with `SOAK=1`).
 */
const { SOAK, SEED } = process.env
const soaking = SOAK === '1'
const usualSeed = 20_261_128

interface Remarks {
  comment(text: string): unknown
}

/** The seed of this search. It is remarked, and so printed if the test fails. */
export function searchSeed(t: Remarks): number {
  const fresh = soaking ? randomInt(2 ** 31) : usualSeed
  const seed = SEED === undefined ? fresh : Number(SEED)
  t.comment(`seed ${seed}`)
  return seed
}

/** How much is tried: normally, and in `npm run soak`. */
export function searchRuns(usual: number, soak: number): number {
  return soaking ? soak : usual
}

/** For fast-check: a hundred values unless told otherwise, and ten times as many in a soak. */
export function search(t: Remarks, runs = 100): { seed: number; numRuns: number } {
  return { seed: searchSeed(t), numRuns: searchRuns(runs, 10 * runs) }
}
