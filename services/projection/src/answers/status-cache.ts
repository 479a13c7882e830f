/**
 * The answers to the question how a proposal stands that this instance keeps in memory.
 *
 * The guarantee. A read may lag behind the log, and its `Log-Position` says how far it has seen. What it shows is never
 * older than that: every event up to that position is in it. Four rules keep this true:
 *
 * 1. The position moves forward only together with the ids of all proposals that changed on the way, and their answers
 *    are dropped in the same step (`advance` in projections/view.ts).
 * 2. An answer read from the database comes with the position of the very snapshot that it was read in, and is kept
 *    only when that is not before the position of the view (`keep`): a change that the view has already passed could not be dropped any more.
 * 3. A new generation or another log empties the memory.
 * 4. An answer that shows what lies at other proposals (who is linked to it, its parts, and what they come to) names the position that it
 *    was read at (`onlyAt`) and is served at that very position alone. Any event at all ends it, so that nothing has to be known of which
 *    others it depends on. An answer that depends on no others begins to when somebody links to it; those who move the view therefore name
 *    with each changed proposal the ones that it is linked to.
 *
 * An instance whose own projector moved the view need not read back what that has just written: it makes the answer of what the projector
 * holds, as long as that stands at the position of the view (`heldAt` in status/states.ts).
 */
import { LRUCache } from 'lru-cache'
import { type Checkpoint, createView, type View } from '../projections/view.ts'
import type { States } from '../status/states.ts'

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

export interface StatusView extends View<States> {
  readonly answers: LRUCache<string, KeptAnswer>
}

/** Overhead of an entry beside its texts: key, object, links of the list. */
const entryBytes = 400

/**
 * Characters of an answer, and bytes of what one is made of, that are answered from memory at most. What is longer is rare, and is answered in a
 * turn: many callers at once who ask for it and take nothing would have more memory than there is, while what is short goes out as it is.
 */
export const longestKept = 128 * 1024

export function createStatusView(at: Checkpoint, cacheBytes: number): StatusView {
  const answers = new LRUCache<string, KeptAnswer>({
    maxSize: cacheBytes,
    sizeCalculation: (answer) => answer.body.length * 2 + entryBytes,
  })
  const view = createView<States>(at, (changed) => {
    if (changed === 'many') answers.clear()
    else for (const proposalId of changed) answers.delete(proposalId)
  })
  return Object.assign(view, { answers })
}

/** Keeps an answer that was read in a snapshot standing at `at`, unless the view has moved past it meanwhile. */
export function keep(view: StatusView, proposalId: string, answer: KeptAnswer, at: Checkpoint): void {
  if (at.generation !== view.generation || at.logId !== view.logId || at.position < view.position) return
  if (answer.body.length <= longestKept) view.answers.set(proposalId, answer)
}

/** The kept answer, if it holds on this day. */
export function kept(view: StatusView, proposalId: string, day: string): KeptAnswer | undefined {
  const answer = view.answers.get(proposalId)
  if (answer === undefined || (answer.onlyAt !== null && answer.onlyAt !== view.position)) return undefined
  return day >= answer.day && (answer.until === null || day < answer.until) ? answer : undefined
}
