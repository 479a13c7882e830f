/** Connections that come while there is work. */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** Milliseconds that one piece of work lets newcomers in first: whoever keeps opening connections must not hold up all work. */
const atMost = 100

let arrivals = 0

/** Called for each connection that is made. */
export function noteArrival(): void {
  arrivals += 1
}

/**
 * Waits until nobody is at the door. Node takes up one connection in each turn of the event loop: with dear work in each turn, whoever came behind
 * three hundred others would wait for three hundred pieces of it, and a check of health would be among them.
 */
export async function afterArrivals(): Promise<void> {
  const until = performance.now() + atMost
  let seen = -1
  while (seen !== arrivals && performance.now() < until) {
    seen = arrivals
    await nextTurn()
  }
}
