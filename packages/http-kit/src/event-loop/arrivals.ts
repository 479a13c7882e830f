/** Accepts new connections between pieces of work. */
import { setImmediate as nextTurn } from 'node:timers/promises'

/**
 * The most turns for which one piece of work lets new connections go first: a client that keeps opening connections must not block all
 * work. Turns instead of milliseconds, because running work may use all the time in one or two turns.
 */
const atMost = 512

let arrivals = 0

/** Called for each new connection. */
export function noteArrival(): void {
  arrivals += 1
}

/** How many connections have ever arrived. */
export function connectionsSoFar(): number {
  return arrivals
}

/**
 * Waits until no new connection arrives. Node accepts one connection in each turn of the event loop: with expensive
 * work in each turn, a connection behind three hundred others, such as a health check, would wait for three hundred
 * pieces of work.
 */
export async function afterArrivals(): Promise<void> {
  let seen = -1
  for (let turn = 0; turn < atMost && seen !== arrivals; turn += 1) {
    seen = arrivals
    await nextTurn()
  }
}
