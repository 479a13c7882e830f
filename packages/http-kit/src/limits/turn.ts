/** The turn that a request has at the gate, available anywhere in its work. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { afterArrivals } from '../event-loop/arrivals.ts'
import { type Asking, enter, type Gate, gone, leave } from './gate.ts'

interface Turn {
  readonly gate: Gate
  readonly asking: Asking
}

/**
 * Passed on by the runtime and not as an argument. The database connection must know whether the caller is still there; it is below
 * everything that a route calls, and none of that code can forget to pass it on.
 */
const turns = new AsyncLocalStorage<Turn>()

/** Does the work in its own turn. @throws like `enter` */
export async function inTurn<T>(gate: Gate, asking: Asking, work: () => T | Promise<T>): Promise<T> {
  const waiting = enter(gate, asking)
  if (waiting !== undefined) await waiting
  try {
    await afterArrivals()
    return await turns.run({ gate, asking }, work)
  } catch (error) {
    // Work that was cut because nobody waits for it is not a fault.
    throw asking.signal.aborted ? gone() : error
  } finally {
    leave(gate)
  }
}

/** Waits for something that costs nothing, a position or a time; meanwhile somebody else has the turn. */
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

/** `inTurn` always gives a turn back, so there has to be one. */
async function takeAgain({ gate, asking }: Turn): Promise<void> {
  try {
    await enter(gate, asking)
  } catch (error) {
    gate.working += 1
    throw error
  }
}

/** Work that several callers wait for: it does not end when the one who began it leaves. */
export function forEverybody<T>(work: () => T): T {
  return turns.exit(work)
}

/** Aborted when the caller of the current work has left; undefined if no particular caller waits for it. */
export function callerLeaves(): AbortSignal | undefined {
  return turns.getStore()?.asking.signal
}
