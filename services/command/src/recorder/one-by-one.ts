/** Wishes for one proposal are planned one after the other, in the order in which they came: at once, all but one would be planned for nothing. */
import { Overloaded } from './requests.ts'

interface Lines {
  /** By proposal: settled when the last one that came is done. */
  readonly last: Map<string, Promise<void>>
  /** How many wait, by caller. */
  readonly waiting: Map<string, number>
}

/** Wishes that wait in this process, of all callers and of one: each is held in memory. */
const mostWaiting = { all: 256, ofCaller: 64 } as const

export function createLines(): Lines {
  return { last: new Map(), waiting: new Map() }
}

/**
 * Does the work for a proposal when those that came before it are done.
 *
 * @throws Overloaded if too many wait
 */
export async function oneByOne<Result>(
  { last, waiting }: Lines,
  { proposalId, caller }: { readonly proposalId: string; readonly caller: string },
  work: () => Promise<Result>,
): Promise<Result> {
  const before = last.get(proposalId)
  if (before) enter(waiting, caller)
  const done = Promise.withResolvers<void>()
  last.set(proposalId, done.promise)
  try {
    if (before) await before.finally(() => leave(waiting, caller))
    return await work()
  } finally {
    done.resolve()
    if (last.get(proposalId) === done.promise) last.delete(proposalId)
  }
}

function enter(waiting: Lines['waiting'], caller: string): void {
  const own = waiting.get(caller) ?? 0
  const all = [...waiting.values()].reduce((sum, count) => sum + count, 0)
  if (all >= mostWaiting.all || own >= mostWaiting.ofCaller) throw new Overloaded('too many wishes are waiting')
  waiting.set(caller, own + 1)
}

function leave(waiting: Lines['waiting'], caller: string): void {
  const own = (waiting.get(caller) ?? 0) - 1
  if (own > 0) waiting.set(caller, own)
  else waiting.delete(caller)
}
