/** Connections that come while there is work. */
import { setImmediate as nextTurn } from 'node:timers/promises'

/**
 * Turns that one piece of work lets newcomers in first: whoever keeps opening connections must not hold up all work. Turns and not milliseconds, since
 * those that are at work already may take all the time there is in one or two turns.
 */
const atMost = 512

let arrivals = 0

/** Called for each connection that is made. */
export function noteArrival(): void {
  arrivals += 1
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
