/**
 * What this instance knows of the read model: how far it is, and which answers it keeps in memory.
 *
 * The guarantee. A read may lag behind the log, and its `Log-Position` says how far it has seen. What it shows is never
 * older than that: every event up to that position is in it. Three rules keep this true:
 *
 * 1. The position moves forward only together with the ids of all proposals that changed on the way, and their answers
 * are dropped in the
 *    same step (`advance`); nothing can be served in between, for there is no `await` in it.
 * 2. An answer read from the database comes with the position of the very snapshot that it was read in, and is kept
 * only when that is not
 *    before the position of the view (`keep`): a change that the view has already passed could not be dropped any more.
 * 3. A new generation or another log empties the memory.
 *
 * An answer may show what lies at other proposals: who is linked to it, its parts, and what they come to. Then a fourth
 * rule holds:
 *
 * 4. Such an answer names the position that it was read at (`onlyAt`) and is served at that very position alone. Any
 * event at all ends it, so that nothing has to be known of which others it depends on. An answer that depends on no
 * others begins to when somebody links to it; those who move the view therefore name with each changed proposal the
 * ones that it is linked to.
 *
 * An instance whose own projector moves the view need not read back what it has just written: it keeps what the answers
 * are made of (`fresh`), of proposals that nobody is linked to. That is dropped when an answer would be, by rules 1, 3 and 4.
 */
import { LRUCache } from 'lru-cache'
import type { Held } from './apply.ts'
import type { Fresh } from './states.ts'

export interface KeptAnswer {
  readonly status: 200 | 404
  readonly body: string
  readonly etag: string
  /** The day for which it was worked out; it holds until `until` (exclusive), or for ever when that is null. */
  readonly day: string
  readonly until: string | null
  /** The only position of the view at which it holds, where it depends on other proposals; else null. */
  readonly onlyAt: number | null
}

/** Where the read model stands: one snapshot's view of it. */
export interface Standing {
  readonly logId: string
  readonly generation: number
  readonly position: number
}

interface Waiter {
  readonly position: number
  readonly resume: () => void
}

export interface View extends Standing {
  logId: string
  generation: number
  position: number
  readonly answers: LRUCache<string, KeptAnswer>
  readonly fresh: LRUCache<string, Held>
  readonly waiters: Set<Waiter>
}

/** Changed proposals and those that they are linked to, or `'many'` where it is cheaper to forget all. */
export type Changed = Iterable<string> | 'many'

/** Overhead of an entry beside its texts: key, object, links of the list. */
const entryBytes = 400

/**
 * Characters of an answer, and bytes of what is fresh, that are kept at most. What is longer is rare, and is answered in a turn: many callers at once who
 * ask for it and take nothing would have more memory than there is, while what is short goes out as it is.
 */
const longestKept = 128 * 1024

/** Of the memory of a view, for what is fresh: who wants it wants it at once. */
const shareOfFresh = 1 / 6

export function createView(standing: Standing, cacheBytes: number): View {
  const fresh = new LRUCache<string, Held>({ maxSize: Math.ceil(cacheBytes * shareOfFresh) })
  const answers = new LRUCache<string, KeptAnswer>({
    maxSize: Math.ceil(cacheBytes * (1 - shareOfFresh)),
    sizeCalculation: (answer) => answer.body.length * 2 + entryBytes,
  })
  return { ...standing, answers, fresh, waiters: new Set() }
}

/**
 * Moves the view to where the read model now stands, drops what changed on the way, and wakes those who waited for it.
 *
 * @param alone of what changed, the proposals that nobody is linked to, as they are at `to`
 */
export function advance(view: View, to: Standing, changed: Changed, alone: Iterable<Fresh> = []): void {
  const same = to.generation === view.generation && to.logId === view.logId && to.position >= view.position
  drop(view, same ? changed : 'many')
  for (const { held, bytes } of alone) if (bytes <= longestKept) view.fresh.set(held.proposalId, held, { size: bytes })
  view.generation = to.generation
  view.logId = to.logId
  view.position = to.position
  for (const waiter of view.waiters) if (waiter.position <= view.position) waiter.resume()
}

function drop({ answers, fresh }: View, changed: Changed): void {
  if (changed === 'many') {
    answers.clear()
    fresh.clear()
    return
  }
  for (const proposalId of changed) {
    answers.delete(proposalId)
    fresh.delete(proposalId)
  }
}

/** Keeps an answer that was read in a snapshot standing at `at`, unless the view has moved past it meanwhile. */
export function keep(view: View, proposalId: string, answer: KeptAnswer, at: Standing): void {
  if (at.generation !== view.generation || at.logId !== view.logId || at.position < view.position) return
  if (answer.body.length <= longestKept) view.answers.set(proposalId, answer)
}

/** The kept answer, if it holds on this day. */
export function kept(view: View, proposalId: string, day: string): KeptAnswer | undefined {
  const answer = view.answers.get(proposalId)
  if (answer === undefined || (answer.onlyAt !== null && answer.onlyAt !== view.position)) return undefined
  return day >= answer.day && (answer.until === null || day < answer.until) ? answer : undefined
}

/** Resolves to true once the view has reached the position, to false when the time is over or the signal fires. */
export function reached(view: View, position: number, milliseconds: number, signal?: AbortSignal): Promise<boolean> {
  if (position <= view.position) return Promise.resolve(true)
  return new Promise((resolve) => {
    const end = (result: boolean) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
      view.waiters.delete(waiter)
      resolve(result)
    }
    const giveUp = () => end(false)
    const waiter = { position, resume: () => end(true) }
    const timer = setTimeout(giveUp, milliseconds)
    signal?.addEventListener('abort', giveUp, { once: true })
    view.waiters.add(waiter)
    if (signal?.aborted) giveUp()
  })
}
