/** What a trial of a failover does: the same seed, the same plan. */

export type Random = () => number

/** Mulberry32. */
export function randomFrom(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export interface Plan {
  readonly seed: number
  readonly replication: 'synchronous' | 'asynchronous'
  /** Milliseconds of load before anything happens. */
  readonly before: number
  /** Milliseconds for which the standby gets nothing before the primary is killed; 0: replication is never cut. */
  readonly cutFor: number
  /** Killed together with the primary. */
  readonly killed: readonly ('command' | 'projection')[]
  /** Milliseconds until the standby is promoted. */
  readonly downFor: number
  /** Milliseconds of load afterwards. */
  readonly after: number
}

export function planOf(seed: number): Plan {
  const random = randomFrom(seed)
  const replication = random() < 0.4 ? 'synchronous' : 'asynchronous'
  const [before, after] = [1_000 + 1_500 * random(), 1_000 + 1_000 * random()]
  // Long enough that what is lost was signed.
  const isCut = random() < 0.75
  const cutFor = replication === 'asynchronous' && isCut ? 1_500 + 1_500 * random() : 0
  const killed = (['command', 'projection'] as const).filter(() => random() < 0.25)
  const downFor = 300 + 700 * random()
  return { seed, replication, before, cutFor, killed, downFor, after }
}

export function planText({ replication, cutFor, killed }: Plan): string {
  const cut = cutFor > 0 ? `, replication cut ${(cutFor / 1000).toFixed(1)} s before` : ''
  return `${replication}${cut}, killed: primary${killed.map((one) => ` and ${one} service`).join('')}`
}
