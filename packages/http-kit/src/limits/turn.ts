/** The turn that a request has at the gate, wherever in its work somebody asks for it. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { afterArrivals } from '../event-loop/arrivals.ts'
import { type Asking, enter, type Gate, gone, leave } from './gate.ts'

interface Turn {
  readonly gate: Gate
  readonly asking: Asking
}

/**
 * Handed on by the runtime and not as an argument: what must know whether the caller is still there is the connection to the database, below
 * everything that a route calls, and none of that could forget to hand it on.
 */
const turns = new AsyncLocalStorage<Turn>()

/** Does the work in a turn of its own. @throws as `enter` does */
export async function inTurn<T>(gate: Gate, asking: Asking, work: () => T | Promise<T>): Promise<T> {
  const waiting = enter(gate, asking)
  if (waiting !== undefined) await waiting
  try {
    await afterArrivals()
    return await turns.run({ gate, asking }, work)
  } catch (error) {
    // What was cut because nobody waits for it is no fault of anything.
    throw asking.signal.aborted ? gone() : error
  } finally {
    leave(gate)
  }
}

/** Waits for something that costs nothing, a position or a time: the turn is somebody else's meanwhile. */
export async function outOfTurn<T>(wait: () => Promise<T>): Promise<T> {
  const turn = turns.getStore()
  if (turn === undefined) return wait()
  leave(turn.gate)
  try {
    return await wait()
  } finally {
    await takeAgain(turn)
  }
}

/** `inTurn` gives a turn back in any case, so that there has to be one. */
async function takeAgain({ gate, asking }: Turn): Promise<void> {
  try {
    await enter(gate, asking)
  } catch (error) {
    gate.working += 1
    throw error
  }
}

/** The work of all who wait for it: it does not end when the one who began it leaves. */
export function forEverybody<T>(work: () => T): T {
  return turns.exit(work)
}

/** Aborted when the caller of the work that is being done has left; undefined where nobody in particular waits for it. */
export function callerLeaves(): AbortSignal | undefined {
  return turns.getStore()?.asking.signal
}
